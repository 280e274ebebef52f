//! Antialiased stamping: shapes given by a distance, blended onto pixels.

use super::{Pixels, pixel};
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
        let row = pixel::columns(pixels.row(y), left, right);
        let middle = y as f32 + 0.5;
        for (index, pixel) in row.iter_mut().enumerate() {
            let x = (left + index) as i32 as f32 + 0.5;
            // Without a branch for what is not covered: eight pixels at a time.
            pixel::blend(pixel, tint, coverage(x, middle));
        }
    }
}

#[inline(always)]
fn span(value: f32, side: usize) -> usize {
    (value.max(0.0) as usize).min(side)
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
