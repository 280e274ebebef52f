//! The built-in templates.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Template, designs};
use crate::Error;

/// Where templates are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Software, science, gadgets.
    Technology,
    /// Home, health, fashion.
    Lifestyle,
    /// Places and outdoors.
    Travel,
    /// Work, money, design.
    Business,
    /// Books, stories, lessons.
    Education,
    /// Music, games, films.
    Entertainment,
    /// Beauty and occasions.
    Elegance,
    /// News, opinion, podcasts.
    News,
}

impl Category {
    /// Every category, in the order of a menu.
    pub const ALL: [Self; 8] = [
        Self::Technology,
        Self::Lifestyle,
        Self::Travel,
        Self::Business,
        Self::Education,
        Self::Entertainment,
        Self::Elegance,
        Self::News,
    ];

    /// Its slug, as in JSON.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Technology => "technology",
            Self::Lifestyle => "lifestyle",
            Self::Travel => "travel",
            Self::Business => "business",
            Self::Education => "education",
            Self::Entertainment => "entertainment",
            Self::Elegance => "elegance",
            Self::News => "news",
        }
    }
}

/// The built-in templates.
#[derive(Debug)]
pub struct Catalog {
    templates: Vec<Template>,
}

static BUILTIN: LazyLock<Catalog> = LazyLock::new(|| Catalog {
    templates: designs::all(),
});

impl Catalog {
    /// The templates compiled into this crate.
    #[must_use]
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// All of them, in the order of a menu.
    pub fn templates(&self) -> impl ExactSizeIterator<Item = &Template> {
        self.templates.iter()
    }

    /// The template with this id, in this version or, without one, the newest.
    ///
    /// # Errors
    /// [`Error::UnknownTemplate`].
    pub fn get(&self, id: &str, version: Option<u32>) -> Result<&Template, Error> {
        self.templates
            .iter()
            .filter(|template| template.id == id)
            .filter(|template| version.is_none_or(|version| template.version == version))
            .max_by_key(|template| template.version)
            .ok_or_else(|| Error::UnknownTemplate {
                id: id.chars().take(64).collect(),
                version,
            })
    }
}
