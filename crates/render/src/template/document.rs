//! Custom templates: a built-in design with choices of its own, as JSON.

use serde::{Deserialize, Serialize};

use super::{Catalog, Overrides, Template, dress};
use crate::brief::{self, MAX_KICKER_GRAPHEMES};
use crate::scene::{LetterCase, Painter, Scene};
use crate::{Brief, Color, Error, PhotoTreatment, Typeface};

/// The version of the document's own format.
const DOCUMENT_VERSION: u32 = 1;
/// Larger than any document there is.
const MAX_DOCUMENT_BYTES: usize = 16 * 1024;

/// A custom template. Unknown keys are refused.
///
/// ```
/// use covergen_render::{Brief, Preset, TemplateDocument};
///
/// # fn main() -> Result<(), covergen_render::Error> {
/// let document = TemplateDocument::parse(
///     r##"{"version":1,"base":"aurora","baseVersion":1,"colors":["#101020","#ff5533"]}"##,
/// )?;
/// let size = Preset::parse("youtube")?.size;
/// assert!(document.scene(&Brief::new("Our own look", size)).is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TemplateDocument {
    /// Always 1.
    pub version: u32,
    /// Id of the built-in template that lays the page out.
    pub base: String,
    /// Version of that template.
    pub base_version: u32,
    /// Slug of the [`Painter`] that paints the ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<String>,
    /// Two to six opaque colours, the ground first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colors: Option<Vec<String>>,
    /// Id of the [`Typeface`] of titles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub font: Option<String>,
    /// `as_typed` or `upper`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter_case: Option<String>,
    /// `start`, `center` or `end`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub align: Option<String>,
    /// How photos are printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<PhotoStyle>,
    /// The line above titles, where a brief brings none; at most 40 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kicker: Option<String>,
}

/// How a custom template prints photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PhotoStyle {
    /// `natural` or `duotone`; a brief's own `duotone` stays.
    pub treatment: PhotoTreatment,
}

impl TemplateDocument {
    /// A document that changes nothing of a built-in template.
    #[must_use]
    pub fn of(template: &Template) -> Self {
        Self {
            version: DOCUMENT_VERSION,
            base: template.id.to_owned(),
            base_version: template.version,
            background: None,
            colors: None,
            font: None,
            letter_case: None,
            align: None,
            photo: None,
            kicker: None,
        }
    }

    /// Reads and checks a document.
    ///
    /// # Errors
    /// [`Error::BadDocument`] names the key at fault.
    pub fn parse(json: &str) -> Result<Self, Error> {
        if json.len() > MAX_DOCUMENT_BYTES {
            return Err(bad(
                "document",
                format!("longer than {MAX_DOCUMENT_BYTES} bytes"),
            ));
        }
        let document: Self =
            serde_json::from_str(json).map_err(|error| bad("document", error.to_string()))?;
        document.validate()?;
        Ok(document)
    }

    /// The document as compact JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a document has nothing that JSON cannot say")
    }

    /// Checks every key.
    ///
    /// # Errors
    /// [`Error::BadDocument`] names the first key at fault.
    pub fn validate(&self) -> Result<(), Error> {
        if self.version != DOCUMENT_VERSION {
            let reason = format!("{} is not {DOCUMENT_VERSION}", self.version);
            return Err(bad("version", reason));
        }
        self.template()?;
        self.overrides()?;
        self.colors()?;
        if let Some(font) = &self.font {
            Typeface::parse(font).map_err(|error| bad("font", error.to_string()))?;
        }
        if let Some(kicker) = &self.kicker {
            brief::check_text("kicker", kicker, MAX_KICKER_GRAPHEMES)
                .map_err(|error| bad("kicker", error.to_string()))?;
        }
        Ok(())
    }

    /// The built-in template that lays the page out.
    ///
    /// # Errors
    /// [`Error::BadDocument`] where there is none, or not in that version.
    pub fn template(&self) -> Result<&'static Template, Error> {
        let catalog = Catalog::builtin();
        catalog
            .get(&self.base, None)
            .map_err(|error| bad("base", error.to_string()))?;
        catalog
            .get(&self.base, Some(self.base_version))
            .map_err(|error| bad("baseVersion", error.to_string()))
    }

    /// Makes a scene of a brief. What the brief itself chooses wins.
    ///
    /// # Errors
    /// [`Error::BadDocument`], or a brief out of bounds.
    pub fn scene(&self, brief: &Brief) -> Result<Scene, Error> {
        self.validate()?;
        let mut scene = self
            .template()?
            .compose(&self.applied_to(brief)?, &self.overrides()?)?;
        if let Some(origin) = &mut scene.origin {
            origin.choices = crate::scene::Choices::of(brief);
            origin.document = Some(self.clone());
        }
        Ok(scene)
    }

    fn applied_to(&self, brief: &Brief) -> Result<Brief, Error> {
        let mut brief = brief.clone();
        if brief.palette.is_none() && brief.colors.is_none() {
            brief.colors = self.colors()?;
        }
        brief.font = brief.font.or_else(|| self.font.clone());
        brief.kicker = brief.kicker.or_else(|| self.kicker.clone());
        if let (Some(photo), Some(style)) = (&mut brief.photo, self.photo)
            && style.treatment == PhotoTreatment::Duotone
        {
            photo.treatment = style.treatment;
        }
        Ok(brief)
    }

    fn colors(&self) -> Result<Option<Vec<Color>>, Error> {
        let Some(colors) = &self.colors else {
            return Ok(None);
        };
        let colors = colors
            .iter()
            .map(|color| color.parse())
            .collect::<Result<Vec<Color>, Error>>()
            .map_err(|error| bad("colors", error.to_string()))?;
        brief::check_colors(&colors).map_err(|reason| bad("colors", reason))?;
        Ok(Some(colors))
    }

    fn overrides(&self) -> Result<Overrides, Error> {
        let painter = match &self.background {
            None => None,
            Some(slug) => Some(Painter::parse(slug).ok_or_else(|| {
                unknown(
                    "background",
                    slug,
                    &Painter::ALL.map(Painter::slug).join(", "),
                )
            })?),
        };
        let case = match self.letter_case.as_deref() {
            None => None,
            Some("as_typed") => Some(LetterCase::AsWritten),
            Some("upper") => Some(LetterCase::Upper),
            Some(other) => return Err(unknown("letterCase", other, "as_typed, upper")),
        };
        let align = match self.align.as_deref() {
            None => None,
            Some(name) => Some(
                dress::align(name).ok_or_else(|| unknown("align", name, "start, center, end"))?,
            ),
        };
        Ok(Overrides {
            painter,
            case,
            align,
        })
    }
}

fn unknown(key: &'static str, value: &str, choices: &str) -> Error {
    let value: String = value.chars().take(32).collect();
    bad(key, format!("`{value}` is none of {choices}"))
}

fn bad(key: &'static str, reason: String) -> Error {
    Error::BadDocument { key, reason }
}
