//! The scene: a cover as data, before any pixel.
//!
//! A scene holds everything a cover needs except fonts and pictures: it is
//! what services store, edit and render again. It reads and writes as JSON,
//! refuses unknown fields, and [`Scene::validate`] bounds every number in it.
//! All lengths are pixels of the finished cover.

mod background;
mod flow;
mod origin;
mod picture;
mod shape;
mod text;
mod validate;

use serde::{Deserialize, Serialize};

pub use background::{Background, Painter};
pub use flow::{Align, Flow, Item, Row, Rule, Spacer};
pub(crate) use origin::CUSTOM_PALETTE;
pub use origin::{Choices, Origin};
pub use picture::{Fit, Mask, PictureLayer, PictureRef, Pictures};
pub use shape::{Fill, Geometry, GradientStop, LinearFill, Shape, Stroke};
pub use text::{Highlight, LetterCase, Outline, Plate, Role, Shadow, TextItem, Weight, Writing};

use crate::{Color, Error, Size};

/// The version of the scene's own format that this crate reads and writes.
pub const SCENE_VERSION: u32 = 1;

/// A cover as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// Always [`SCENE_VERSION`].
    pub version: u32,
    /// Size of the cover.
    pub size: Size,
    /// What lies under the first layer; opaque.
    pub base: Color,
    /// Drawn from first to last.
    pub layers: Vec<Layer>,
    /// Where the scene came from. Rendering ignores it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Layer {
    /// A painted ground over the whole cover.
    Background(Background),
    /// A picture supplied at render time.
    Picture(PictureLayer),
    /// A geometric shape.
    Shape(Shape),
    /// Text and rules, stacked.
    Flow(Flow),
    /// The mark of the free tier.
    Watermark(Watermark),
}

/// A rectangle, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width, above zero.
    pub width: f32,
    /// Height, above zero.
    pub height: f32,
}

impl Frame {
    /// A frame from its left, top, width and height.
    #[must_use]
    pub const fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The right edge.
    #[must_use]
    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    /// The bottom edge.
    #[must_use]
    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }

    /// The frame grown by `by` on every side; negative shrinks.
    #[must_use]
    pub fn grown(&self, by: f32) -> Self {
        Self::new(
            self.x - by,
            self.y - by,
            self.width + 2.0 * by,
            self.height + 2.0 * by,
        )
    }
}

/// The small mark of the free tier. It carries its own ground, so that it
/// reads on everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watermark {
    /// The word, at most 24 characters.
    pub text: String,
    /// Centre of the mark's own anchor corner: `[1.0, 1.0]` hangs it from the
    /// lower right of `frame`, `[0.0, 0.0]` from the upper left.
    pub anchor: [f32; 2],
    /// The area it must stay inside.
    pub frame: Frame,
    /// Height of the mark in pixels.
    pub height: f32,
}

impl Scene {
    /// Checks every bound; a scene that passes can be rendered as long as its
    /// fonts and pictures are there.
    ///
    /// # Errors
    /// [`Error::InvalidScene`] names the first field at fault.
    pub fn validate(&self) -> Result<(), Error> {
        validate::scene(self)
    }

    /// Names of the pictures that a render must be given.
    #[must_use]
    pub fn picture_names(&self) -> Vec<&str> {
        self.layers
            .iter()
            .filter_map(|layer| match layer {
                Layer::Picture(picture) => Some(picture.name.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Puts a picture in place of the painted backgrounds: the way a photo or
    /// a generated background enters a template's design.
    #[must_use]
    pub fn with_background_picture(mut self, name: &str, focus: [f32; 2]) -> Self {
        self.layers
            .retain(|layer| !matches!(layer, Layer::Background(_)));
        let frame = Frame::new(0.0, 0.0, self.size.width as f32, self.size.height as f32);
        self.layers.insert(
            0,
            Layer::Picture(PictureLayer {
                focus,
                ..PictureLayer::new(name, frame)
            }),
        );
        self
    }
}
