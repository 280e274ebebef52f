//! A print in a few inks: large shapes, one ink over the other, slightly out of
//! register, with the speckle of a drum.

use super::art::Art;
use super::disc::cover;
use super::pixel;
use crate::Color;
use crate::math::sin_turns;
use crate::noise::Rng;
use crate::scene::Frame;

/// Side of the tile of speckles.
const TILE: usize = 128;

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    art.fill(art.color(0));
    let mut rng = art.rng(201);
    let stage = stage(art);
    let speckle = speckle(&mut rng);
    let inks: Vec<Color> = (0..3).map(|index| art.accent(index)).collect();
    let sun_x = sun(art, &mut rng, &stage, &speckle, inks[0]);
    match rng.below(3) {
        0 => hills(art, &mut rng, &stage, &speckle, [inks[1], inks[2]]),
        1 => arches(art, &mut rng, &stage, &speckle, [inks[1], inks[2]], sun_x),
        _ => petals(art, &mut rng, &stage, &speckle, [inks[1], inks[2]]),
    }
}

/// Where the picture is: what the text leaves free.
#[inline(always)]
fn stage(art: &Art<'_, '_>) -> Frame {
    let free = art.free_area();
    if free.width * free.height > art.width * art.height * 0.92 {
        Frame::new(0.0, 0.0, art.width, art.height)
    } else {
        free
    }
}

/// How much ink each spot of a tile takes: nearly all, with pinholes.
fn speckle(rng: &mut Rng) -> Vec<f32> {
    (0..TILE * TILE)
        .map(|_| {
            let spot = rng.unit();
            if spot < 0.03 {
                0.35
            } else {
                0.86 + 0.14 * rng.unit()
            }
        })
        .collect()
}

/// Prints an ink wherever `shape` says so, darkening what is below.
#[inline(always)]
fn print(
    art: &mut Art<'_, '_>,
    bounds: [f32; 4],
    ink: Color,
    speckle: &[f32],
    mut shape: impl FnMut(f32, f32) -> f32,
) {
    let low = |value: f32, side: usize| (value.max(0.0) as usize).min(side);
    let (width, height) = (art.pixels.width, art.pixels.height);
    let (left, right) = (low(bounds[0], width), low(bounds[2] + 1.0, width));
    // Grains keep their size on paper, whatever the pixels.
    let grain = (art.unit / 640.0).max(1.0);
    let inverse = 1.0 / grain;
    let ink = ink.channels().map(|channel| channel / 255.0);
    let columns: Vec<usize> = (left..right)
        .map(|x| (x as f32 * inverse) as usize % TILE)
        .collect();
    for y in low(bounds[1], height)..low(bounds[3] + 1.0, height) {
        let tile = ((y as f32 * inverse) as usize % TILE) * TILE;
        let spots = &speckle[tile..tile + TILE];
        let middle = y as f32 + 0.5;
        let row = pixel::columns(art.pixels.row(y), left, right);
        for (index, (pixel, &column)) in row.iter_mut().zip(&columns).enumerate() {
            let x = (left + index) as i32 as f32 + 0.5;
            let share = shape(x, middle) * spots[column];
            let under = pixel::read(*pixel);
            let color = std::array::from_fn(|i| under[i] * (1.0 - share + share * ink[i]));
            *pixel = pixel::opaque(color);
        }
    }
}

#[inline(always)]
fn sun(art: &mut Art<'_, '_>, rng: &mut Rng, stage: &Frame, speckle: &[f32], ink: Color) -> f32 {
    let short = stage.width.min(stage.height);
    let radius = short * rng.range(0.36, 0.44);
    let x = stage.x + stage.width * rng.range(0.42, 0.62);
    let y = stage.y + stage.height * rng.range(0.4, 0.52);
    let bounds = [
        x - radius - 1.0,
        y - radius - 1.0,
        x + radius + 1.0,
        y + radius + 1.0,
    ];
    print(art, bounds, ink, speckle, |px, py| {
        let (dx, dy) = (px - x, py - y);
        cover((dx * dx + dy * dy).sqrt() - radius)
    });
    x
}

