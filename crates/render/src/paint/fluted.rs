//! Light seen through ribbed glass: a soft gradient, bent anew in every rib.

use super::art::Art;
use super::pixel;
use crate::color::Lab;
use crate::math::{bell, cos_turns, mix, sin_turns};

/// Grid nodes along the geometric mean of the sides.
const NODES: f32 = 90.0;

struct Light {
    lab: Lab,
    x: f32,
    y: f32,
    reach: f32,
}

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    let mut rng = art.rng(151);
    let (width, height) = (art.pixels.width, art.pixels.height);
    let step = ((art.unit / NODES) as usize).clamp(4, 24);
    let (columns, rows) = (width / step + 3, height / step + 2);
    let nodes = nodes(art, columns, rows, step);
    // About eleven ribs across the unit.
    let rib = (art.unit / rng.range(9.0, 13.0)).max(10.0);
    let shift = rng.range(0.0, 1.0);
    let lens = lens(width, rib, shift, step, columns);
    let mut line = vec![[0.0_f32; 4]; columns];
    for y in 0..height {
        let (row, down) = (y / step, (y % step) as f32 / step as f32);
        let above = &nodes[row * columns..(row + 1) * columns];
        let below = &nodes[(row + 1) * columns..(row + 2) * columns];
        for (out, (a, b)) in line.iter_mut().zip(above.iter().zip(below)) {
            *out = std::array::from_fn(|i| mix(a[i], b[i], down));
        }
        let offsets = art.dither.line(y, 0, width);
        let out = pixel::columns(art.pixels.row(y), 0, width);
        for (pixel, (place, &offset)) in out.iter_mut().zip(lens.iter().zip(offsets)) {
            let (a, b) = (line[place.node], line[place.node + 1]);
            let color: [f32; 3] =
                std::array::from_fn(|i| mix(a[i], b[i], place.share) * place.shade + place.gleam);
            *pixel = pixel::opaque(pixel::shift(color, offset));
        }
    }
}

/// Where a column of pixels looks through the glass, and how the rib shades it.
struct Look {
    node: usize,
    share: f32,
    shade: f32,
    gleam: f32,
}

#[inline(never)]
fn lens(width: usize, rib: f32, shift: f32, step: usize, columns: usize) -> Vec<Look> {
    (0..width)
        .map(|x| {
            let place = (x as f32 + 0.5) / rib + shift;
            let index = place.floor();
            let across = place - index - 0.5;
            // A cylinder magnifies in its middle and sees far at its edges.
            let bent = across * (1.2 + 5.2 * across * across);
            let seen = (index + 0.5 + bent - shift) * rib;
            let last = (columns - 2) as f32;
            let at = (seen / step as f32).clamp(0.0, last);
            let node = (at as usize).min(columns - 2);
            // Bright at its left flank, dark towards the right edge.
            let flank = across + 0.5;
            let shade = 1.0 - 0.2 * flank * flank * flank;
            let gleam = 12.0 * bell(((flank - 0.08) * 6.0) * ((flank - 0.08) * 6.0));
            Look {
                node,
                share: (at - node as f32).clamp(0.0, 1.0),
                shade,
                gleam,
            }
        })
        .collect()
}

#[inline(never)]
fn nodes(art: &Art<'_, '_>, columns: usize, rows: usize, step: usize) -> Vec<[f32; 4]> {
    let ground = Lab::from(art.color(0));
    let lights = lights(art);
    let bend = art.noise(152);
    let unit = art.unit;
    let mut nodes = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            let (px, py) = ((column * step) as f32, (row * step) as f32);
            let (x, y) = (px / unit, py / unit);
            let bx = x + 0.16 * bend.at(x * 1.4, y * 1.4);
            let by = y + 0.16 * bend.at(x * 1.4 + 5.0, y * 1.4 + 5.0);
            let mut lab = ground;
            for light in &lights {
                let (dx, dy) = ((bx - light.x) / light.reach, (by - light.y) / light.reach);
                lab = lab.mix(light.lab, bell(dx * dx + dy * dy));
            }
            let quiet = super::art::calmness(art.calm, px, py, unit * 0.3);
            let [r, g, b] = lab.mix(ground, quiet * 0.5).to_channels();
            nodes.push([r, g, b, 255.0]);
        }
    }
    nodes
}

#[inline(never)]
fn lights(art: &Art<'_, '_>) -> Vec<Light> {
    let mut rng = art.rng(153);
    let count = (art.colors.len() - 1).max(3) + 2;
    let (w, h) = (art.width / art.unit, art.height / art.unit);
    let start = rng.unit();
    (0..count)
        .map(|index| {
            // Spread along a spiral, so that every light has room.
            let turn = start + index as f32 * 0.381_97;
            let out = 0.2 + 0.34 * ((index as f32 + 0.5) / count as f32).sqrt();
            Light {
                lab: Lab::from(art.accent(index)),
                x: w * (0.5 + out * cos_turns(turn) + rng.range(-0.06, 0.06)),
                y: h * (0.5 + out * sin_turns(turn) + rng.range(-0.06, 0.06)),
                reach: rng.range(0.42, 0.7),
            }
        })
        .collect()
}
