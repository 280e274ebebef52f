//! A slatted sun over misty ridges, under a sky with a few stars.

use super::art::Art;
use super::disc::disc;
use super::ramp::Ramp;
use super::{field, pixel};
use crate::color::Lab;
use crate::math::{bell, mix, smoothstep};

/// Gaps in the sun.
const SLATS: i32 = 7;

struct Sun {
    x: f32,
    y: f32,
    radius: f32,
}

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    let sun = sun(art);
    sky(art, &sun);
    stars(art, &sun);
    disc_of(art, &sun);
    ridges(art, &sun);
}

/// The sun stands in the free area, its foot behind the ridges.
#[inline(always)]
fn sun(art: &Art<'_, '_>) -> Sun {
    let free = art.free_area();
    let is_beside = free.width < art.width;
    if is_beside {
        let radius = (free.width * 0.47).min(art.height * 0.37);
        Sun {
            x: free.x + free.width * 0.47,
            y: art.height * 0.5,
            radius,
        }
    } else {
        let radius = (art.width * 0.32).min(free.height * 0.46);
        Sun {
            x: art.width * 0.5,
            y: (free.y + free.height * 0.52).min(art.height - radius * 0.6),
            radius,
        }
    }
}

#[inline(always)]
fn sky(art: &mut Art<'_, '_>, sun: &Sun) {
    let (top, low, warm) = (
        Lab::from(art.color(0)),
        Lab::from(art.color(1)),
        Lab::from(art.color(3)),
    );
    let height = art.height;
    let reach = sun.radius * 2.3;
    let (x, y) = (sun.x, sun.y);
    let calm = art.calm;
    let fade = art.unit * 0.3;
    let step = ((art.unit / 120.0) as usize).clamp(4, 24);
    field::colors(art, step, |px, py| {
        let sky = top.mix(low, smoothstep(0.0, 0.95, py / height));
        let (dx, dy) = (px - x, py - y);
        let quiet = super::art::calmness(calm, px, py, fade);
        let glow = bell((dx * dx + dy * dy) / (reach * reach)) * 0.42 * (1.0 - 0.6 * quiet);
        sky.mix(warm, glow).to_channels()
    });
}

#[inline(always)]
fn stars(art: &mut Art<'_, '_>, sun: &Sun) {
    let mut rng = art.rng(71);
    let color = art.color(2).mix(crate::Color::WHITE, 0.6);
    for _ in 0..70 {
        let x = art.width * rng.unit();
        let y = art.height * 0.55 * rng.unit();
        let radius = art.unit / 1000.0 * rng.range(0.7, 1.9);
        let (dx, dy) = (x - sun.x, y - sun.y);
        let near_sun = (dx * dx + dy * dy).sqrt() < sun.radius * 1.25;
        if !near_sun && art.calmness(x, y, 0.02) <= 0.0 {
            disc(art.pixels, x, y, radius.max(0.6), color);
        }
    }
}

#[inline(always)]
fn disc_of(art: &mut Art<'_, '_>, sun: &Sun) {
    let ramp = Ramp::new(&[
        art.color(2),
        art.color(2).mix(art.color(3), 0.5),
        art.color(3),
    ]);
    let Sun { x, y, radius } = *sun;
    let top = y - radius;
    let bounds = |v: f32, side: usize| (v.max(0.0) as usize).min(side);
    let (width, height) = (art.pixels.width, art.pixels.height);
    for row_index in bounds(top - 1.0, height)..bounds(y + radius + 2.0, height) {
        let middle = row_index as f32 + 0.5;
        let down = ((middle - top) / (2.0 * radius)).clamp(0.0, 1.0);
        let open = slat(down, radius * 2.0);
        let color = ramp.at(down);
        let (left, right) = (
            bounds(x - radius - 1.0, width),
            bounds(x + radius + 2.0, width),
        );
        let row = pixel::columns(art.pixels.row(row_index), left, right);
        let offsets = art.dither.line(row_index, left, row.len());
        for (index, (pixel, &offset)) in row.iter_mut().zip(offsets).enumerate() {
            let column = left + index;
            let (dx, dy) = (column as i32 as f32 + 0.5 - x, middle - y);
            let share = (radius + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0) * open;
            // What is not covered is not dithered either.
            let color = pixel::mix(pixel::read(*pixel), color, share);
            *pixel = pixel::opaque(pixel::shift(color, offset * share));
        }
    }
}

/// How much of a row of the sun is there: gaps begin at its middle and widen
/// towards its foot.
#[inline(always)]
fn slat(down: f32, height: f32) -> f32 {
    let start = 0.46;
    if down < start {
        return 1.0;
    }
    let place = (down - start) / (1.0 - start) * SLATS as f32;
    let phase = place - place.floor();
    let gap = mix(0.12, 0.52, place / SLATS as f32);
    let period = height * (1.0 - start) / SLATS as f32;
    let distance = ((phase - 0.5).abs() - gap / 2.0) * period;
    (distance + 0.5).clamp(0.0, 1.0)
}

/// Three ridges, each darker and nearer.
#[inline(always)]
fn ridges(art: &mut Art<'_, '_>, sun: &Sun) {
    let (mist, rock) = (art.color(1), art.color(4));
    let floor = (sun.y + sun.radius * 0.74).min(art.height * 0.94);
    for layer in 0..3_u64 {
        let near = (layer + 1) as f32 / 3.0;
        let noise = art.noise(72 + layer);
        let color = mist.mix(rock, mix(0.45, 1.0, near));
        let base = mix(floor, art.height, layer as f32 * 0.3);
        let rise = (art.height - floor).max(art.height * 0.06) * mix(0.5, 0.42, near);
        let unit = art.unit;
        let width = art.pixels.width;
        let edge: Vec<f32> = (0..width)
            .map(|x| {
                let at = x as f32 / unit;
                // Creased noise makes peaks instead of hills.
                let peak = 1.0 - noise.octaves(at * mix(1.7, 2.6, near), 3.7, 3).abs() * 1.5;
                base - (peak - 0.45) * rise
            })
            .collect();
        let highest = edge.iter().copied().fold(f32::MAX, f32::min);
        let tint = color.channels();
        for y in (highest - 1.0).max(0.0) as usize..art.pixels.height {
            let middle = y as f32 + 0.5;
            let row = pixel::columns(art.pixels.row(y), 0, width);
            for (pixel, &top) in row.iter_mut().zip(&edge) {
                pixel::blend(pixel, tint, (middle - top + 0.5).clamp(0.0, 1.0));
            }
        }
    }
}
