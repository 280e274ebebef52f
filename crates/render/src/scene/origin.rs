//! Where a scene came from, so that it can be laid out anew.

use serde::{Deserialize, Serialize};

use super::{Flow, Item, Layer, Role, Scene, TextItem};
use crate::{Brief, Color, Photo, Size, TemplateDocument};

/// The palette that a scene names when its colours were chosen freely.
pub(crate) const CUSTOM_PALETTE: &str = "custom";

/// The template and the choices a scene was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Template id; for a custom template, that of its base.
    pub template: String,
    /// Template version.
    pub template_version: u32,
    /// Palette id, or `custom` where colours were chosen freely.
    pub palette: String,
    /// Seed of everything random in it.
    pub seed: u64,
    /// Everything else that the brief chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choices: Option<Choices>,
    /// The custom template it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<TemplateDocument>,
}

/// Choices of a brief beyond texts, palette and seed; see [`Brief`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    /// Free colours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colors: Option<Vec<Color>>,
    /// Typeface of the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub font: Option<String>,
    /// Photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<Photo>,
    /// Logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Line above the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kicker: Option<String>,
}

impl Choices {
    /// What a brief chose; `None` where it chose nothing of the kind.
    pub(crate) fn of(brief: &Brief) -> Option<Self> {
        let choices = Self {
            colors: brief.colors.clone(),
            font: brief.font.clone(),
            photo: brief.photo.clone(),
            logo: brief.logo.clone(),
            kicker: brief.kicker.clone(),
        };
        (choices != Self::default()).then_some(choices)
    }
}

impl Scene {
    /// The brief that this scene was made of, for another size, with or
    /// without the mark of the free tier. `None` where the scene does not tell
    /// where it came from or has no title.
    ///
    /// The brief belongs to `origin.document` where that is present, and to
    /// the built-in template that `origin` names otherwise.
    #[must_use]
    pub fn brief(&self, size: Size, watermark: bool) -> Option<Brief> {
        let origin = self.origin.as_ref()?;
        let title = self.text(Role::Title)?;
        let choices = origin.choices.clone().unwrap_or_default();
        Some(Brief {
            subtitle: self.text(Role::Subtitle).map(|item| item.text.clone()),
            palette: (origin.palette != CUSTOM_PALETTE).then(|| origin.palette.clone()),
            seed: origin.seed,
            watermark,
            language: title.language.clone(),
            colors: choices.colors,
            font: choices.font,
            photo: choices.photo,
            logo: choices.logo,
            kicker: choices.kicker,
            ..Brief::new(title.text.clone(), size)
        })
    }

    /// The first text of a role.
    #[must_use]
    pub fn text(&self, role: Role) -> Option<&TextItem> {
        self.layers.iter().find_map(|layer| match layer {
            Layer::Flow(Flow { items, .. }) => within(items, role),
            _ => None,
        })
    }
}

fn within(items: &[Item], role: Role) -> Option<&TextItem> {
    items.iter().find_map(|item| match item {
        Item::Text(text) if text.role == role => Some(text),
        Item::Row(row) => within(&row.items, role),
        _ => None,
    })
}
