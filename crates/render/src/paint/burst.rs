//! Rays around a point, and dots that shrink towards it.

use super::art::Art;
use super::{disc, field, pixel};
use crate::color::Lab;
use crate::math::{bell, cos_turns, sin_turns, smoothstep};

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    let mut rng = art.rng(181);
    let free = art.free_area();
    let is_whole = art.calm.is_none() || free.width * free.height > art.width * art.height * 0.9;
    let (cx, cy) = if is_whole {
        (art.width * 0.5, art.height * rng.range(0.45, 0.6))
    } else {
        (
            free.x + free.width * rng.range(0.4, 0.6),
            free.y + free.height * rng.range(0.4, 0.6),
        )
    };
    glow(art, cx, cy);
    let rays = 8 + rng.below(5);
    rays_of(art, cx, cy, rays, rng.unit());
    dots(art, cx, cy, rng.unit());
}

/// The ground, lighter around the point.
#[inline(never)]
fn glow(art: &mut Art<'_, '_>, cx: f32, cy: f32) {
    let ground = Lab::from(art.color(0));
    let bright = Lab {
        l: (ground.l + 0.1).min(0.97),
        ..ground
    };
    let reach = 1.0 / (art.unit * 0.8);
    field::colors(art, 16, |x, y| {
        let (dx, dy) = ((x - cx) * reach, (y - cy) * reach);
        ground
            .mix(bright, bell((dx * dx + dy * dy).min(1.0)))
            .to_channels()
    });
}

#[inline(always)]
fn rays_of(art: &mut Art<'_, '_>, cx: f32, cy: f32, rays: usize, turn: f32) {
    let tint = art.color(1).channels();
    // Lines through the point part the page into sectors; the product of the
    // signed distances to all of them changes its sign from one to the next.
    let lines: Vec<[f32; 2]> = (0..rays)
        .map(|index| {
            let angle = turn + index as f32 / (2 * rays) as f32;
            [-sin_turns(angle), cos_turns(angle)]
        })
        .collect();
    let (width, height) = (art.pixels.width, art.pixels.height);
    let (calm, unit) = (art.calm, art.unit);
    let mut shares = vec![0.0_f32; width];
    for y in 0..height {
        let dy = y as f32 + 0.5 - cy;
        shares.fill(1.0);
        for [a, b] in &lines {
            let down = dy * b;
            for (x, share) in shares.iter_mut().enumerate() {
                let dx = x as i32 as f32 + 0.5 - cx;
                *share *= ((dx * a + down) * 2.0).clamp(-1.0, 1.0);
            }
        }
        let offsets = art.dither.line(y, 0, width);
        let row = pixel::columns(art.pixels.row(y), 0, width);
        for (x, (pixel, (&share, &offset))) in
            row.iter_mut().zip(shares.iter().zip(offsets)).enumerate()
        {
            let px = x as i32 as f32;
            let quiet = super::art::calmness(calm, px, y as f32, unit * 0.25);
            let share = (share * 0.5 + 0.5) * (1.0 - 0.72 * quiet);
            let color = pixel::mix(pixel::read(*pixel), tint, share);
            *pixel = pixel::opaque(pixel::shift(color, offset * 0.5));
        }
    }
}

/// A grid of dots that grows towards the corners.
#[inline(never)]
fn dots(art: &mut Art<'_, '_>, cx: f32, cy: f32, phase: f32) {
    let color = art.color(2);
    let pitch = (art.unit / 36.0).max(5.0);
    let far = art.unit * 0.86;
    let (columns, rows) = (
        (art.width / pitch) as i32 + 2,
        (art.height / pitch) as i32 + 2,
    );
    for row in -1..rows {
        for column in -1..columns {
            let x = (column as f32 + if row % 2 == 0 { 0.5 } else { 0.0 } + phase) * pitch;
            let y = (row as f32 + 0.5) * pitch;
            let (dx, dy) = (x - cx, y - cy);
            let away = (dx * dx + dy * dy).sqrt() / far;
            let radius = pitch * 0.44 * smoothstep(0.5, 1.15, away);
            let keep = 1.0 - art.calmness(x, y, 0.1);
            if radius * keep > 0.5 {
                disc::disc(art.pixels, x, y, radius * keep, color);
            }
        }
    }
}
