//! Outlines of mountains, column by column.
//!
//! What is computed once per column or per node costs nothing beside the pixels:
//! here, as elsewhere, it is not inlined and so compiled once, not once for every
//! level and place.

use super::art::Art;

/// The height of a ridge at every column, about -1 to 1, peaks upwards.
#[inline(never)]
pub(super) fn profile(art: &Art<'_, '_>, purpose: u64, frequency: f32, octaves: u32) -> Vec<f32> {
    let noise = art.noise(purpose);
    let unit = art.unit;
    (0..art.pixels.width)
        .map(|x| {
            let at = x as f32 / unit * frequency;
            // Creased noise makes peaks; a slow wave moves them up and down.
            let peaks = 1.0 - noise.octaves(at, 3.7, octaves).abs() * 2.0;
            let swell = noise.at(at * 0.37 + 11.3, 9.1);
            peaks * 0.62 + swell * 0.5
        })
        .collect()
}
