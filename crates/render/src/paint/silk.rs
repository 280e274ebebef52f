//! Folded satin: a bent sheet of cloth, lit from the side.

use super::art::Art;
use super::field::Relief;
use super::pixel;
use super::ramp::{Looked, Ramp};
use crate::math::{cos_turns, sin_turns};

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    let (width, height) = (art.pixels.width, art.pixels.height);
    let step = ((art.unit / 150.0) as usize).clamp(3, 18);
    let mut rng = art.rng(31);
    let bend = art.noise(32);
    let fine = art.noise(33);
    let turn = rng.range(0.09, 0.17) * if rng.chance(0.5) { 1.0 } else { -1.0 };
    let (cos, sin) = (cos_turns(turn), sin_turns(turn));
    let folds = rng.range(1.5, 2.1);
    let (unit, calm) = (art.unit, art.calm);
    let shade = Relief::new(width, height, step, |px, py| {
        let (x, y) = (px / unit, py / unit);
        let along = x * cos + y * sin;
        let across = y * cos - x * sin;
        let bent = across * folds
            + 0.62 * bend.at(along * 1.15, across * 1.4)
            + 0.1 * fine.at(along * 2.2, across * 3.1);
        // The slope of the folds, one broad and one narrow, is what catches
        // light.
        let broad = sin_turns(bent);
        let narrow = sin_turns(bent * 2.0 + 0.35 * broad + 0.2);
        let slope = broad * 0.62 + narrow * 0.3;
        let lit = (slope * 0.5 + 0.5).clamp(0.0, 1.0);
        let sheen = lit * lit * (3.0 - 2.0 * lit);
        let quiet = super::art::calmness(calm, px, py, unit * 0.2);
        (0.06 + 0.94 * sheen * (0.75 + 0.25 * lit)) * (1.0 - 0.5 * quiet)
    });
    let (shadow, cloth, glow) = (art.color(0), art.color(1), art.color(2));
    let ramp = Ramp::new(&[
        shadow,
        shadow.mix(cloth, 0.55),
        cloth,
        cloth.mix(glow, 0.6),
        glow,
    ]);
    let (mut spare, mut line) = (vec![], vec![]);
    let mut shades = Looked::default();
    for y in 0..height {
        shade.row(y, width, &mut spare, &mut line);
        let offsets = art.dither.line(y, 0, width);
        let row = pixel::columns(art.pixels.row(y), 0, width);
        shades.up(&ramp, &line);
        for (pixel, (shade, &offset)) in row.iter_mut().zip(shades.iter().zip(offsets)) {
            *pixel = pixel::opaque(pixel::shift(shade, offset));
        }
    }
}
