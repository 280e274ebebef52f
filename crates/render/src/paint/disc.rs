//! Antialiased stamping: shapes given by a distance, blended onto pixels.

use super::Pixels;
use crate::Color;

/// Blends a colour wherever `coverage(x, y)` (0–1, at pixel centres) says so,
/// within the given bounds.
#[inline(always)]
pub(super) fn stamp(
    pixels: &mut Pixels<'_>,
    bounds: [f32; 4],
    color: Color,
    mut coverage: impl FnMut(f32, f32) -> f32,
) {
    let [x0, y0, x1, y1] = bounds;
    let (width, height) = (pixels.width, pixels.height);
    let (left, right) = (span(x0, width), span(x1 + 1.0, width));
    let (top, bottom) = (span(y0, height), span(y1 + 1.0, height));
    let tint = color.channels();
    for y in top..bottom {
        let row = &mut pixels.row(y)[left * 4..right.max(left) * 4];
        for (index, pixel) in row.chunks_exact_mut(4).enumerate() {
            let share = coverage((left + index) as f32 + 0.5, y as f32 + 0.5);
            if share > 0.0 {
                blend(pixel, tint, share);
            }
        }
    }
}

#[inline(always)]
fn span(value: f32, side: usize) -> usize {
    (value.max(0.0) as usize).min(side)
}

#[inline(always)]
pub(super) fn blend(pixel: &mut [u8], tint: [f32; 3], share: f32) {
    for (channel, over) in pixel.iter_mut().zip(tint) {
        let under = f32::from(*channel);
        *channel = (under + (over - under) * share + 0.5) as u8;
    }
}

/// Coverage of a shape from its signed distance in pixels, negative inside.
#[inline(always)]
pub(super) fn cover(distance: f32) -> f32 {
    (0.5 - distance).clamp(0.0, 1.0)
}

/// Stamps a disc.
#[inline(always)]
pub(super) fn disc(pixels: &mut Pixels<'_>, cx: f32, cy: f32, radius: f32, color: Color) {
    let bounds = [
        cx - radius - 1.0,
        cy - radius - 1.0,
        cx + radius + 1.0,
        cy + radius + 1.0,
    ];
    stamp(pixels, bounds, color, |x, y| {
        let (dx, dy) = (x - cx, y - cy);
        cover((dx * dx + dy * dy).sqrt() - radius)
    });
}
