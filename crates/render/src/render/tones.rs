//! Pictures printed in the colours of a palette.

use crate::Color;
use crate::color::Lab;

/// Replaces every pixel by the tone of its lightness. The picture's own range
/// is stretched first, so that a flat photo prints as well as a bright one.
pub(super) fn print(rgba: &mut [u8], tones: &[Color]) {
    let mut counts = [0_u32; 256];
    for pixel in rgba.chunks_exact(4) {
        counts[luma(pixel)] += 1;
    }
    let total = (rgba.len() / 4) as u32;
    let (dark, light) = range(&counts, total / 100);
    let table = table(tones, dark, light);
    for pixel in rgba.chunks_exact_mut(4) {
        let tone = table[luma(pixel)];
        pixel[..3].copy_from_slice(&tone);
    }
}

/// Rec. 709 luma of the encoded channels, in whole numbers.
fn luma(pixel: &[u8]) -> usize {
    let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    ((r * 54 + g * 183 + b * 19) >> 8) as usize
}

/// The darkest and the lightest value, not counting `outliers` at each end.
fn range(counts: &[u32; 256], outliers: u32) -> (usize, usize) {
    let dark = beyond(0..256, counts, outliers).unwrap_or(0);
    let light = beyond((0..256).rev(), counts, outliers).unwrap_or(255);
    // A picture without contrast has none to stretch.
    if light > dark + 16 {
        (dark, light)
    } else {
        (0, 255)
    }
}

/// The first value with more than `outliers` pixels up to it.
fn beyond(
    mut values: impl Iterator<Item = usize>,
    counts: &[u32; 256],
    outliers: u32,
) -> Option<usize> {
    let mut seen = 0;
    values.find(|&value| {
        seen += counts[value];
        seen > outliers
    })
}

/// The tone of every value. Tones stand where their own lightness puts them
/// between the first and the last.
fn table(tones: &[Color], dark: usize, light: usize) -> [[u8; 3]; 256] {
    let labs: Vec<Lab> = tones.iter().map(|&tone| Lab::from(tone)).collect();
    let last = labs.len() - 1;
    let (low, high) = (labs[0].l, labs[last].l);
    let span = (high - low).max(1e-3);
    let mut places: Vec<f32> = labs
        .iter()
        .map(|lab| ((lab.l - low) / span).clamp(0.0, 1.0))
        .collect();
    // Where lightness does not rise, tones stand at even distances.
    if places.windows(2).any(|pair| pair[1] - pair[0] < 0.06) {
        places = (0..=last).map(|i| i as f32 / last as f32).collect();
    }
    std::array::from_fn(|value| {
        let t = (value as f32 - dark as f32) / (light - dark) as f32;
        let t = t.clamp(0.0, 1.0);
        // A little more contrast in the middle: ink on paper.
        let t = t + (t * t * (3.0 - 2.0 * t) - t) * 0.35;
        let at = places.iter().skip(1).position(|&place| t <= place);
        let from = at.unwrap_or(last - 1);
        let share = (t - places[from]) / (places[from + 1] - places[from]).max(1e-3);
        let color = labs[from].mix(labs[from + 1], share.clamp(0.0, 1.0));
        let Color { r, g, b, .. } = color.to_color();
        [r, g, b]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blacks_take_the_first_tone_and_whites_the_last() {
        let (ink, paper) = (Color::rgb(30, 10, 60), Color::rgb(250, 240, 200));
        let mut rgba: Vec<u8> = (0..=255_u8).flat_map(|v| [v, v, v, 255]).collect();
        print(&mut rgba, &[ink, paper]);
        assert_eq!(rgba[..3], [30, 10, 60]);
        assert_eq!(rgba[255 * 4..255 * 4 + 3], [250, 240, 200]);
    }

    #[test]
    fn a_flat_picture_is_stretched_over_all_tones() {
        let mut rgba: Vec<u8> = (100..=150_u8).flat_map(|v| [v, v, v, 255]).collect();
        print(&mut rgba, &[Color::BLACK, Color::WHITE]);
        assert_eq!(rgba[0], 0);
        assert_eq!(rgba[50 * 4], 255);
    }
}
