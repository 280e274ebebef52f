use std::collections::BTreeMap;
use std::sync::Arc;

use covergen_imaging::Picture;
use covergen_render::{Brief, Catalog, Scene, Size, TemplateDocument};

use crate::StudioError;

/// A template with everything that was chosen for it: enough to set a cover in
/// any size.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Template; only a name where `document` is present.
    pub template_id: String,
    /// Version of the template.
    pub template_version: u32,
    /// Texts, palette, photo, seed, size.
    pub brief: Brief,
    /// The pictures that the brief names.
    pub pictures: Pictures,
    /// A custom template.
    pub document: Option<Arc<TemplateDocument>>,
}

/// Pictures by the name that a brief gives them. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pictures {
    by_name: BTreeMap<String, Arc<Picture>>,
}

impl Pictures {
    /// No pictures.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a picture, in place of one of the same name.
    pub fn insert(&mut self, name: impl Into<String>, picture: Arc<Picture>) {
        self.by_name.insert(name.into(), picture);
    }

    /// The picture of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Picture>> {
        self.by_name.get(name)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Lent to a render.
    #[must_use]
    pub fn lend(&self) -> covergen_render::Pictures<'_> {
        self.by_name
            .iter()
            .map(|(name, picture)| {
                let lent = covergen_render::PictureRef {
                    width: picture.width(),
                    height: picture.height(),
                    rgba: picture.rgba(),
                };
                (name.as_str(), lent)
            })
            .collect()
    }
}

impl<N: Into<String>> FromIterator<(N, Arc<Picture>)> for Pictures {
    fn from_iter<I: IntoIterator<Item = (N, Arc<Picture>)>>(pictures: I) -> Self {
        let by_name = pictures
            .into_iter()
            .map(|(name, picture)| (name.into(), picture))
            .collect();
        Self { by_name }
    }
}

impl Design {
    /// A design of a built-in template without pictures.
    #[must_use]
    pub fn new(template_id: impl Into<String>, template_version: u32, brief: Brief) -> Self {
        Self {
            template_id: template_id.into(),
            template_version,
            brief,
            pictures: Pictures::new(),
            document: None,
        }
    }

    /// The design that a stored scene came from, in another size, with or
    /// without the mark of the free tier. `None` where the scene does not tell
    /// where it came from. Its pictures have to be handed in: the scene's
    /// brief names them.
    #[must_use]
    pub fn of_scene(scene: &Scene, size: Size, watermark: bool) -> Option<Self> {
        let brief = scene.brief(size, watermark)?;
        let origin = scene.origin.as_ref()?;
        Some(Self {
            document: origin.document.clone().map(Arc::new),
            ..Self::new(origin.template.clone(), origin.template_version, brief)
        })
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
        if let Some(document) = &self.document {
            return Ok(document.scene(&self.brief)?);
        }
        let template = Catalog::builtin().get(&self.template_id, Some(self.template_version))?;
        Ok(template.scene(&self.brief)?)
    }
}
