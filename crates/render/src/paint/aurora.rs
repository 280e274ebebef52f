//! Veils of light: turned ellipses over a ground, their edges bent by noise.

use super::art::Art;
use super::field;
use crate::color::Lab;
use crate::math::{bell, cos_turns, mix, sin_turns};

/// Grid nodes along the geometric mean of the sides, whatever the size.
const NODES: f32 = 120.0;

struct Veil {
    light: Lab,
    x: f32,
    y: f32,
    cos: f32,
    sin: f32,
    long: f32,
    wide: f32,
    strength: f32,
}

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    let ground = Lab::from(art.color(0));
    let veils = veils(art);
    let bend = art.noise(1);
    let curtain = art.noise(2);
    let (unit, calm) = (art.unit, art.calm);
    let reach = unit * 0.62;
    let is_dark = ground.l < 0.5;
    let (mid_x, mid_y) = (art.width / 2.0, art.height / 2.0);
    let step = ((unit / NODES) as usize).clamp(4, 24);
    field::colors(art, step, |px, py| {
        let (x, y) = ((px - mid_x) / unit, (py - mid_y) / unit);
        let bx = x + 0.22 * bend.at(x * 1.3 + 3.1, y * 1.3);
        let by = y + 0.22 * bend.at(x * 1.3, y * 1.3 + 7.7);
        let folds = 0.86 + 0.28 * curtain.at(bx * 4.2, by * 1.1);
        let quiet = super::art::calmness(calm, px, py, reach);
        let keep = (1.0 - 0.3 * quiet) * folds;
        let mut lab = ground;
        for veil in &veils {
            let (dx, dy) = (bx - veil.x, by - veil.y);
            let along = (dx * veil.cos + dy * veil.sin) / veil.long;
            let across = (dy * veil.cos - dx * veil.sin) / veil.wide;
            let share = bell(along * along + across * across) * veil.strength * keep;
            lab = lab.mix(veil.light, share.clamp(0.0, 1.0));
        }
        if is_dark {
            // Under the text colours stay, but no lighter than white type
            // bears.
            let cap = mix(1.0, 0.46, quiet);
            let over = (lab.l - cap * 0.8).max(0.0);
            let l = lab.l - over + over * cap * 0.2 / (over + cap * 0.2);
            lab = Lab { l, ..lab };
        } else {
            lab = lab.mix(ground, 0.35 * quiet);
        }
        lab.to_channels()
    });
}

/// One veil per light and two more, the strongest away from the calm area.
#[inline(always)]
fn veils(art: &Art<'_, '_>) -> Vec<Veil> {
    let mut rng = art.rng(3);
    let lights = art.colors.len() - 1;
    let focus = art.calm.map_or([0.0, 0.0], |calm| {
        [
            (art.width / 2.0 - (calm.x + calm.width / 2.0)) / art.unit,
            (art.height / 2.0 - (calm.y + calm.height / 2.0)) / art.unit,
        ]
    });
    let (half_w, half_h) = (art.width / art.unit / 2.0, art.height / art.unit / 2.0);
    (0..lights + 3)
        .map(|index| {
            let turn = rng.range(-0.11, 0.11) + if rng.chance(0.3) { 0.2 } else { 0.0 };
            Veil {
                light: Lab::from(art.accent(index)),
                x: rng.range(-1.0, 1.0) * half_w * 0.9 + focus[0] * 0.9,
                y: rng.range(-1.0, 1.0) * half_h * 0.9 + focus[1] * 0.9,
                cos: cos_turns(turn),
                sin: sin_turns(turn),
                long: rng.range(0.72, 1.1),
                wide: rng.range(0.38, 0.62),
                strength: rng.range(0.86, 1.08),
            }
        })
        .collect()
}
