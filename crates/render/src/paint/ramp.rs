//! Colour ramps: mixed in OKLab once, looked up per pixel.

use super::pixel;
use crate::Color;
use crate::color::Lab;

/// Entries of a ramp: fine enough that dithering hides the steps.
const ENTRIES: usize = 512;

/// A ramp from 0 to 1; channels are 0–255.
pub(super) struct Ramp {
    /// The fourth channel is never used: with it an entry is aligned.
    entries: Box<[[f32; 4]; ENTRIES]>,
}

impl Ramp {
    /// Colours at even distances.
    #[inline(always)]
    pub(super) fn new(colors: &[Color]) -> Self {
        let labs: Vec<Lab> = colors.iter().map(|&color| Lab::from(color)).collect();
        let last = labs.len() - 1;
        let entries = std::array::from_fn(|index| {
            let place = index as f32 / (ENTRIES - 1) as f32 * last as f32;
            let from = (place as usize).min(last.saturating_sub(1));
            let to = (from + 1).min(last);
            let [r, g, b] = labs[from].mix(labs[to], place - from as f32).to_channels();
            [r, g, b, 255.0]
        });
        Self {
            entries: Box::new(entries),
        }
    }

    /// The channels at a place, 0–255.
    #[inline(always)]
    pub(super) fn at(&self, t: f32) -> [f32; 3] {
        let index = pixel::nearest(t.clamp(0.0, 1.0) * (ENTRIES - 1) as f32);
        let [r, g, b, _] = self.entries[index as usize % ENTRIES];
        [r, g, b]
    }
}

/// A row of places looked up, channel by channel.
///
/// Looking up cannot be done for several pixels at a time, but everything
/// before and after it can: so it has a loop of its own.
#[derive(Default)]
pub(super) struct Looked {
    index: Vec<u32>,
    red: Vec<f32>,
    green: Vec<f32>,
    blue: Vec<f32>,
}

impl Looked {
    #[inline(always)]
    pub(super) fn up(&mut self, ramp: &Ramp, places: &[f32]) {
        self.index.clear();
        self.index.extend(
            places
                .iter()
                .map(|place| pixel::nearest(place.clamp(0.0, 1.0) * (ENTRIES - 1) as f32)),
        );
        for channel in [&mut self.red, &mut self.green, &mut self.blue] {
            channel.resize(places.len(), 0.0);
        }
        let to = self.red.iter_mut().zip(&mut self.green).zip(&mut self.blue);
        for (((red, green), blue), &index) in to.zip(&self.index) {
            [*red, *green, *blue, _] = ramp.entries[index as usize % ENTRIES];
        }
    }

    /// The channels, pixel after pixel.
    #[inline(always)]
    pub(super) fn iter(&self) -> impl Iterator<Item = [f32; 3]> {
        let pairs = self.red.iter().zip(&self.green).zip(&self.blue);
        pairs.map(|((&red, &green), &blue)| [red, green, blue])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_begins_and_ends_with_its_colours_and_is_clipped_beyond() {
        let ramp = Ramp::new(&[Color::rgb(10, 20, 30), Color::WHITE, Color::rgb(1, 250, 99)]);
        let near = |t: f32, expected: [f32; 3]| {
            let at = ramp.at(t);
            let off = (0..3)
                .map(|i| (at[i] - expected[i]).abs())
                .fold(0.0, f32::max);
            assert!(off < 0.3, "{t}: {at:?}");
        };
        for t in [-1.0, 0.0] {
            near(t, [10.0, 20.0, 30.0]);
        }
        for t in [1.0, 2.0] {
            near(t, [1.0, 250.0, 99.0]);
        }
    }
}