/// Waves across the foot of the stage, one ink over the other.
#[inline(always)]
fn hills(art: &mut Art<'_, '_>, rng: &mut Rng, stage: &Frame, speckle: &[f32], inks: [Color; 2]) {
    for (index, ink) in inks.into_iter().enumerate() {
        let base = stage.y + stage.height * [0.62, 0.78][index];
        let swing = stage.height * rng.range(0.09, 0.14);
        let (frequency, phase) = (rng.range(0.7, 1.2) / art.unit, rng.unit());
        let bounds = [stage.x, base - swing * 1.5, stage.right(), stage.bottom()];
        print(art, bounds, ink, speckle, |x, y| {
            let wave =
                sin_turns(x * frequency + phase) + 0.4 * sin_turns(x * frequency * 2.3 + phase);
            cover(base + wave * swing - y)
        });
    }
}

/// Rings around a point of the stage's lower edge.
#[inline(always)]
fn arches(
    art: &mut Art<'_, '_>,
    rng: &mut Rng,
    stage: &Frame,
    speckle: &[f32],
    inks: [Color; 2],
    sun_x: f32,
) {
    let short = stage.width.min(stage.height);
    let is_left = rng.chance(0.5);
    let x = if stage.width > stage.height * 1.6 {
        // On a long stage they stay by the sun.
        sun_x + short * if is_left { -0.5 } else { 0.5 }
    } else if is_left {
        stage.x + stage.width * 0.08
    } else {
        stage.right() - stage.width * 0.04
    };
    let y = stage.bottom();
    let band = short * 0.1;
    for (index, ink) in inks.into_iter().enumerate() {
        let shift = art.unit * 0.005 * index as f32;
        let bounds = [stage.x, stage.y, stage.right(), stage.bottom()];
        print(art, bounds, ink, speckle, |px, py| {
            let (dx, dy) = (px - x - shift, py - y + shift);
            let away = (dx * dx + dy * dy).sqrt() / band;
            let ring = away.floor();
            let place = away - ring;
            let is_mine = (ring as i32) % 2 == index as i32 && (2.0..8.0).contains(&away);
            let edge = cover((0.5 - place).abs() * band - band * 0.44);
            if is_mine { edge } else { 0.0 }
        });
    }
}

/// Large leaves, as cut with scissors.
#[inline(always)]
fn petals(art: &mut Art<'_, '_>, rng: &mut Rng, stage: &Frame, speckle: &[f32], inks: [Color; 2]) {
    let short = stage.width.min(stage.height);
    let aspect = (stage.width / stage.height).clamp(0.6, 4.0);
    let count = (3.0 + aspect * 2.2) as usize;
    for index in 0..count {
        let ink = inks[index % 2];
        let turn = rng.range(-0.16, 0.16) - 0.25;
        let (cos, sin) = (crate::math::cos_turns(turn), sin_turns(turn));
        let length = short * rng.range(0.34, 0.48);
        let wide = length * rng.range(0.28, 0.38);
        let place = (index as f32 + 0.5) / count as f32;
        let x = stage.x + stage.width * place + short * rng.range(-0.05, 0.05);
        // They grow from the stage's lower edge.
        let y = stage.bottom() - length * rng.range(0.3, 0.72);
        let reach = length * 1.05;
        let bounds = [
            (x - reach).max(stage.x),
            (y - reach).max(stage.y),
            (x + reach).min(stage.right()),
            (y + reach).min(stage.bottom()),
        ];
        print(art, bounds, ink, speckle, |px, py| {
            let (dx, dy) = (px - x, py - y);
            let (along, across) = ((dx * cos + dy * sin) / length, dx * sin - dy * cos);
            let half = wide * (1.0 - along * along).max(0.0);
            let vein = cover(across.abs() - wide * 0.03);
            cover(across.abs() - half) * (1.0 - vein)
        });
    }
}
