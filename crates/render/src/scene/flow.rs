//! Stacks of text, rules and space.

use serde::{Deserialize, Serialize};

use super::{Frame, TextItem};
use crate::Color;

/// A column of items inside a frame. Texts are fitted so that the column
/// fits: the title takes what the other items leave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Where.
    pub frame: Frame,
    /// Where the column sits when it is shorter than the frame.
    pub vertical: Align,
    /// Where each item sits when it is narrower than the frame. `start` and
    /// `end` follow the direction of the first text: start is the right edge
    /// for Arabic and Hebrew.
    pub horizontal: Align,
    /// Space between items.
    pub gap: f32,
    /// From the top down.
    pub items: Vec<Item>,
}

/// Placement along one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// At the beginning.
    Start,
    /// In the middle.
    Center,
    /// At the end.
    End,
}

/// What a column holds.
#[allow(
    clippy::large_enum_variant,
    reason = "nearly every item of a column is a text"
)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Item {
    /// A text.
    Text(TextItem),
    /// A bar of colour.
    Rule(Rule),
    /// Items side by side.
    Row(Row),
    /// Extra room that gives way first.
    Spacer(Spacer),
}

/// A bar of colour, dropped first when room is short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Width.
    pub width: f32,
    /// Thickness.
    pub height: f32,
    /// Radius of its ends.
    pub radius: f32,
    /// Colour.
    pub color: Color,
}

/// Texts and rules side by side, centred on one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Space between items.
    pub gap: f32,
    /// In reading order; rows do not nest.
    pub items: Vec<Item>,
}

/// Empty room that grows to take what the column leaves over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spacer {
    /// Its share of the room, against other spacers.
    pub grow: f32,
}
