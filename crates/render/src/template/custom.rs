//! Palettes from freely chosen colours: the roles that a design needs, derived
//! in OKLCH.

use super::Palette;
use crate::color::{Lab, wcag};
use crate::scene::{CUSTOM_PALETTE, Painter};
use crate::{Color, math};

/// Designs reach for this many colours of a ground.
const GROUND_COLORS: usize = 5;
/// A chosen colour that reads this well on the ground may be the text's.
const CHOSEN_INK_CONTRAST: f32 = 7.0;
/// Rules and small words need not read as text does, but must be seen.
const ACCENT_CONTRAST: f32 = 3.0;

/// A palette of two to six colours, the first being the ground.
pub(super) fn palette(colors: &[Color]) -> Palette {
    let ground = colors[0];
    let ink = ink(colors);
    Palette {
        id: CUSTOM_PALETTE,
        name: "Custom",
        ground: extended(colors),
        ink,
        reverse: opposite(ink, ground),
        accent: accent(colors, ink),
    }
}

/// The chosen colour that reads best on the ground, where one reads well;
/// otherwise near black or near white in the ground's hue.
fn ink(colors: &[Color]) -> Color {
    let ground = colors[0];
    let chosen = colors[1..]
        .iter()
        .map(|&color| (color, wcag(color, ground)))
        .filter(|(_, contrast)| *contrast >= CHOSEN_INK_CONTRAST)
        .max_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((color, _)) = chosen {
        return color;
    }
    let (dark, light) = (tinted(ground, 0.2), tinted(ground, 0.985));
    if wcag(dark, ground) > wcag(light, ground) {
        dark
    } else {
        light
    }
}

/// The text's colour where the first does not read: at the other end of
/// lightness.
fn opposite(ink: Color, ground: Color) -> Color {
    if Lab::from(ink).l > 0.6 {
        tinted(ground, 0.18)
    } else {
        tinted(ground, 0.985)
    }
}

/// A lightness in the hue of a colour, barely coloured.
fn tinted(color: Color, lightness: f32) -> Color {
    let lab = Lab::from(color);
    let chroma = (lab.a * lab.a + lab.b * lab.b).sqrt();
    let most = if lightness > 0.6 { 0.012 } else { 0.05 };
    let share = if chroma > most { most / chroma } else { 1.0 };
    Lab {
        l: lightness,
        a: lab.a * share,
        b: lab.b * share,
    }
    .to_color()
}

/// The most colourful chosen colour, moved away from the ground in lightness
/// until it is seen there.
fn accent(colors: &[Color], ink: Color) -> Color {
    let ground = colors[0];
    let lively = colors[1..]
        .iter()
        .copied()
        .filter(|color| *color != ink)
        .max_by(|a, b| chroma(*a).total_cmp(&chroma(*b)))
        .unwrap_or(ink);
    let step = if Lab::from(ground).l > 0.6 {
        -0.03
    } else {
        0.03
    };
    (0..24)
        .map(|steps| lively.lighter(step * steps as f32))
        .find(|color| wcag(*color, ground) >= ACCENT_CONTRAST)
        .unwrap_or(ink)
}

fn chroma(color: Color) -> f32 {
    let lab = Lab::from(color);
    (lab.a * lab.a + lab.b * lab.b).sqrt()
}

/// The chosen colours, and mixtures of them where they are few.
fn extended(colors: &[Color]) -> Vec<Color> {
    let mut ground = colors.to_vec();
    let mut step = 0;
    while ground.len() < GROUND_COLORS {
        let from = colors[1 + step % (colors.len() - 1)];
        let share = [0.45, 0.7, 0.25][step % 3];
        ground.push(from.mix(colors[0], share));
        step += 1;
    }
    ground
}

/// The colours in the order of a painter's roles; see [`Painter`].
pub(super) fn arranged(painter: Painter, ground: &[Color]) -> Vec<Color> {
    let base = ground[0];
    let accents = &ground[1..];
    let is_dark = Lab::from(base).l < 0.55;
    let by = |score: fn(Color) -> f32| {
        let best = accents
            .iter()
            .copied()
            .max_by(|a, b| score(*a).total_cmp(&score(*b)));
        best.unwrap_or(base)
    };
    let lightest = by(|color| Lab::from(color).l);
    let liveliest = by(chroma);
    match painter {
        Painter::Contour => vec![base, accents[0], base.mix(accents[1], 0.4)],
        Painter::Silk if is_dark => vec![base, accents[0], lightest.lighter(0.06)],
        Painter::Silk => vec![base, base.mix(accents[0], 0.4), accents[0]],
        Painter::Papercut => sheets(base, accents),
        Painter::Retro => vec![
            base,
            base.mix(liveliest, 0.5),
            lightest.lighter(0.08),
            liveliest,
            base.lighter(if is_dark { -0.06 } else { -0.35 }),
        ],
        Painter::Glass => {
            let mut panes = ground.to_vec();
            panes.push(tinted(base, 0.16));
            panes
        }
        Painter::Ink => vec![
            base,
            tinted(base, if is_dark { 0.94 } else { 0.24 }),
            liveliest,
        ],
        Painter::Vista => {
            let deep = tinted(liveliest, if is_dark { 0.14 } else { 0.26 });
            let low = base.mix(lightest, if is_dark { 0.4 } else { 0.3 });
            vec![base, low, lightest.lighter(0.05), low.mix(deep, 0.4), deep]
        }
        _ => ground.to_vec(),
    }
}

/// Five sheets of paper from the farthest, which is nearest to the sky in
/// lightness, to the nearest.
fn sheets(sky: Color, accents: &[Color]) -> Vec<Color> {
    let from_sky = |color: &Color| (Lab::from(*color).l - Lab::from(sky).l).abs();
    let mut sorted = accents.to_vec();
    sorted.sort_by(|a, b| from_sky(a).total_cmp(&from_sky(b)));
    let last = sorted.len() - 1;
    let mut colors = vec![sky];
    colors.extend((0..5).map(|sheet| {
        let place = math::mix(0.0, last as f32, sheet as f32 / 4.0);
        let from = (place as usize).min(last.saturating_sub(1));
        let to = (from + 1).min(last);
        let color = sorted[from].mix(sorted[to], place - from as f32);
        // The farthest are in the haze.
        color.mix(sky, [0.5, 0.3, 0.12, 0.0, 0.0][sheet])
    }));
    colors
}

/// The tones of a photo printed in a palette's colours, dark to light.
pub(super) fn tones(palette: &Palette) -> Vec<Color> {
    let all: Vec<Color> = palette
        .ground
        .iter()
        .copied()
        .chain([palette.ink, palette.reverse])
        .collect();
    let lightness = |color: &Color| Lab::from(*color).l;
    let dark = all
        .iter()
        .copied()
        .min_by(|a, b| lightness(a).total_cmp(&lightness(b)))
        .unwrap_or(Color::BLACK);
    let light = all
        .iter()
        .copied()
        .max_by(|a, b| lightness(a).total_cmp(&lightness(b)))
        .unwrap_or(Color::WHITE);
    let (low, high) = (lightness(&dark), lightness(&light));
    // The middle tone is the palette's own colour.
    let middle = palette.ground[1..]
        .iter()
        .copied()
        .filter(|color| (low + 0.12..=high - 0.12).contains(&lightness(color)))
        .max_by(|a, b| chroma(*a).total_cmp(&chroma(*b)));
    [Some(dark), middle, Some(light)]
        .into_iter()
        .flatten()
        .collect()
}
