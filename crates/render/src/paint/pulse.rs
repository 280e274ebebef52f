//! Stacked lines of a signal, each hiding the ones behind it.

use super::art::Art;
use super::pixel;
use crate::Color;
use crate::color::Lab;
use crate::math::{bell, mix, smoothstep};

const LINES: usize = 36;

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    art.fill(art.color(0));
    let mut rng = art.rng(161);
    let free = art.free_area();
    let is_beside = free.width < art.width * 0.9;
    let (top, bottom) = if is_beside {
        (art.height * 0.2, art.height * 0.93)
    } else if free.y > art.height * 0.2 {
        (
            free.y + free.height * 0.22,
            free.bottom() - free.height * 0.06,
        )
    } else {
        (art.height * 0.18, free.bottom() - free.height * 0.12)
    };
    let middle = if is_beside {
        free.x + free.width * rng.range(0.42, 0.54)
    } else {
        art.width * rng.range(0.42, 0.58)
    };
    let spread = if is_beside {
        (free.width * 0.62).min(art.unit * 0.5)
    } else {
        art.width * 0.42
    };
    let pitch = (bottom - top) / LINES as f32;
    // Peaks may rise over several lines, as far as the text allows.
    let height = pitch * rng.range(5.5, 7.5) * if is_beside { 1.0 } else { 1.7 };
    let height = height.min(top * 0.9);
    for index in 0..LINES {
        let down = index as f32 / (LINES - 1) as f32;
        let base = top + (bottom - top) * down;
        let edge = signal(art, index, base, middle, spread, height);
        line(art, &edge, base, down);
    }
}

/// The line at every column: quiet at both ends, alive in the middle.
#[inline(never)]
fn signal(
    art: &Art<'_, '_>,
    index: usize,
    base: f32,
    middle: f32,
    spread: f32,
    height: f32,
) -> Vec<f32> {
    let slow = art.noise(170);
    let quick = art.noise(171);
    let (unit, row) = (art.unit, index as f32);
    (0..art.pixels.width)
        .map(|x| {
            let x = x as f32;
            let off = (x - middle) / spread;
            let alive = bell((off * off).min(1.0));
            let at = x / unit;
            let swell = slow.at(at * 5.5, row * 0.23).abs() * 1.25
                + slow.at(at * 2.2, row * 0.11 + 40.0).abs() * 0.5;
            let tremble = quick.octaves(at * 13.0, row * 0.71, 2);
            base - height * alive * (swell + tremble.abs() * 0.3) - tremble * height * 0.03
        })
        .collect()
}

#[inline(always)]
fn line(art: &mut Art<'_, '_>, edge: &[f32], base: f32, down: f32) {
    let ground = art.color(0).channels();
    let colors = line_colors(art, down);
    let half = (art.unit / 900.0).max(0.55);
    let highest = edge.iter().copied().fold(f32::MAX, f32::min);
    let width = edge.len();
    // A steep stretch of a line is as thin as a flat one.
    let slopes: Vec<f32> = (0..width)
        .map(|x| {
            let rise = edge[(x + 1).min(width - 1)] - edge[x.saturating_sub(1)];
            1.0 / (1.0 + rise * rise * 0.25).sqrt()
        })
        .collect();
    let fade: Vec<f32> = {
        let (calm, unit) = (art.calm, art.unit);
        (0..width)
            .map(|x| 1.0 - super::art::calmness(calm, x as f32, base, unit * 0.16))
            .collect()
    };
    let last = (base + half + 2.0).min(art.height);
    for y in (highest - half - 2.0).max(0.0) as usize..last.max(0.0) as usize {
        let middle = y as f32 + 0.5;
        let row = pixel::columns(art.pixels.row(y), 0, width);
        let cells = edge.iter().zip(&slopes).zip(colors.iter().zip(&fade));
        for (pixel, ((&top, &slope), (color, &seen))) in row.iter_mut().zip(cells) {
            let depth = middle - top;
            let body = (depth + 0.5).clamp(0.0, 1.0);
            let stroke = (half + 0.5 - depth.abs() * slope).clamp(0.0, 1.0) * seen;
            let under = pixel::mix(pixel::read(*pixel), ground, body);
            *pixel = pixel::opaque(pixel::mix(under, *color, stroke));
        }
    }
}

/// The colour of a line at every column: from one accent to the next across,
/// and on to the others further down.
#[inline(never)]
fn line_colors(art: &Art<'_, '_>, down: f32) -> Vec<[f32; 3]> {
    let accents: Vec<Lab> = art.colors[1..]
        .iter()
        .map(|&color: &Color| Lab::from(color))
        .collect();
    let last = accents.len() - 1;
    let at = |t: f32| {
        let place = t.clamp(0.0, 1.0) * last as f32;
        let from = (place as usize).min(last.saturating_sub(1));
        accents[from].mix(accents[(from + 1).min(last)], place - from as f32)
    };
    let width = art.pixels.width;
    let knots: Vec<[f32; 3]> = (0..=16)
        .map(|knot| {
            let across = knot as f32 / 16.0;
            at(smoothstep(0.0, 1.0, mix(down, across, 0.5))).to_channels()
        })
        .collect();
    (0..width)
        .map(|x| {
            let place = x as f32 / width as f32 * 16.0;
            let from = (place as usize).min(15);
            pixel::mix(knots[from], knots[from + 1], place - from as f32)
        })
        .collect()
}
