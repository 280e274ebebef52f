//! Ridges one behind the other, paler the farther they are, before a low sun.

use super::art::Art;
use super::disc::disc;
use super::{field, pixel, ridge};
use crate::color::Lab;
use crate::math::{bell, mix, smoothstep};

const RIDGES: usize = 6;

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    let mut rng = art.rng(101);
    let free = art.free_area();
    let is_beside = free.width < art.width * 0.9;
    let sun_x = if is_beside {
        free.x + free.width * rng.range(0.4, 0.7)
    } else {
        art.width * rng.range(0.3, 0.7)
    };
    let radius = art.unit * rng.range(0.075, 0.1);
    // Where text spans the page, sun and ridges begin below it.
    let spans = art.calm.is_some() && !is_beside;
    let text_end = match art.calm {
        Some(calm) if spans && calm.y < art.height * 0.3 => calm.bottom(),
        _ => art.height * 0.4,
    };
    let horizon = (text_end + art.unit * 0.13).min(art.height * 0.84);
    let sun_y = (horizon - radius * rng.range(0.5, 0.95)).max(if spans {
        text_end + radius * 1.06
    } else {
        0.0
    });
    sky(art, sun_x, sun_y, horizon);
    disc(art.pixels, sun_x, sun_y, radius, art.color(2));
    let edges: Vec<Vec<f32>> = (0..RIDGES).map(|index| edge(art, index, horizon)).collect();
    for (index, edge) in edges.iter().enumerate() {
        // Below the next ridge's lowest point nothing of this one remains.
        let last = edges.get(index + 1).map_or(art.height, |next| {
            next.iter().copied().fold(0.0, f32::max) + 2.0
        });
        range(art, index, edge, last.min(art.height) as usize);
    }
}

#[inline(never)]
fn sky(art: &mut Art<'_, '_>, sun_x: f32, sun_y: f32, horizon: f32) {
    let (top, low) = (Lab::from(art.color(0)), Lab::from(art.color(1)));
    let glow = Lab::from(art.color(2));
    let reach = 1.0 / (art.unit * 0.52);
    let clouds = art.noise(102);
    let (unit, calm) = (art.unit, art.calm);
    let (fade, is_dark) = (unit * 0.16, top.l < 0.5);
    let step = ((unit / 110.0) as usize).clamp(4, 24);
    field::colors(art, step, |x, y| {
        let down = smoothstep(0.0, 1.0, y / horizon.max(1.0));
        let (dx, dy) = ((x - sun_x) * reach, (y - sun_y) * reach);
        // Long flat clouds: noise drawn out along the horizon.
        let cloud = clouds.octaves(x / unit * 0.9, y / unit * 4.6, 2).max(0.0);
        let lit = bell((dx * dx + dy * dy * 1.6).min(1.0));
        let quiet = super::art::calmness(calm, x, y, fade);
        let lab = top
            .mix(low, down)
            .mix(low.mix(glow, 0.5), cloud * 0.34 * down)
            .mix(glow, lit * 0.62 * (1.0 - 0.5 * quiet));
        if !is_dark {
            return lab.to_channels();
        }
        // Under the text a dark sky stays as dark as pale type needs it.
        let cap = mix(1.0, 0.5, quiet);
        let over = (lab.l - cap * 0.85).max(0.0);
        let l = lab.l - over + over * cap * 0.15 / (over + cap * 0.15);
        Lab { l, ..lab }.to_channels()
    });
}

/// The crest of a ridge, per column.
fn edge(art: &Art<'_, '_>, index: usize, horizon: f32) -> Vec<f32> {
    let near = index as f32 / (RIDGES - 1) as f32;
    let profile = ridge::profile(art, 110 + index as u64, mix(1.1, 2.1, near), 4);
    let depth = art.height - horizon;
    let base = horizon + depth * mix(0.02, 0.86, near * near * 0.4 + near * 0.6);
    let rise = art.unit * mix(0.11, 0.085, near);
    profile.iter().map(|peak| base - peak * rise).collect()
}

#[inline(always)]
fn range(art: &mut Art<'_, '_>, index: usize, edge: &[f32], last: usize) {
    let near = index as f32 / (RIDGES - 1) as f32;
    let (far, close) = (Lab::from(art.color(3)), Lab::from(art.color(4)));
    let body = far.mix(close, near);
    // Haze gathers at the foot of every ridge but the nearest.
    let haze = far.mix(Lab::from(art.color(1)), 0.55);
    let foot = body.mix(haze, 0.62 * (1.0 - near));
    let (body, foot) = (body.to_channels(), foot.to_channels());
    let fall = 1.0 / (art.unit * mix(0.14, 0.3, near));
    let highest = edge.iter().copied().fold(f32::MAX, f32::min);
    for y in (highest - 1.0).max(0.0) as usize..last {
        let middle = y as f32 + 0.5;
        let offsets = art.dither.line(y, 0, edge.len());
        let row = pixel::columns(art.pixels.row(y), 0, edge.len());
        for (pixel, (&top, &offset)) in row.iter_mut().zip(edge.iter().zip(offsets)) {
            let depth = middle - top;
            let cover = (depth + 0.5).clamp(0.0, 1.0);
            let color = pixel::mix(body, foot, (depth * fall).clamp(0.0, 1.0));
            let color = pixel::mix(pixel::read(*pixel), color, cover);
            *pixel = pixel::opaque(pixel::shift(color, offset * cover));
        }
    }
}
