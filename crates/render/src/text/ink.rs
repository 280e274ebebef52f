//! Where a glyph leaves ink.

use parley::FontData;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, GlyphId, MetadataProvider, Tag};

use super::REFERENCE_SIZE;

/// A box with y downwards, as everywhere in this crate; empty when
/// `right < left`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct InkBox {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl InkBox {
    pub(crate) const EMPTY: Self = Self {
        left: f32::MAX,
        top: f32::MAX,
        right: f32::MIN,
        bottom: f32::MIN,
    };

    pub(crate) fn is_empty(&self) -> bool {
        self.right < self.left
    }

    pub(crate) fn include(&mut self, other: Self) {
        self.left = self.left.min(other.left);
        self.top = self.top.min(other.top);
        self.right = self.right.max(other.right);
        self.bottom = self.bottom.max(other.bottom);
    }
}

/// Glyph boxes of one font at the reference size.
pub(super) struct Ink<'a> {
    metrics: Option<GlyphMetrics<'a>>,
    is_color: bool,
}

impl<'a> Ink<'a> {
    pub(super) fn new(font: &'a FontData) -> Self {
        let font = FontRef::from_index(font.data.data(), font.index).ok();
        let is_color = font
            .as_ref()
            .is_some_and(|font| font.table_data(Tag::new(b"COLR")).is_some());
        Self {
            metrics: font
                .map(|font| font.glyph_metrics(Size::new(REFERENCE_SIZE), LocationRef::default())),
            is_color,
        }
    }

    pub(super) fn is_color(&self) -> bool {
        self.is_color
    }

    /// The box of a glyph whose origin is at `(x, y)`.
    pub(super) fn at(&self, glyph: u32, x: f32, y: f32, advance: f32) -> Option<InkBox> {
        if self.is_color {
            // The outline of a colour glyph says nothing about its layers.
            return Some(InkBox {
                left: x,
                top: y - 0.95 * REFERENCE_SIZE,
                right: x + advance,
                bottom: y + 0.25 * REFERENCE_SIZE,
            });
        }
        let bounds = self.metrics.as_ref()?.bounds(GlyphId::new(glyph))?;
        (bounds.x_max > bounds.x_min).then_some(InkBox {
            left: x + bounds.x_min,
            top: y - bounds.y_max,
            right: x + bounds.x_max,
            bottom: y - bounds.y_min,
        })
    }
}
