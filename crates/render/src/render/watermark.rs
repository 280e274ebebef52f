//! The mark of the free tier: a small pill that brings its own ground, so that
//! it reads on everything.

use vello_cpu::kurbo::{BezPath, Cap, Stroke};

use super::canvas::{Canvas, round_rect, solid};
use super::texts::{Mode, glyphs};
use crate::scene::{Align, Frame, LetterCase, Role, TextItem, Watermark, Weight, Writing};
use crate::text::{Bounds, Shaper, Spec, fit};
use crate::{Color, Error, Fonts};

/// Near black at three quarters: white on it has at least 7:1 over white.
const GROUND: Color = Color {
    r: 12,
    g: 12,
    b: 18,
    a: 190,
};

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    shaper: &mut Shaper,
    fonts: &Fonts,
    mark: &Watermark,
) -> Result<(), Error> {
    let height = mark.height;
    let size = height * 0.46;
    let spec = Spec::new(fonts, &word(mark, size))?;
    let bounds = Bounds {
        width: mark.frame.width,
        height,
        padding: [0.0; 2],
        min_size: size,
        max_size: size,
        max_lines: 1,
    };
    let word = fit(shaper, fonts, &spec, &bounds, Align::Start)?;
    let badge = height * 0.42;
    let (pad, gap) = (height * 0.36, height * 0.22);
    let width = pad + badge + gap + word.width + pad * 1.1;
    let pill = Frame::new(
        mark.frame.x + (mark.frame.width - width).max(0.0) * mark.anchor[0],
        mark.frame.y + (mark.frame.height - height).max(0.0) * mark.anchor[1],
        width,
        height,
    );
    let (context, resources) = canvas.draw();
    context.set_paint(solid(GROUND));
    context.fill_path(&round_rect(&pill, height / 2.0));

    // A sheet with its upper corner turned: a cover.
    let sheet = Frame::new(pill.x + pad, pill.y + (height - badge) / 2.0, badge, badge);
    context.set_paint(solid(Color::WHITE));
    context.set_stroke(Stroke::new(f64::from(badge) * 0.16).with_caps(Cap::Round));
    context.stroke_path(&round_rect(&sheet.grown(-badge * 0.08), badge * 0.24));
    context.fill_path(&spark(&sheet));

    // Capitals and ascenders centre the word; descenders hang.
    let cap = word.lines.first().map_or(word.height, |line| line.baseline);
    let origin = Frame::new(
        sheet.right() + gap,
        pill.y + (height - cap) / 2.0,
        word.width,
        word.height,
    );
    context.set_paint(solid(Color::WHITE));
    glyphs(context, resources, &origin, &word, Mode::Fill);
    Ok(())
}

fn word(mark: &Watermark, size: f32) -> TextItem {
    TextItem {
        text: mark.text.clone(),
        role: Role::Label,
        font: "space-grotesk-bold".to_owned(),
        weight: Weight::Display,
        max_size: size,
        min_size: size,
        max_lines: 1,
        line_height: 1.0,
        tracking: 0.01,
        case: LetterCase::AsWritten,
        writing: Writing::Horizontal,
        colors: vec![Color::WHITE],
        fill: None,
        outline: None,
        shadow: None,
        highlight: None,
        plate: None,
        optional: false,
        language: None,
    }
}

/// A four-pointed star in the middle of the sheet.
fn spark(sheet: &Frame) -> BezPath {
    let (cx, cy) = (
        f64::from(sheet.x + sheet.width / 2.0),
        f64::from(sheet.y + sheet.height / 2.0),
    );
    let long = f64::from(sheet.width) * 0.27;
    let mut path = BezPath::new();
    path.move_to((cx, cy - long));
    path.quad_to((cx, cy), (cx + long, cy));
    path.quad_to((cx, cy), (cx, cy + long));
    path.quad_to((cx, cy), (cx - long, cy));
    path.quad_to((cx, cy), (cx, cy - long));
    path.close_path();
    path
}
