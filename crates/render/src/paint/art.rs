//! What every painter is given.

use super::{Pixels, Scratch};
use crate::noise::{Noise, Rng};
use crate::scene::{Background, Frame};
use crate::{Color, math};

/// A painter's canvas, colours and measures.
pub(super) struct Art<'a, 'p> {
    pub(super) pixels: &'a mut Pixels<'p>,
    pub(super) scratch: &'a mut Scratch,
    pub(super) dither: Dither,
    pub(super) colors: &'a [Color],
    pub(super) seed: u64,
    pub(super) calm: Option<Frame>,
    /// Width and height in pixels.
    pub(super) width: f32,
    pub(super) height: f32,
    /// The geometric mean of the sides: one design scales to every shape by it.
    pub(super) unit: f32,
}

impl<'a, 'p> Art<'a, 'p> {
    pub(super) fn new(
        background: &'a Background,
        pixels: &'a mut Pixels<'p>,
        scratch: &'a mut Scratch,
    ) -> Self {
        let (width, height) = (pixels.width as f32, pixels.height as f32);
        Self {
            pixels,
            scratch,
            dither: Dither::new(background.grain),
            colors: &background.colors,
            seed: background.seed,
            calm: background.calm,
            width,
            height,
            unit: (width * height).sqrt(),
        }
    }

    #[inline(always)]
    pub(super) fn rng(&self, purpose: u64) -> Rng {
        Rng::new(self.seed, purpose)
    }

    #[inline(always)]
    pub(super) fn noise(&self, purpose: u64) -> Noise {
        Noise::new(self.seed, purpose)
    }

    /// A colour by its role; the last one stands in where a palette has fewer.
    #[inline(always)]
    pub(super) fn color(&self, index: usize) -> Color {
        self.colors[index.min(self.colors.len() - 1)]
    }

    /// A colour after the ground, going round as often as needed.
    #[inline(always)]
    pub(super) fn accent(&self, index: usize) -> Color {
        let accents = &self.colors[1..];
        accents[index % accents.len()]
    }

    pub(super) fn fill(&mut self, color: Color) {
        let pixel = [color.r, color.g, color.b, 255];
        for out in self.pixels.rgba.chunks_exact_mut(4) {
            out.copy_from_slice(&pixel);
        }
    }

    /// How calm a place has to be: 1 inside the calm area, falling to 0 within
    /// `reach` units around it.
    #[inline(always)]
    pub(super) fn calmness(&self, x: f32, y: f32, reach: f32) -> f32 {
        calmness(self.calm, x, y, reach * self.unit)
    }

    /// The largest rectangle of the canvas that leaves the calm area free.
    pub(super) fn free_area(&self) -> Frame {
        let whole = Frame::new(0.0, 0.0, self.width, self.height);
        let Some(calm) = self.calm else {
            return whole;
        };
        let sides = [
            Frame::new(calm.right(), 0.0, self.width - calm.right(), self.height),
            Frame::new(0.0, calm.bottom(), self.width, self.height - calm.bottom()),
            Frame::new(0.0, 0.0, calm.x, self.height),
            Frame::new(0.0, 0.0, self.width, calm.y),
        ];
        sides
            .into_iter()
            .filter(|side| side.width >= 1.0 && side.height >= 1.0)
            .max_by(|a, b| (a.width * a.height).total_cmp(&(b.width * b.height)))
            .unwrap_or(whole)
    }
}

#[inline(always)]
pub(super) fn calmness(calm: Option<Frame>, x: f32, y: f32, reach: f32) -> f32 {
    let Some(calm) = calm else {
        return 0.0;
    };
    let dx = (calm.x - x).max(x - calm.right()).max(0.0);
    let dy = (calm.y - y).max(y - calm.bottom()).max(0.0);
    1.0 - math::smoothstep(0.0, reach, (dx * dx + dy * dy).sqrt())
}

/// Side of the dither tile.
const TILE: usize = 64;

/// What is added to a channel before it is rounded to a byte: an ordered
/// pattern within half a step, and grain.
#[derive(Clone, Debug)]
pub(super) struct Dither {
    tile: Vec<f32>,
    line: Vec<f32>,
}

impl Dither {
    fn new(grain: f32) -> Self {
        let mut rng = Rng::new(0x6772_6169, 1);
        let tile = (0..TILE * TILE)
            .map(|index| {
                // Two draws make a triangular distribution, softer than one.
                let noise = rng.unit() + rng.unit() - 1.0;
                threshold(index / TILE) + noise * grain * 14.0
            })
            .collect();
        Self {
            tile,
            line: Vec::new(),
        }
    }

    /// The offsets of a row's columns from `left` on, one after the other: the
    /// compiler takes several at a time where it need not wrap around.
    #[inline(always)]
    pub(super) fn line(&mut self, y: usize, left: usize, count: usize) -> &[f32] {
        let start = (y % TILE) * TILE;
        let tile = &self.tile[start..start + TILE];
        self.line.clear();
        self.line.extend_from_slice(&tile[left % TILE..]);
        while self.line.len() < count {
            self.line.extend_from_slice(tile);
        }
        &self.line[..count]
    }
}

/// The threshold of a row, within ±1/2: eight rows in bit-reversed order.
///
/// The pattern runs along rows only. An eye that cannot see one step in 256
/// cannot see it as a line either, the mean over eight rows is right, and PNG
/// filters predict every pixel but those where a step begins, where a
/// two-dimensional pattern would triple the file.
fn threshold(y: usize) -> f32 {
    let reversed = (y & 1) << 2 | (y & 2) | (y & 4) >> 2;
    (reversed as f32 - 3.5) / 8.0
}
