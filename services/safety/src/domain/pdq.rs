//! PDQ: a hash of 256 bits by which pictures that look the same are found.
//!
//! After "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
//! Algorithm" (Facebook, 2019): luminance, two passes of a box filter each way
//! (a Jarosz filter, which makes a tent), 64×64 samples, the lowest 16×16
//! frequencies of their cosine transform without the constant one, and a bit
//! for each that says whether it is above the median. Hashes of one picture
//! differ in few bits after it was scaled, compressed or slightly changed.

mod dihedral;
mod luma;

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use covergen_imaging::Picture;

pub(crate) use dihedral::Turn;
use luma::{Plane, SIDE};

/// Hashes that differ in at most this many bits are of one picture: the
/// distance the paper recommends.
pub(crate) const MAX_DISTANCE: u32 = 31;

/// Pictures below this quality have too little in them to be told apart.
pub(crate) const MIN_QUALITY: i32 = 50;

/// Frequencies kept, each way.
const KEPT: usize = 16;

/// 256 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Pdq([u64; 4]);

/// A text that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PDQ hash has 64 hexadecimal digits")]
pub(crate) struct NotPdq;

/// What is found out about a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Print {
    /// The hash of the picture as it is turned each of eight ways.
    hashes: [Pdq; 8],
    /// 0 to 100.
    pub(crate) quality: i32,
}

/// The lowest frequencies of a picture.
type Waves = [[f32; KEPT]; KEPT];

impl Print {
    /// Hashes a picture. Transparent pixels are seen on white.
    pub(crate) fn of(picture: &Picture) -> Self {
        let samples = Plane::of(picture).samples();
        let waves = waves(&samples);
        Self {
            hashes: Turn::ALL.map(|turn| Pdq::of(&turn.apply(&waves))),
            quality: quality(&samples),
        }
    }

    /// The hash of the picture as it is.
    pub(crate) const fn hash(&self) -> Pdq {
        self.hashes[0]
    }

    /// How far the picture is from a hash, however it is turned; the turn
    /// that comes nearest.
    pub(crate) fn nearest(&self, other: Pdq) -> (u32, Turn) {
        let mut nearest = (self.hashes[0].distance(other), Turn::ALL[0]);
        for (hash, turn) in self.hashes.iter().zip(Turn::ALL).skip(1) {
            let distance = hash.distance(other);
            if distance < nearest.0 {
                nearest = (distance, turn);
            }
        }
        nearest
    }
}

impl Pdq {
    fn of(waves: &Waves) -> Self {
        let mut sorted: Vec<f32> = waves.iter().flatten().copied().collect();
        sorted.sort_unstable_by(f32::total_cmp);
        // The lower of the two in the middle, as the paper's Torben median is.
        let median = sorted[sorted.len() / 2 - 1];
        let mut words = [0; 4];
        for (at, wave) in waves.iter().flatten().enumerate() {
            if *wave > median {
                words[at / 64] |= 1 << (at % 64);
            }
        }
        Self(words)
    }

    /// Bits in which two hashes differ.
    pub(crate) fn distance(self, other: Self) -> u32 {
        self.0
            .iter()
            .zip(other.0)
            .map(|(ours, theirs)| (ours ^ theirs).count_ones())
            .sum()
    }
}

/// Highest bit first, as everybody writes PDQ hashes.
impl fmt::Display for Pdq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .rev()
            .try_for_each(|word| write!(f, "{word:016x}"))
    }
}

impl FromStr for Pdq {
    type Err = NotPdq;

    fn from_str(text: &str) -> Result<Self, NotPdq> {
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotPdq);
        }
        let mut words = [0; 4];
        for (at, word) in words.iter_mut().rev().enumerate() {
            let digits = &text[at * 16..(at + 1) * 16];
            *word = u64::from_str_radix(digits, 16).map_err(|_| NotPdq)?;
        }
        Ok(Self(words))
    }
}

type Samples = [[f32; SIDE]; SIDE];

/// Rows are frequencies 1 to 16, columns the places of samples.
static COSINES: LazyLock<[[f32; SIDE]; KEPT]> = LazyLock::new(|| {
    let mut cosines = [[0.0; SIDE]; KEPT];
    let scale = (2.0 / SIDE as f64).sqrt();
    for (frequency, row) in cosines.iter_mut().enumerate() {
        for (place, cosine) in row.iter_mut().enumerate() {
            let angle = std::f64::consts::PI / (2.0 * SIDE as f64)
                * (frequency + 1) as f64
                * (2 * place + 1) as f64;
            #[allow(clippy::cast_possible_truncation, reason = "to the precision kept")]
            let value = (scale * angle.cos()) as f32;
            *cosine = value;
        }
    }
    cosines
});

fn waves(samples: &Samples) -> Waves {
    let mut half = [[0.0; SIDE]; KEPT];
    for (row, cosines) in half.iter_mut().zip(COSINES.iter()) {
        for (samples, cosine) in samples.iter().zip(cosines) {
            for (sum, sample) in row.iter_mut().zip(samples) {
                *sum += cosine * sample;
            }
        }
    }
    let mut waves = [[0.0; KEPT]; KEPT];
    for (row, half) in waves.iter_mut().zip(&half) {
        for (wave, cosines) in row.iter_mut().zip(COSINES.iter()) {
            *wave = half.iter().zip(cosines).map(|(a, b)| a * b).sum();
        }
    }
    waves
}

/// How much brightness changes from sample to sample, in whole per cents of
/// the range: small changes are noise and do not count.
fn quality(samples: &Samples) -> i32 {
    #[allow(clippy::cast_possible_truncation, reason = "whole per cents are meant")]
    let step = |from: f32, to: f32| ((from - to) * 100.0 / 255.0) as i32;
    let mut sum = 0;
    for rows in samples.windows(2) {
        sum += rows[0]
            .iter()
            .zip(&rows[1])
            .map(|(from, to)| step(*from, *to).abs())
            .sum::<i32>();
    }
    for row in samples {
        sum += row
            .windows(2)
            .map(|two| step(two[0], two[1]).abs())
            .sum::<i32>();
    }
    (sum / 90).min(100)
}

#[cfg(test)]
mod tests;
