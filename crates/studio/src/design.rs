use covergen_render::{Brief, Catalog, Scene, Size};
use serde::{Deserialize, Serialize};

use crate::StudioError;

/// What a cover is drawn from: enough to set it again in any size. Stored as
/// JSON; a version that is not known is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// Version of this document.
    pub version: u32,
    /// Template.
    pub template_id: String,
    /// Version of the template.
    pub template_version: u32,
    /// Texts, palette, seed, size.
    pub brief: Brief,
}

impl Design {
    /// The document version written today.
    pub const VERSION: u32 = 1;

    /// Reads a stored design.
    ///
    /// # Errors
    /// It is not one, or a newer program wrote it.
    pub fn from_json(text: &str) -> Result<Self, StudioError> {
        let design: Self =
            serde_json::from_str(text).map_err(|error| StudioError::Design(error.to_string()))?;
        if design.version == Self::VERSION {
            Ok(design)
        } else {
            Err(StudioError::Design(format!(
                "version {} is not known here",
                design.version
            )))
        }
    }

    /// The document as it is stored.
    ///
    /// # Errors
    /// It cannot be written, which does not happen to a valid brief.
    pub fn to_json(&self) -> Result<String, StudioError> {
        serde_json::to_string(self).map_err(|error| StudioError::Design(error.to_string()))
    }

    /// The same design in another size: laid out anew, not cropped.
    #[must_use]
    pub fn resized(&self, size: Size) -> Self {
        let mut design = self.clone();
        design.brief.size = size;
        design
    }

    /// The scene that the renderer draws.
    ///
    /// # Errors
    /// The template or palette is not there, or a text is out of bounds.
    pub fn scene(&self) -> Result<Scene, StudioError> {
        let template = Catalog::builtin().get(&self.template_id, Some(self.template_version))?;
        Ok(template.scene(&self.brief)?)
    }
}
