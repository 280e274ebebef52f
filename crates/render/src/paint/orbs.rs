//! Softly shaded spheres on a bright ground, with the shadows they throw.

use super::art::Art;
use super::ramp::Ramp;
use super::{field, pixel};
use crate::Color;
use crate::color::Lab;
use crate::math::{bell, mix};

/// Where the light comes from: over the left shoulder.
const LIGHT: [f32; 3] = [-0.46, -0.62, 0.64];

struct Orb {
    x: f32,
    y: f32,
    radius: f32,
    color: Color,
}

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    ground(art);
    let mut orbs = place(art);
    // Small ones lie behind: they read as far away.
    orbs.sort_by(|a, b| a.radius.total_cmp(&b.radius));
    for orb in &orbs {
        shadow(art, orb);
        sphere(art, orb);
    }
}

/// A wash from the light's corner.
#[inline(always)]
fn ground(art: &mut Art<'_, '_>) {
    let base = art.color(0);
    let (near, far) = (
        Lab::from(base.lighter(0.02)),
        Lab::from(base.mix(art.accent(0), 0.16)),
    );
    let (width, height) = (art.width, art.height);
    field::colors(art, 16, |x, y| {
        let t = (x / width * 0.45 + y / height * 0.55).clamp(0.0, 1.0);
        near.mix(far, t * t).to_channels()
    });
}

/// Places spheres by trial: outside the calm area, not too much on one another.
#[inline(always)]
fn place(art: &Art<'_, '_>) -> Vec<Orb> {
    let mut rng = art.rng(11);
    let free = art.free_area();
    let sizes = [0.30, 0.19, 0.135, 0.10, 0.075, 0.06, 0.045, 0.035];
    let scale = art.unit * mix(0.82, 1.08, rng.unit());
    let mut orbs: Vec<Orb> = Vec::new();
    for (index, size) in sizes.into_iter().enumerate() {
        let radius = scale * size;
        let mut best: Option<(f32, Orb)> = None;
        for _ in 0..40 {
            let (x, y) = if index == 0 {
                // The largest anchors the free side and may leave the canvas.
                (
                    free.x + free.width * rng.range(0.35, 0.95),
                    free.y + free.height * rng.range(0.3, 0.85),
                )
            } else {
                (
                    art.width * rng.range(-0.03, 1.03),
                    art.height * rng.range(-0.03, 1.03),
                )
            };
            let cost = overlap(art, x, y, radius) * 6.0
                + orbs
                    .iter()
                    .map(|orb| {
                        let reach = (orb.radius + radius) * 0.92;
                        let gap = ((orb.x - x).powi(2) + (orb.y - y).powi(2)).sqrt();
                        ((reach - gap) / radius).max(0.0)
                    })
                    .sum::<f32>()
                + rng.unit() * 0.05;
            if best.as_ref().is_none_or(|(lowest, _)| cost < *lowest) {
                let color = art.accent(index);
                best = Some((
                    cost,
                    Orb {
                        x,
                        y,
                        radius,
                        color,
                    },
                ));
            }
        }
        // What finds no room is left out rather than laid under the text.
        if let Some((cost, orb)) = best
            && cost < 0.9
        {
            orbs.push(orb);
        }
    }
    orbs
}

/// How far a sphere reaches into the calm area, in radii.
#[inline(always)]
fn overlap(art: &Art<'_, '_>, x: f32, y: f32, radius: f32) -> f32 {
    art.calm.map_or(0.0, |calm| {
        let dx = (calm.x - x).max(x - calm.right()).max(0.0);
        let dy = (calm.y - y).max(y - calm.bottom()).max(0.0);
        ((radius * 1.06 - (dx * dx + dy * dy).sqrt()) / radius).max(0.0)
    })
}

#[inline(always)]
fn shadow(art: &mut Art<'_, '_>, orb: &Orb) {
    let tint = Lab {
        l: 0.34,
        ..Lab::from(orb.color).scaled(0.6)
    }
    .to_color()
    .channels();
    let (cx, cy) = (orb.x + orb.radius * 0.34, orb.y + orb.radius * 0.52);
    let reach = orb.radius * 1.42;
    let narrow = 1.0 / (reach * reach);
    each(art, cx, cy, reach, |pixel, dx, dy, _| {
        pixel::blend(pixel, tint, bell((dx * dx + dy * dy) * narrow) * 0.4);
    });
}

#[inline(always)]
fn sphere(art: &mut Art<'_, '_>, orb: &Orb) {
    let base = Lab::from(orb.color);
    let dark = Lab {
        l: base.l * 0.62,
        a: base.a * 1.02,
        b: base.b * 1.02 - 0.02,
    };
    let light = Lab {
        l: mix(base.l, 1.0, 0.62),
        a: base.a * 0.62,
        b: base.b * 0.62,
    };
    let ramp = Ramp::new(&[dark.to_color(), orb.color, orb.color, light.to_color()]);
    let radius = orb.radius;
    let inverse = 1.0 / radius;
    each(art, orb.x, orb.y, radius + 1.0, |pixel, dx, dy, offset| {
        let square = (dx * dx + dy * dy) * inverse * inverse;
        let edge = (0.5 + radius - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
        let nz = (1.0 - square).max(0.0).sqrt();
        let facing = (dx * LIGHT[0] + dy * LIGHT[1]) * inverse + nz * LIGHT[2];
        // Half-Lambert with a bounce from below, as in a lit studio.
        let lit = (facing * 0.5 + 0.5).max(0.0);
        let bounce = ((dy * inverse) * (1.0 - nz)).max(0.0) * 0.24;
        let color = ramp.at(lit * lit * 0.98 + bounce);
        // What is not covered is not dithered either.
        let color = pixel::mix(pixel::read(*pixel), color, edge);
        *pixel = pixel::opaque(pixel::shift(color, offset * edge));
    });
}

/// Calls for every pixel within `reach` of a centre with its offset from it.
#[inline(always)]
fn each(
    art: &mut Art<'_, '_>,
    cx: f32,
    cy: f32,
    reach: f32,
    mut paint: impl FnMut(&mut [u8; 4], f32, f32, f32),
) {
    let (width, height) = (art.pixels.width, art.pixels.height);
    let low = |value: f32, side: usize| (value.max(0.0) as usize).min(side);
    for y in low(cy - reach, height)..low(cy + reach + 1.0, height) {
        let dy = y as f32 + 0.5 - cy;
        // The part of the row inside the circle: no pixel asks for itself.
        let half = (reach * reach - dy * dy).max(0.0).sqrt();
        let (left, right) = (low(cx - half, width), low(cx + half + 1.0, width));
        let row = pixel::columns(art.pixels.row(y), left, right);
        let offsets = art.dither.line(y, left, row.len());
        for (index, (pixel, &offset)) in row.iter_mut().zip(offsets).enumerate() {
            let dx = (left + index) as i32 as f32 + 0.5 - cx;
            paint(pixel, dx, dy, offset);
        }
    }
}
