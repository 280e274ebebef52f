//! What a brief changes in a finished layout: typeface, case, alignment, the
//! line above the title, a photo in place of the painted ground, a logo.

use super::page::Page;
use super::{Overrides, custom};
use crate::color::Lab;
use crate::scene::{
    Align, Background, Fill, Fit, Flow, Frame, Geometry, GradientStop, Item, Layer, LetterCase,
    LinearFill, Mask, Painter, PictureLayer, Role, Shape, TextItem,
};
use crate::{Color, Photo, PhotoTreatment, Typeface};

/// Applies a brief's choices to the layers of a design.
pub(super) fn dress(page: &Page<'_>, layers: &mut Vec<Layer>, overrides: &Overrides) {
    let is_placed = layers.iter().any(has_label);
    for layer in layers.iter_mut() {
        if let Layer::Flow(flow) = layer
            && flow.items.iter().any(is_title)
        {
            titles(page, flow, overrides);
            if !is_placed {
                kicker(page, flow);
            }
        }
    }
    if let Some(photo) = &page.brief.photo
        && !shows(layers, &photo.picture)
    {
        replace_ground(page, layers, photo);
    }
    if let Some(logo) = &page.brief.logo {
        layers.push(Layer::Picture(PictureLayer {
            focus: [if page.is_rtl { 1.0 } else { 0.0 }, 0.5],
            fit: Fit::Contain,
            ..PictureLayer::new(logo.clone(), page.logo_frame())
        }));
    }
}

fn is_title(item: &Item) -> bool {
    matches!(item, Item::Text(text) if text.role == Role::Title)
}

fn titles(page: &Page<'_>, flow: &mut Flow, overrides: &Overrides) {
    if let Some(align) = overrides.align {
        flow.horizontal = align;
    }
    for item in &mut flow.items {
        let Item::Text(text) = item else { continue };
        if text.role != Role::Title {
            continue;
        }
        if let Some(case) = overrides.case {
            text.case = case;
        }
        if let Some(id) = &page.brief.font
            && let Ok(typeface) = Typeface::parse(id)
        {
            set_in(text, typeface);
        }
    }
}

/// Sets a title in another typeface, at a size that fills about as much.
fn set_in(text: &mut TextItem, typeface: &Typeface) {
    if text.font == typeface.face {
        return;
    }
    if let Some(before) = Typeface::of_face(&text.font) {
        let ratio = (before.width / typeface.width).clamp(0.6, 1.6);
        text.max_size = (text.max_size * ratio).clamp(text.min_size, 4096.0);
        // What a design adds for boxes behind its lines stays.
        let airy = (text.line_height - before.line_height).max(0.0);
        text.line_height = typeface.line_height + airy;
    }
    typeface.face.clone_into(&mut text.font);
    text.tracking = typeface.tracking;
}

/// Puts the line above the title, where the design has not placed it itself.
fn kicker(page: &Page<'_>, flow: &mut Flow) {
    let Some(text) = page.kicker("inter-extrabold", 0.026) else {
        return;
    };
    let at = flow.items.iter().position(is_title).unwrap_or(0);
    flow.items.insert(at, Item::Text(text));
}

fn has_label(layer: &Layer) -> bool {
    let is_label = |item: &Item| matches!(item, Item::Text(text) if text.role == Role::Label);
    matches!(layer, Layer::Flow(flow) if flow.items.iter().any(is_label))
}

fn shows(layers: &[Layer], name: &str) -> bool {
    layers
        .iter()
        .any(|layer| matches!(layer, Layer::Picture(picture) if picture.name == name))
}

/// The photo as a layer, cut to a frame and printed as the brief asks.
pub(super) fn photo_layer(page: &Page<'_>, photo: &Photo, frame: Frame) -> PictureLayer {
    PictureLayer {
        focus: [photo.focal_x, photo.focal_y],
        tones: match photo.treatment {
            PhotoTreatment::Natural => None,
            PhotoTreatment::Duotone => Some(custom::tones(page.palette)),
        },
        ..PictureLayer::new(photo.picture.clone(), frame)
    }
}

/// Puts the photo in place of the painted ground, and a veil of the ground's
/// colour over it where the text stands.
fn replace_ground(page: &Page<'_>, layers: &mut Vec<Layer>, photo: &Photo) {
    let is_ground =
        |layer: &Layer| matches!(layer, Layer::Background(ground) if ground.frame.is_none());
    let at = layers.iter().position(is_ground);
    let calm = match at.map(|at| layers.remove(at)) {
        Some(Layer::Background(Background { calm, .. })) => calm,
        _ => None,
    };
    let whole = Frame::new(0.0, 0.0, page.width, page.height);
    let at = at.unwrap_or(0);
    layers.insert(at, Layer::Picture(photo_layer(page, photo, whole)));
    if let Some(calm) = calm {
        layers.insert(at + 1, veil(page, calm));
    }
}

