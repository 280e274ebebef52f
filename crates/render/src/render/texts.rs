//! Texts and rules of a flow, drawn.

use vello_cpu::kurbo::{Join, Stroke};
use vello_cpu::{PaintType, RenderContext, Resources};

use super::canvas::{Canvas, round_rect, solid};
use super::flow::{Content, Placed};
use super::{guard, shadow, shapes};
use crate::Color;
use crate::report::Report;
use crate::scene::{Frame, Highlight, TextItem};
use crate::text::Fitted;

/// Draws a laid out flow and reports on its texts.
pub(super) fn draw(canvas: &mut Canvas<'_>, placed: &[Placed<'_>], report: &mut Report) {
    // All decisions come first: they read pixels, which ends a batch.
    let verdicts: Vec<Option<guard::Verdict>> = placed
        .iter()
        .map(|placed| match &placed.content {
            Content::Text(item, fitted) => Some(guard::decide(
                canvas,
                item,
                &line_frames(placed, fitted),
                fitted.size,
                own_ground(item),
            )),
            Content::Rule(_) => None,
        })
        .collect();
    for (placed, verdict) in placed.iter().zip(verdicts) {
        match (&placed.content, verdict) {
            (Content::Text(item, fitted), Some(verdict)) => {
                text(canvas, placed, item, fitted, &verdict);
                report.texts.extend(placed.report().map(|mut text| {
                    text.ink = Some(verdict.ink);
                    text
                }));
            }
            (Content::Rule(rule), _) => {
                let (context, _) = canvas.draw();
                context.set_paint(solid(rule.color));
                context.fill_path(&round_rect(&placed.frame, rule.radius));
            }
            (Content::Text(..), None) => {}
        }
    }
}

/// Where the lines' letters stand on the cover, with a little room for what
/// antialiasing adds.
fn line_frames(placed: &Placed<'_>, fitted: &Fitted) -> Vec<Frame> {
    let origin = placed.text_frame();
    fitted
        .lines
        .iter()
        .map(|line| {
            Frame::new(
                origin.x + line.ink.x,
                origin.y + line.ink.y,
                line.ink.width,
                line.ink.height,
            )
            .grown(1.0)
        })
        .collect()
}

/// An outline at least this wide, in ems, is what its letters are read against.
const GROUND_OUTLINE: f32 = 0.06;

/// What a text brings along to stand on, if anything: boxes, or a wide outline.
fn own_ground(item: &TextItem) -> Option<Color> {
    let outline = item
        .outline
        .filter(|outline| outline.width >= GROUND_OUTLINE)
        .map(|outline| outline.color);
    let highlight = item.highlight.map(|highlight| highlight.color);
    let plate = item.plate.map(|plate| plate.color);
    outline.or(highlight).or(plate)
}

fn text(
    canvas: &mut Canvas<'_>,
    placed: &Placed<'_>,
    item: &TextItem,
    fitted: &Fitted,
    verdict: &guard::Verdict,
) {
    let origin = placed.text_frame();
    let em = fitted.size;
    if let Some(plate) = &item.plate {
        let (context, _) = canvas.draw();
        context.set_paint(solid(plate.color));
        context.fill_path(&round_rect(&placed.frame, plate.radius * em));
    }
    if let Some(highlight) = &item.highlight {
        highlights(canvas, &origin, fitted, highlight);
    }
    if let Some(shadow) = &item.shadow {
        shadow::draw(canvas, &origin, fitted, shadow);
    }
    let (context, resources) = canvas.draw();
    if let Some(outline) = &item.outline {
        let width = f64::from(outline.width * em * 2.0);
        context.set_stroke(Stroke::new(width).with_join(Join::Round));
        context.set_paint(solid(outline.color));
        glyphs(context, resources, &origin, fitted, Mode::Stroke);
    }
    let paint: PaintType = match &item.fill {
        Some(fill) if verdict.takes_fill => {
            shapes::paint(fill, [origin.x, origin.y], [origin.width, origin.height])
        }
        _ => solid(verdict.ink.color).into(),
    };
    context.set_paint(paint);
    glyphs(context, resources, &origin, fitted, Mode::Fill);
}

/// A box behind every line, from above the capitals to below the descenders,
/// the same height for all.
fn highlights(canvas: &mut Canvas<'_>, origin: &Frame, fitted: &Fitted, highlight: &Highlight) {
    let em = fitted.size;
    let rise = fitted
        .lines
        .iter()
        .map(|line| line.baseline - line.ink.y)
        .fold(0.0, f32::max);
    let fall = fitted
        .lines
        .iter()
        .map(|line| line.ink.bottom() - line.baseline)
        .fold(0.0, f32::max);
    let (context, _) = canvas.draw();
    context.set_paint(solid(highlight.color));
    for line in &fitted.lines {
        let frame = Frame::new(
            origin.x + line.ink.x - highlight.pad_x * em,
            origin.y + line.baseline - rise - highlight.pad_y * em,
            line.ink.width + 2.0 * highlight.pad_x * em,
            rise + fall + 2.0 * highlight.pad_y * em,
        );
        context.fill_path(&round_rect(&frame, highlight.radius * em));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Fill,
    Stroke,
}

/// Draws the glyphs of a fitted text with the context's paint.
pub(super) fn glyphs(
    context: &mut RenderContext,
    resources: &mut Resources,
    origin: &Frame,
    fitted: &Fitted,
    mode: Mode,
) {
    for span in &fitted.spans {
        if span.is_color && mode == Mode::Stroke {
            continue;
        }
        let placed = span.glyphs.iter().map(|glyph| vello_cpu::Glyph {
            id: glyph.id,
            x: glyph.x + origin.x,
            y: glyph.y + origin.y,
        });
        let run = context
            .glyph_run(resources, &span.font)
            .font_size(fitted.size)
            .hint(false);
        // A glyph without an outline, such as a space, is not an error.
        let _ = match mode {
            Mode::Fill => run.fill_glyphs(placed),
            Mode::Stroke => run.stroke_glyphs(placed),
        };
    }
}
