//! Colour ramps: mixed in OKLab once, looked up per pixel.

use crate::Color;
use crate::color::Lab;

/// Entries of a ramp: fine enough that dithering hides the steps.
const ENTRIES: usize = 512;

/// A ramp from 0 to 1; channels are 0–255 with a fourth of 255.
pub(super) struct Ramp {
    entries: Vec<[f32; 4]>,
}

impl Ramp {
    /// Colours at even distances.
    pub(super) fn new(colors: &[Color]) -> Self {
        let labs: Vec<Lab> = colors.iter().map(|&color| Lab::from(color)).collect();
        let last = labs.len() - 1;
        let entries = (0..=ENTRIES)
            .map(|index| {
                let place = index as f32 / ENTRIES as f32 * last as f32;
                let from = (place as usize).min(last.saturating_sub(1));
                let to = (from + 1).min(last);
                let [r, g, b] = labs[from].mix(labs[to], place - from as f32).to_channels();
                [r, g, b, 255.0]
            })
            .collect();
        Self { entries }
    }

    #[inline(always)]
    pub(super) fn at(&self, t: f32) -> [f32; 4] {
        let place = t.clamp(0.0, 1.0) * ENTRIES as f32;
        self.entries[place as usize]
    }
}
