//! The page a design is laid out on: its shape, margins and safe area, and the
//! pieces that designs share.

use unicode_script::{Script, UnicodeScript};

use super::{Palette, custom};
use crate::scene::{
    Align, Background, CUSTOM_PALETTE, Flow, Frame, Item, Layer, LetterCase, Painter, Role, Rule,
    TextItem, Weight, Writing,
};
use crate::{Brief, Color, SafeArea, brief};

/// Classes of shape; a design is laid out once for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Twice as wide as high, or more.
    Banner,
    /// Screens and link previews.
    Wide,
    /// About as wide as high.
    Square,
    /// Posters and phones.
    Tall,
}

/// A page to be laid out.
pub(super) struct Page<'a> {
    pub(super) brief: &'a Brief,
    pub(super) palette: &'a Palette,
    pub(super) shape: Shape,
    /// Whether the title reads from the right.
    pub(super) is_rtl: bool,
    pub(super) width: f32,
    pub(super) height: f32,
    /// The geometric mean of the sides; type and ornaments scale by it.
    pub(super) unit: f32,
    pub(super) margin: f32,
    /// What remains inside safe area and margin.
    pub(super) content: Frame,
    /// Height of the watermark, when there is to be one.
    pub(super) mark_height: Option<f32>,
    /// `content` with the band that a logo takes from it.
    outer: Frame,
    /// Paints the ground in place of the design's own painter.
    pub(super) painter: Option<Painter>,
}

impl<'a> Page<'a> {
    pub(super) fn new(brief: &'a Brief, palette: &'a Palette, painter: Option<Painter>) -> Self {
        let (width, height) = (brief.size.width as f32, brief.size.height as f32);
        let unit = (width * height).sqrt();
        let short = width.min(height);
        let margin = (unit * 0.07).min(short * 0.11);
        let safe = SafeArea::of(brief.size);
        // A margin inside a safe area may be smaller than one at a bare edge.
        let inset = |share: f32, side: f32| (share * side + margin * 0.25).max(margin);
        let (left, top) = (inset(safe.left, width), inset(safe.top, height));
        let (right, bottom) = (inset(safe.right, width), inset(safe.bottom, height));
        let ratio = width / height;
        let shape = if ratio >= 2.05 {
            Shape::Banner
        } else if ratio >= 1.28 {
            Shape::Wide
        } else if ratio >= 0.86 {
            Shape::Square
        } else {
            Shape::Tall
        };
        let outer = Frame::new(left, top, width - left - right, height - top - bottom);
        let content = match brief.logo {
            None => outer,
            Some(_) => {
                let band = logo_height(unit, &outer) * 1.5;
                Frame::new(outer.x, outer.y + band, outer.width, outer.height - band)
            }
        };
        Self {
            brief,
            palette,
            shape,
            is_rtl: reads_from_the_right(&brief.title),
            width,
            height,
            unit,
            margin,
            content,
            mark_height: brief
                .watermark
                .then(|| (unit * 0.044).clamp(9.0, 1024.0).min(short * 0.2)),
            outer,
            painter,
        }
    }

    pub(super) fn is_wide(&self) -> bool {
        matches!(self.shape, Shape::Banner | Shape::Wide)
    }

    /// A frame as it stands on the page: mirrored for titles that read from
    /// the right.
    pub(super) fn facing(&self, frame: Frame) -> Frame {
        if self.is_rtl {
            Frame {
                x: self.width - frame.right(),
                ..frame
            }
        } else {
            frame
        }
    }

    /// A part of the content area, as shares of it, mirrored for titles that
    /// read from the right.
    pub(super) fn part(&self, x: f32, y: f32, width: f32, height: f32) -> Frame {
        let content = &self.content;
        let x = if self.is_rtl { 1.0 - x - width } else { x };
        Frame::new(
            content.x + content.width * x,
            content.y + content.height * y,
            (content.width * width).max(1.0),
            (content.height * height).max(1.0),
        )
    }

    /// Where the mark may be: nearer to the edge than text.
    pub(super) fn mark_area(&self) -> Frame {
        let by = self.margin * 0.35;
        let area = self.outer.grown(by);
        Frame::new(area.x, area.y, area.width.max(1.0), area.height.max(1.0))
    }

    /// Where a logo stands: in the upper corner where reading begins.
    pub(super) fn logo_frame(&self) -> Frame {
        let height = logo_height(self.unit, &self.outer);
        let width = (self.outer.width * 0.42).max(1.0);
        let x = if self.is_rtl {
            self.outer.right() - width
        } else {
            self.outer.x
        };
        Frame::new(x, self.outer.y, width, height)
    }

