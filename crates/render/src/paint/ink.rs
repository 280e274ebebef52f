//! Ink wash: mountains that are dark along their crests and dissolve into the
//! paper below, a sun, and a few birds.

use super::art::Art;
use super::disc::{cover, stamp};
use super::{field, pixel, ridge};
use crate::color::Lab;
use crate::math::{mix, smoothstep};
use crate::noise::Rng;

const RIDGES: usize = 4;

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    paper(art);
    let mut rng = art.rng(121);
    let free = art.free_area();
    let is_beside = free.width < art.width * 0.9;
    let top = art.calm.map_or(art.height * 0.5, |calm| {
        if is_beside {
            art.height * 0.42
        } else {
            (calm.bottom() + art.unit * 0.16).clamp(art.height * 0.4, art.height * 0.8)
        }
    });
    let side = if is_beside {
        free.x + free.width * 0.55
    } else {
        art.width * rng.range(0.6, 0.8)
    };
    sun(art, &mut rng, side, top);
    for index in 0..RIDGES {
        mountain(art, index, side, top, is_beside);
    }
    birds(art, &mut rng, side, top);
}

/// Paper with long soft fibres.
#[inline(never)]
fn paper(art: &mut Art<'_, '_>) {
    let base = Lab::from(art.color(0));
    let ink = Lab::from(art.color(1));
    let fibres = art.noise(122);
    let unit = art.unit;
    let step = ((unit / 200.0) as usize).clamp(3, 16);
    field::colors(art, step, |x, y| {
        let (x, y) = (x / unit, y / unit);
        let tone = fibres.at(x * 2.1, y * 2.4) * 0.014 + fibres.at(x * 19.0, y * 7.0) * 0.008;
        base.mix(ink, (0.012 + tone).max(0.0)).to_channels()
    });
}

#[inline(never)]
fn sun(art: &mut Art<'_, '_>, rng: &mut Rng, side: f32, top: f32) {
    let radius = art.unit * rng.range(0.06, 0.085);
    let x = side + art.unit * rng.range(-0.12, 0.12);
    let y = (top - radius * rng.range(0.3, 0.9)).max(radius * 1.3);
    // It rises clear of the text.
    let y = match art.calm {
        Some(calm) if x + radius > calm.x && x - radius < calm.right() && calm.y < top => {
            y.max(calm.bottom() + radius * 1.05)
        }
        _ => y,
    };
    let grain = art.noise(123);
    let unit = art.unit;
    stamp(
        art.pixels,
        [
            x - radius - 2.0,
            y - radius - 2.0,
            x + radius + 2.0,
            y + radius + 2.0,
        ],
        art.colors[2.min(art.colors.len() - 1)],
        |px, py| {
            let (dx, dy) = (px - x, py - y);
            let wash = 0.9 + 0.1 * grain.at(px / unit * 14.0, py / unit * 14.0);
            cover((dx * dx + dy * dy).sqrt() - radius) * wash
        },
    );
}

#[inline(always)]
fn mountain(art: &mut Art<'_, '_>, index: usize, side: f32, top: f32, is_beside: bool) {
    let near = index as f32 / (RIDGES - 1) as f32;
    let profile = ridge::profile(art, 130 + index as u64, mix(1.5, 2.4, near), 5);
    let base = mix(top + art.unit * 0.04, art.height * 1.0, near * 0.82);
    let rise = art.unit * mix(0.15, 0.1, near);
    let reach = art.unit * if is_beside { 0.75 } else { 1.3 };
    let unit = art.unit;
    let edge: Vec<f32> = profile
        .iter()
        .enumerate()
        .map(|(x, peak)| {
            // The range falls away on both sides of its middle.
            let away = (x as f32 - side).abs() / reach;
            base - peak * rise + smoothstep(0.1, 1.1, away) * unit * 0.34
        })
        .collect();
    let ink = art.color(1);
    let strength = mix(0.3, 0.9, near * near * 0.5 + near * 0.5);
    let wash = art.noise(140 + index as u64);
    let fall = 1.0 / (unit * mix(0.2, 0.34, near));
    let tint = ink.channels();
    let bleed = (unit / 700.0).max(0.7);
    let step = 8;
    let width = art.pixels.width;
    let highest = edge.iter().copied().fold(f32::MAX, f32::min);
    let mut tones = vec![0.0; width];
    for y in (highest - 3.0).max(0.0) as usize..art.pixels.height {
        let middle = y as f32 + 0.5;
        if y % 4 == 0 || tones[0] == 0.0 {
            blotches(&mut tones, &wash, step, middle / unit, unit);
        }
        let offsets = art.dither.line(y, 0, width);
        let row = pixel::columns(art.pixels.row(y), 0, width);
        let cells = edge.iter().zip(&tones).zip(offsets);
        for (pixel, ((&top, &tone), &offset)) in row.iter_mut().zip(cells) {
            let depth = middle - top;
            let inside = (depth / bleed + 0.5).clamp(0.0, 1.0);
            let fade = (1.0 - depth * fall * tone).clamp(0.0, 1.0);
            let share = inside * fade * fade * strength * tone.min(1.0);
            let color = pixel::mix(pixel::read(*pixel), tint, share);
            *pixel = pixel::opaque(pixel::shift(color, offset * inside));
        }
    }
}

/// How the wash has pooled along a row: about 1, in soft patches.
#[inline(never)]
fn blotches(tones: &mut [f32], wash: &crate::noise::Noise, step: usize, y: f32, unit: f32) {
    let at = |x: usize| 1.0 + 0.34 * wash.octaves(x as f32 / unit * 3.2, y * 5.2, 2);
    let mut from = at(0);
    for (cell, chunk) in tones.chunks_mut(step).enumerate() {
        let to = at((cell + 1) * step);
        for (index, tone) in chunk.iter_mut().enumerate() {
            *tone = mix(from, to, index as f32 / step as f32);
        }
        from = to;
    }
}

/// A few strokes of a brush, above the mountains and clear of the text.
#[inline(never)]
fn birds(art: &mut Art<'_, '_>, rng: &mut Rng, side: f32, top: f32) {
    let ink = art.color(1);
    let (cx, cy) = (
        side - art.unit * rng.range(0.16, 0.26),
        top - art.unit * 0.07,
    );
    for _ in 0..5 {
        let x = cx + art.unit * rng.range(-0.1, 0.1);
        let y = cy + art.unit * rng.range(-0.05, 0.05);
        let span = art.unit * rng.range(0.008, 0.015);
        let thin = (span * 0.17).max(0.6);
        if art.calmness(x, y, 0.03) > 0.0 {
            continue;
        }
        stamp(
            art.pixels,
            [x - span * 1.3, y - span, x + span * 1.3, y + span],
            ink,
            |px, py| {
                let (u, v) = (((px - x) / span).abs(), (py - y) / span);
                // Two arcs that meet: a gull as a child draws it.
                let wing = u * (u - 1.1) * 1.2 + 0.12;
                let taper = (1.15 - u).clamp(0.0, 1.0);
                cover((v - wing).abs() * span - thin * taper) * taper.min(0.3) * 2.6
            },
        );
    }
}
