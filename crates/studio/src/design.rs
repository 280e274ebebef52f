use covergen_render::{Brief, Catalog, Scene, Size};

use crate::StudioError;

/// A template with everything that was chosen for it: enough to set a cover in
/// any size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Design {
    /// Template.
    pub template_id: String,
    /// Version of the template.
    pub template_version: u32,
    /// Texts, palette, seed, size.
    pub brief: Brief,
}

impl Design {
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