    /// Takes the band of the mark away from a frame that reaches into it; the
    /// mark hangs at the top or at the bottom.
    pub(super) fn clear_of_mark(&self, frame: Frame, at_bottom: bool) -> Frame {
        let Some(mark) = self.mark_height else {
            return frame;
        };
        let area = self.mark_area();
        let gap = mark * 0.6;
        if at_bottom {
            let limit = area.bottom() - mark - gap;
            let bottom = frame.bottom().min(limit);
            Frame::new(frame.x, frame.y, frame.width, (bottom - frame.y).max(1.0))
        } else {
            let top = frame.y.max(area.y + mark + gap);
            Frame::new(frame.x, top, frame.width, (frame.bottom() - top).max(1.0))
        }
    }

    /// The palette in the order of a painter's roles.
    pub(super) fn ground(&self, painter: Painter) -> Vec<Color> {
        let ground = &self.palette.ground;
        if self.painter.is_some() || self.palette.id == CUSTOM_PALETTE {
            custom::arranged(painter, ground)
        } else {
            ground.clone()
        }
    }

    pub(super) fn background(&self, painter: Painter, calm: Frame, grain: f32) -> Layer {
        let painter = self.painter.unwrap_or(painter);
        let calm = calm.grown(self.margin * 0.3);
        Layer::Background(Background {
            painter,
            seed: self.brief.seed,
            colors: self.ground(painter),
            calm: Some(Frame::new(
                calm.x,
                calm.y,
                calm.width.max(1.0),
                calm.height.max(1.0),
            )),
            grain,
            frame: None,
            mask: None,
        })
    }

    /// The title in a face, at most `share` units high.
    pub(super) fn title(&self, font: &str, share: f32) -> TextItem {
        let size = (self.unit * share * emphasis(&self.brief.title)).max(6.0);
        TextItem {
            max_lines: 8,
            weight: Weight::Display,
            ..self.text(&self.brief.title, Role::Title, font, size)
        }
    }

    /// The subtitle, when there is one.
    pub(super) fn subtitle(&self, font: &str, share: f32) -> Option<TextItem> {
        let text = self.brief.subtitle.as_deref().map(brief::tidy)?;
        if text.is_empty() {
            return None;
        }
        let size = (self.unit * share).max(5.0);
        Some(TextItem {
            line_height: 1.36,
            max_lines: 4,
            min_size: (size * 0.62).max(4.0),
            optional: true,
            ..self.text(&text, Role::Subtitle, font, size)
        })
    }

    pub(super) fn text(&self, text: &str, role: Role, font: &str, size: f32) -> TextItem {
        TextItem {
            text: brief::tidy(text),
            role,
            font: font.to_owned(),
            weight: Weight::Text,
            max_size: size,
            min_size: (self.unit * 0.026).clamp(4.0, size),
            max_lines: 1,
            line_height: 1.08,
            tracking: 0.0,
            case: LetterCase::AsWritten,
            writing: Writing::Horizontal,
            colors: vec![self.palette.ink, self.palette.reverse],
            fill: None,
            outline: None,
            shadow: None,
            highlight: None,
            plate: None,
            optional: false,
            language: self.brief.language.clone(),
        }
    }

    /// A short bar in the accent colour.
    pub(super) fn rule(&self, width: f32, height: f32, color: Color) -> Item {
        let height = (self.unit * height).max(1.0);
        Item::Rule(Rule {
            width: (self.unit * width).max(1.0),
            height,
            radius: height / 2.0,
            color,
        })
    }

    /// A column of items.
    pub(super) fn flow(
        &self,
        frame: Frame,
        vertical: Align,
        horizontal: Align,
        gap: f32,
        items: Vec<Item>,
    ) -> Layer {
        Layer::Flow(Flow {
            frame,
            vertical,
            horizontal,
            gap: (self.unit * gap).min(frame.height * 0.08),
            items,
        })
    }
}

/// Height of a logo.
fn logo_height(unit: f32, area: &Frame) -> f32 {
    (unit * 0.07).min(area.height * 0.16).max(1.0)
}

/// Short titles may stand larger: a single word as a poster would set it.
fn emphasis(title: &str) -> f32 {
    let width: f32 = title
        .chars()
        .map(|c| if u32::from(c) >= 0x2E80 { 1.7 } else { 1.0 })
        .sum();
    (17.0 / width.max(2.0)).sqrt().clamp(1.0, 2.1)
}

/// Whether the first letter with a direction runs from right to left.
fn reads_from_the_right(text: &str) -> bool {
    text.chars()
        .map(|c| c.script())
        .find(|script| !matches!(script, Script::Common | Script::Inherited | Script::Unknown))
        .is_some_and(|script| {
            matches!(
                script,
                Script::Arabic | Script::Hebrew | Script::Syriac | Script::Thaana | Script::Nko
            )
        })
}
