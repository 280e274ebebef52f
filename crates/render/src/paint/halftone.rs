//! A poster of growing dots in two inks, printed slightly out of register.

use super::Pixels;
use super::art::Art;
use super::disc::cover;
use crate::Color;
use crate::math::{cos_turns, sin_turns, smoothstep};

struct Screen {
    ink: Color,
    turn: f32,
    pitch: f32,
    /// Radius of the largest dot, in pitches: beyond a half dots touch.
    largest: f32,
    /// Direction in which dots grow, and where they begin and are largest.
    toward: [f32; 2],
    from: f32,
    to: f32,
    shift: [f32; 2],
}

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    let paper = art.color(0);
    art.fill(paper);
    let mut rng = art.rng(41);
    let free = art.free_area();
    let center = [free.x + free.width / 2.0, free.y + free.height / 2.0];
    let middle = art
        .calm
        .map_or([art.width * 0.3, art.height * 0.3], |calm| {
            [calm.x + calm.width / 2.0, calm.y + calm.height / 2.0]
        });
    let mut toward = [center[0] - middle[0], center[1] - middle[1]];
    // A little askew: a poster, not a chart.
    let skew = rng.range(-0.35, 0.35);
    toward = [toward[0] - toward[1] * skew, toward[1] + toward[0] * skew];
    let length = (toward[0] * toward[0] + toward[1] * toward[1])
        .sqrt()
        .max(1.0);
    let toward = [toward[0] / length, toward[1] / length];
    let along = |x: f32, y: f32| x * toward[0] + y * toward[1];
    let corners = [
        along(0.0, 0.0),
        along(art.width, 0.0),
        along(0.0, art.height),
        along(art.width, art.height),
    ];
    let far = corners.iter().copied().fold(f32::MIN, f32::max);
    let near = corners.iter().copied().fold(f32::MAX, f32::min);
    let pitch = (art.unit / 33.0).max(4.0);
    let second = Screen {
        ink: art.color(2),
        turn: 0.04,
        pitch,
        largest: 0.5,
        toward,
        from: near + (far - near) * 0.14,
        to: far,
        shift: [pitch * 0.5, pitch * 0.5],
    };
    let first = Screen {
        ink: art.color(1),
        turn: 0.125,
        largest: 0.57,
        from: near + (far - near) * 0.3,
        to: far + (far - near) * 0.2,
        shift: [0.0, 0.0],
        ..second
    };
    let bend = art.noise(42);
    let (unit, calm) = (art.unit, art.calm);
    let swell = |x: f32, y: f32| {
        let wave = bend.at(x / unit * 1.6, y / unit * 1.6) * 0.22;
        let keep = 1.0 - super::art::calmness(calm, x, y, unit * 0.4) * 0.62;
        (wave, keep)
    };
    print(art.pixels, &second, &swell);
    print(art.pixels, &first, &swell);
}

/// Prints every dot of a screen, darkening what is below as ink does.
#[inline(always)]
fn print(pixels: &mut Pixels<'_>, screen: &Screen, swell: &impl Fn(f32, f32) -> (f32, f32)) {
    let (cos, sin) = (cos_turns(screen.turn), sin_turns(screen.turn));
    let (width, height) = (pixels.width as f32, pixels.height as f32);
    let reach = ((width + height) / screen.pitch) as i32 + 2;
    let ink = screen.ink.channels().map(|channel| channel / 255.0);
    for row in -reach..=reach {
        for column in -reach..=reach {
            let (u, v) = (column as f32 * screen.pitch, row as f32 * screen.pitch);
            let x = u * cos - v * sin + screen.shift[0];
            let y = u * sin + v * cos + screen.shift[1];
            let margin = screen.pitch;
            if x < -margin || y < -margin || x > width + margin || y > height + margin {
                continue;
            }
            let along = x * screen.toward[0] + y * screen.toward[1];
            let (wave, keep) = swell(x, y);
            let tone = smoothstep(
                screen.from,
                screen.to,
                along + wave * (screen.to - screen.from),
            );
            // The radius follows the square root, so that tone follows area.
            let radius = screen.pitch * screen.largest * tone.sqrt() * keep;
            if radius > 0.4 {
                dot(pixels, x, y, radius, ink);
            }
        }
    }
}

#[inline(always)]
fn dot(pixels: &mut Pixels<'_>, cx: f32, cy: f32, radius: f32, ink: [f32; 3]) {
    let low = |value: f32, side: usize| (value.max(0.0) as usize).min(side);
    let (width, height) = (pixels.width, pixels.height);
    let (left, right) = (low(cx - radius - 1.0, width), low(cx + radius + 2.0, width));
    for y in low(cy - radius - 1.0, height)..low(cy + radius + 2.0, height) {
        let dy = y as f32 + 0.5 - cy;
        let row = &mut pixels.row(y)[left * 4..right.max(left) * 4];
        for (index, pixel) in row.chunks_exact_mut(4).enumerate() {
            let dx = (left + index) as f32 + 0.5 - cx;
            let share = cover((dx * dx + dy * dy).sqrt() - radius);
            if share > 0.0 {
                for (channel, ink) in pixel.iter_mut().zip(ink) {
                    let under = f32::from(*channel);
                    *channel = (under * (1.0 - share + share * ink) + 0.5) as u8;
                }
            }
        }
    }
}
