//! Text is always readable: its colour follows from the pixels under it, and
//! where no colour is enough, a scrim is laid under the text.

use super::canvas::{Canvas, clip};
use crate::color::{LumaRange, apca};
use crate::paint::Pixels;
use crate::report::InkReport;
use crate::scene::{Fill, Frame, TextItem};
use crate::{Color, MIN_CONTRAST, math};

/// Aimed at where a scrim is made, so that rounding cannot fall below.
const SCRIM_CONTRAST: f32 = 4.8;

/// What a text will be drawn with.
pub(super) struct Verdict {
    pub(super) ink: InkReport,
    /// Whether the text's own gradient may fill it.
    pub(super) takes_fill: bool,
}

/// Decides the colour of a text over what is painted in `lines`, laying a
/// scrim there if nothing else helps. `ground` is a box of the text's own.
pub(super) fn decide(
    canvas: &mut Canvas<'_>,
    item: &TextItem,
    lines: &[Frame],
    em: f32,
    ground: Option<Color>,
) -> Verdict {
    let painted = measure(&canvas.pixels(), lines);
    let range = behind(painted, ground);
    if let Some(Fill::Linear(linear)) = &item.fill {
        let worst = linear
            .stops
            .iter()
            .map(|stop| (stop.color, range.worst(stop.color)))
            .min_by(|a, b| a.1.1.total_cmp(&b.1.1));
        if let Some((color, (pixel, ratio))) = worst
            && ratio >= MIN_CONTRAST
        {
            return verdict(color, pixel, ratio, 0.0, true);
        }
    }
    for &color in &item.colors {
        let (pixel, ratio) = range.worst(color);
        if ratio >= MIN_CONTRAST {
            return verdict(color, pixel, ratio, 0.0, false);
        }
    }
    let plan = plan_scrim(item, painted, ground);
    lay_scrim(&mut canvas.pixels(), lines, em, plan.scrim, plan.alpha);
    let range = behind(measure(&canvas.pixels(), lines), ground);
    let (pixel, ratio) = range.worst(plan.text);
    verdict(plan.text, pixel, ratio, plan.alpha, false)
}

fn verdict(color: Color, pixel: Color, wcag: f32, scrim: f32, takes_fill: bool) -> Verdict {
    Verdict {
        ink: InkReport {
            color,
            wcag,
            apca: apca(color, pixel),
            scrim,
        },
        takes_fill,
    }
}

/// The painted range seen through a box of the text's own.
fn behind(painted: LumaRange, ground: Option<Color>) -> LumaRange {
    ground.map_or(painted, |ground| {
        let mut range = LumaRange::of(ground.over(painted.darkest));
        range.include(LumaRange::of(ground.over(painted.lightest)));
        range
    })
}

fn measure(pixels: &Pixels<'_>, lines: &[Frame]) -> LumaRange {
    let mut range: Option<LumaRange> = None;
    for frame in lines {
        let (x0, y0, x1, y1) = clip(frame, pixels.width, pixels.height);
        for y in y0..y1 {
            let row = &pixels.rgba[(y * pixels.width + x0) * 4..(y * pixels.width + x1) * 4];
            let Some(first) = row.first_chunk::<4>() else {
                continue;
            };
            range
                .get_or_insert_with(|| LumaRange::of(Color::rgb(first[0], first[1], first[2])))
                .scan(row);
        }
    }
    // A text without any pixel reads on anything.
    range.unwrap_or_else(|| LumaRange::of(Color::WHITE))
}

struct Plan {
    text: Color,
    scrim: Color,
    alpha: f32,
}

/// The colour that needs the faintest scrim, and that scrim.
fn plan_scrim(item: &TextItem, painted: LumaRange, ground: Option<Color>) -> Plan {
    let middle = painted.darkest.mix(painted.lightest, 0.5);
    let mut best: Option<Plan> = None;
    let last_resorts = [Color::WHITE, Color::BLACK];
    for &text in item.colors.iter().chain(&last_resorts) {
        for (end, share) in [(Color::BLACK, 0.86), (Color::WHITE, 0.92)] {
            let scrim = middle.mix(end, share);
            let alpha = (1..=25).map(|step| step as f32 * 0.04).find(|&alpha| {
                let veil = scrim.with_alpha((alpha * 255.0 + 0.5) as u8);
                let mut range = LumaRange::of(veil.over(painted.darkest));
                range.include(LumaRange::of(veil.over(painted.lightest)));
                behind(range, ground).worst(text).1 >= SCRIM_CONTRAST
            });
            if let Some(alpha) = alpha
                && best.as_ref().is_none_or(|best| alpha < best.alpha)
            {
                best = Some(Plan { text, scrim, alpha });
            }
        }
    }
    // An opaque black or white veil under white or black text always passes,
    // unless the text has a box of its own that no veil reaches through.
    best.unwrap_or(Plan {
        text: item.colors[0],
        scrim: Color::BLACK,
        alpha: 0.0,
    })
}

/// Veils the lines: full strength on them, fading out around them.
fn lay_scrim(pixels: &mut Pixels<'_>, lines: &[Frame], em: f32, scrim: Color, alpha: f32) {
    let Some(core) = lines.iter().copied().reduce(union) else {
        return;
    };
    let core = core.grown(em * 0.12);
    let fade = (em * 1.1).max(8.0);
    let (x0, y0, x1, y1) = clip(&core.grown(fade), pixels.width, pixels.height);
    let edge = |at: f32, low: f32, high: f32| {
        let outside = (low - at).max(at - high).max(0.0);
        1.0 - math::smoothstep(0.0, fade, outside)
    };
    let columns: Vec<f32> = (x0..x1)
        .map(|x| edge(x as f32 + 0.5, core.x, core.right()))
        .collect();
    let color = scrim.channels();
    for y in y0..y1 {
        let strength = alpha * edge(y as f32 + 0.5, core.y, core.bottom());
        let row = &mut pixels.rgba[(y * pixels.width + x0) * 4..(y * pixels.width + x1) * 4];
        for (pixel, column) in row.chunks_exact_mut(4).zip(&columns) {
            let share = strength * column;
            for (channel, over) in pixel.iter_mut().zip(color) {
                let below = f32::from(*channel);
                *channel = (below + (over - below) * share + 0.5) as u8;
            }
        }
    }
}

fn union(a: Frame, b: Frame) -> Frame {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Frame::new(
        x,
        y,
        a.right().max(b.right()) - x,
        a.bottom().max(b.bottom()) - y,
    )
}
