//! Geometric shapes.

use serde::{Deserialize, Serialize};

use super::Frame;
use crate::Color;

/// A filled or stroked shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Its outline.
    pub geometry: Geometry,
    /// What fills it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<Fill>,
    /// A line along its outline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stroke: Option<Stroke>,
}

/// Outlines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Geometry {
    /// A rectangle, perhaps with round corners.
    Rectangle {
        /// Where.
        frame: Frame,
        /// Radius of the corners.
        radius: f32,
    },
    /// An ellipse that touches its frame.
    Ellipse {
        /// Where.
        frame: Frame,
    },
    /// A path in SVG syntax, at most 16 KiB.
    Path {
        /// The path data.
        data: String,
    },
}

/// What fills a shape or a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fill {
    /// One colour.
    Solid {
        /// The colour.
        color: Color,
    },
    /// Colours along a line.
    Linear(LinearFill),
}

/// Colours along a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearFill {
    /// Where the first stop is, in pixels.
    pub from: [f32; 2],
    /// Where the last stop is, in pixels.
    pub to: [f32; 2],
    /// Two to eight stops, offsets rising.
    pub stops: Vec<GradientStop>,
}

/// A colour at a place of a gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradientStop {
    /// 0–1.
    pub offset: f32,
    /// The colour.
    pub color: Color,
}

/// A line along an outline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stroke {
    /// Thickness in pixels.
    pub width: f32,
    /// The colour.
    pub color: Color,
}
