//! Templates: designs that turn a brief into a scene, for every size.
//!
//! A template does not stretch or crop: it lays the same design out anew for
//! the shape of the page, keeps its text inside the safe area, and tells the
//! painter where to be calm.

mod catalog;
mod custom;
mod designs;
mod document;
mod dress;
mod page;
mod palette;

pub use catalog::{Catalog, Category};
pub use document::{PhotoStyle, TemplateDocument};
pub use palette::Palette;

use page::Page;

use crate::scene::{
    Align, Choices, Layer, LetterCase, Origin, Painter, SCENE_VERSION, Scene, Watermark,
};
use crate::{Brief, Error};

/// A design.
#[derive(Debug)]
pub struct Template {
    /// Slug, such as `aurora`.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// What it looks like and what it is good for.
    pub description: &'static str,
    /// Where it is listed.
    pub category: Category,
    /// Whether the free tier goes without it.
    pub is_premium: bool,
    /// Rises with every change of its pixels.
    pub version: u32,
    /// What it may be coloured with; the first is its default.
    pub palettes: Vec<Palette>,
    design: Design,
}

/// Lays a page out: its layers, and the corner for the mark.
type Design = fn(&Page<'_>) -> Composition;

/// What a design makes of a page.
struct Composition {
    layers: Vec<Layer>,
    /// Anchor of the watermark; see [`Watermark::anchor`].
    mark: [f32; 2],
}

/// What a custom template changes of a design.
#[derive(Debug, Default)]
struct Overrides {
    painter: Option<Painter>,
    case: Option<LetterCase>,
    align: Option<Align>,
}

impl Template {
    /// The palette taken when a brief names none.
    #[must_use]
    pub fn default_palette(&self) -> &Palette {
        &self.palettes[0]
    }

    /// Makes a scene of a brief.
    ///
    /// # Errors
    /// A brief out of bounds, or [`Error::UnknownPalette`].
    pub fn scene(&self, brief: &Brief) -> Result<Scene, Error> {
        self.compose(brief, &Overrides::default())
    }

    fn compose(&self, brief: &Brief, overrides: &Overrides) -> Result<Scene, Error> {
        brief.validate()?;
        let custom = brief.colors.as_deref().map(custom::palette);
        let palette = match (&custom, &brief.palette) {
            (Some(palette), _) => palette,
            (None, None) => self.default_palette(),
            (None, Some(id)) => self
                .palettes
                .iter()
                .find(|palette| palette.id == id)
                .ok_or_else(|| Error::UnknownPalette {
                    template: self.id.to_owned(),
                    palette: id.chars().take(64).collect(),
                })?,
        };
        let page = Page::new(brief, palette, overrides.painter);
        let Composition { mut layers, mark } = (self.design)(&page);
        dress::dress(&page, &mut layers, overrides);
        if let Some(height) = page.mark_height {
            layers.push(Layer::Watermark(Watermark {
                text: "Covergen".to_owned(),
                anchor: if page.is_rtl {
                    [1.0 - mark[0], mark[1]]
                } else {
                    mark
                },
                frame: page.mark_area(),
                height,
            }));
        }
        Ok(Scene {
            version: SCENE_VERSION,
            size: brief.size,
            base: palette.ground[0],
            layers,
            origin: Some(Origin {
                template: self.id.to_owned(),
                template_version: self.version,
                palette: palette.id.to_owned(),
                seed: brief.seed,
                choices: Choices::of(brief),
                document: None,
            }),
        })
    }
}
