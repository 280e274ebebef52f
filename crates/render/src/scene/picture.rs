//! Pictures supplied at render time, and the outlines that cut them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Frame;
use crate::Color;

/// A picture, scaled to its frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureLayer {
    /// Name under which the caller supplies the pixels.
    pub name: String,
    /// Where it goes.
    pub frame: Frame,
    /// Where `cover` cuts: the point that stays in view, as shares of the
    /// picture, `[0.5, 0.5]` being its middle. Where `contain` leaves room: the
    /// place in the frame.
    pub focus: [f32; 2],
    /// 0–1.
    pub opacity: f32,
    /// How it fills its frame.
    #[serde(default, skip_serializing_if = "Fit::is_cover")]
    pub fit: Fit,
    /// What of its frame is seen; all of it when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
    /// Two to five opaque colours from dark to light: the picture is printed in
    /// them, its blacks in the first and its whites in the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tones: Option<Vec<Color>>,
}

impl PictureLayer {
    /// A picture that covers its frame around its middle.
    #[must_use]
    pub fn new(name: impl Into<String>, frame: Frame) -> Self {
        Self {
            name: name.into(),
            frame,
            focus: [0.5, 0.5],
            opacity: 1.0,
            fit: Fit::Cover,
            mask: None,
            tones: None,
        }
    }
}

/// How a picture fills its frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// All of the frame, cut around the focal point.
    #[default]
    Cover,
    /// All of the picture, never enlarged beyond the frame.
    Contain,
}

impl Fit {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    fn is_cover(&self) -> bool {
        *self == Self::Cover
    }
}

/// An outline inside a frame; what is outside it is not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mask {
    /// Round corners.
    Round {
        /// Their radius in pixels.
        radius: f32,
    },
    /// An ellipse that touches the frame.
    Ellipse,
    /// A window with a round head.
    Arch,
}

/// Pictures for a scene, by name.
pub type Pictures<'a> = BTreeMap<&'a str, PictureRef<'a>>;

/// Straight-alpha RGBA pixels lent to a render.
#[derive(Clone, Copy, Debug)]
pub struct PictureRef<'a> {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width * height * 4` bytes.
    pub rgba: &'a [u8],
}