/// A veil that is dense where the text begins and gone where it ends.
pub(super) fn veil(page: &Page<'_>, calm: Frame) -> Layer {
    let ground = page.palette.ground[0];
    // The eye forgives a dark veil more than a pale one.
    let strength = if Lab::from(ground).l < 0.55 {
        0.78
    } else {
        0.9
    };
    let middle = [calm.x + calm.width / 2.0, calm.y + calm.height / 2.0];
    let (from, to) = if calm.width < page.width * 0.84 {
        let is_left = middle[0] < page.width / 2.0;
        let end = if is_left {
            (calm.right() + page.width * 0.16).min(page.width)
        } else {
            (calm.x - page.width * 0.16).max(0.0)
        };
        let start = if is_left { 0.0 } else { page.width };
        ([start, 0.0], [end, 0.0])
    } else if (middle[1] - page.height / 2.0).abs() < page.height * 0.06 {
        return rectangle(
            page,
            Fill::Solid {
                color: ground.with_alpha((strength * 0.66 * 255.0) as u8),
            },
        );
    } else {
        let is_top = middle[1] < page.height / 2.0;
        let end = if is_top {
            (calm.bottom() + page.height * 0.12).min(page.height)
        } else {
            (calm.y - page.height * 0.12).max(0.0)
        };
        let start = if is_top { 0.0 } else { page.height };
        ([0.0, start], [0.0, end])
    };
    let stop = |offset: f32, share: f32| GradientStop {
        offset,
        color: ground.with_alpha((strength * share * 255.0) as u8),
    };
    rectangle(
        page,
        Fill::Linear(LinearFill {
            from,
            to,
            stops: vec![
                stop(0.0, 1.0),
                stop(0.42, 0.9),
                stop(0.68, 0.58),
                stop(0.86, 0.2),
                stop(1.0, 0.0),
            ],
        }),
    )
}

pub(super) fn rectangle(page: &Page<'_>, fill: Fill) -> Layer {
    Layer::Shape(Shape {
        geometry: Geometry::Rectangle {
            frame: Frame::new(0.0, 0.0, page.width, page.height),
            radius: 0.0,
        },
        fill: Some(fill),
        stroke: None,
    })
}

impl Page<'_> {
    /// The line above the title, when there is one.
    pub(super) fn kicker(&self, font: &str, share: f32) -> Option<TextItem> {
        let text = crate::brief::tidy(self.brief.kicker.as_deref()?);
        if text.is_empty() {
            return None;
        }
        let size = (self.unit * share).max(5.0);
        Some(TextItem {
            tracking: 0.09,
            case: LetterCase::Upper,
            colors: vec![self.palette.accent, self.palette.ink, self.palette.reverse],
            min_size: (size * 0.6).max(4.0),
            max_lines: 2,
            line_height: 1.2,
            optional: true,
            ..self.text(&text, Role::Label, font, size)
        })
    }

    /// A photo in a frame or, without one, what a painter paints there.
    pub(super) fn slot(&self, painter: Painter, frame: Frame, mask: Option<Mask>) -> Layer {
        let painter = self.painter.unwrap_or(painter);
        self.slot_in(painter, self.ground(painter), frame, mask)
    }

    /// As [`Page::slot`], with the painter's own colours.
    pub(super) fn slot_in(
        &self,
        painter: Painter,
        colors: Vec<Color>,
        frame: Frame,
        mask: Option<Mask>,
    ) -> Layer {
        let frame = whole_pixels(frame);
        if let Some(photo) = &self.brief.photo {
            return Layer::Picture(PictureLayer {
                mask,
                ..photo_layer(self, photo, frame)
            });
        }
        Layer::Background(Background {
            painter,
            seed: self.brief.seed,
            colors,
            calm: None,
            grain: 0.0,
            frame: Some(frame),
            mask,
        })
    }

    /// A flat ground.
    pub(super) fn flat(&self, color: Color) -> Layer {
        rectangle(self, Fill::Solid { color })
    }
}

fn whole_pixels(frame: Frame) -> Frame {
    let (x, y) = (frame.x.round(), frame.y.round());
    Frame::new(
        x,
        y,
        (frame.right().round() - x).max(1.0),
        (frame.bottom().round() - y).max(1.0),
    )
}

/// Alignment by its name in a custom template.
pub(super) fn align(name: &str) -> Option<Align> {
    match name {
        "start" => Some(Align::Start),
        "center" => Some(Align::Center),
        "end" => Some(Align::End),
        _ => None,
    }
}
