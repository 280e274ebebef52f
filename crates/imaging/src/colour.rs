//! The colour a picture is remembered by.

use crate::Picture;

/// Levels per channel of the histogram.
const LEVELS: usize = 16;
/// More samples than this change nothing that an eye would see.
const MAX_SAMPLES: usize = 40_000;

#[derive(Clone, Copy, Default)]
struct Bin {
    weight: f32,
    sum: [f32; 3],
}

/// The dominant colour as sRGB: the mean of the heaviest cell of a coarse
/// histogram, where saturated pixels weigh more than grey ones and transparent
/// pixels weigh nothing. A fully transparent picture gives white.
#[must_use]
pub fn dominant_colour(picture: &Picture) -> [u8; 3] {
    let pixels = picture.rgba().len() / 4;
    let step = (pixels / MAX_SAMPLES).max(1);
    let mut bins = vec![Bin::default(); LEVELS * LEVELS * LEVELS];
    for pixel in picture.rgba().chunks_exact(4).step_by(step) {
        let [r, g, b] = [pixel[0], pixel[1], pixel[2]];
        let high = r.max(g).max(b);
        let low = r.min(g).min(b);
        let saturation = f32::from(high - low) / f32::from(high.max(1));
        let weight = (0.2 + saturation) * f32::from(pixel[3]) / 255.0;
        let cell = |channel: u8| usize::from(channel) * LEVELS / 256;
        let bin = &mut bins[(cell(r) * LEVELS + cell(g)) * LEVELS + cell(b)];
        bin.weight += weight;
        for (sum, channel) in bin.sum.iter_mut().zip([r, g, b]) {
            *sum += f32::from(channel) * weight;
        }
    }
    let heaviest = bins.into_iter().fold(Bin::default(), |best, bin| {
        if bin.weight > best.weight { bin } else { best }
    });
    if heaviest.weight <= 0.0 {
        return [255; 3];
    }
    heaviest
        .sum
        .map(|sum| (sum / heaviest.weight).round() as u8)
}
