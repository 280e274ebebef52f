//! What is worth knowing of how a cover came out.

use serde::{Deserialize, Serialize};

use crate::Color;
use crate::scene::{Frame, Role};

/// How the texts of a cover came out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// In drawing order.
    pub texts: Vec<TextReport>,
}

impl Report {
    /// Whether any text had to be cut with an ellipsis.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.texts.iter().any(|text| text.is_cut)
    }

    /// The lowest WCAG contrast of any text, where one was measured.
    #[must_use]
    pub fn worst_contrast(&self) -> Option<f32> {
        self.texts
            .iter()
            .filter_map(|text| text.ink.as_ref().map(|ink| ink.wcag))
            .min_by(f32::total_cmp)
    }

    /// The title's own report.
    #[must_use]
    pub fn title(&self) -> Option<&TextReport> {
        self.texts.iter().find(|text| text.role == Role::Title)
    }
}

/// How one text came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextReport {
    /// What it is for.
    pub role: Role,
    /// Its lines as broken.
    pub lines: Vec<String>,
    /// Size in pixels per em.
    pub size: f32,
    /// The box of its ink.
    pub frame: Frame,
    /// Whether an ellipsis had to cut it.
    pub is_cut: bool,
    /// Its colour against what it stands on; absent from a layout without
    /// pixels.
    pub ink: Option<InkReport>,
}

/// A text's colour against what it stands on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InkReport {
    /// The colour taken; the first stop where a gradient fills the letters.
    pub color: Color,
    /// WCAG 2.2 contrast ratio at the worst pixel of its lines.
    pub wcag: f32,
    /// APCA lightness contrast at that pixel.
    pub apca: f32,
    /// Opacity of the scrim that was needed, 0 where none was.
    pub scrim: f32,
}
