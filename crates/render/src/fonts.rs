//! Fonts: what is compiled in, what is loaded from a folder on first need, and
//! which face draws which character.

mod bundled;
mod choose;
mod face;
mod fetched;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parley::fontique::{Blob, Collection, CollectionOptions, FontInfoOverride, SourceCache};

pub(crate) use choose::{Span, choose, glyph_missing, is_invisible};
pub(crate) use face::FaceId;

use crate::Error;
use face::{FACES, Loaded};

/// The fonts of a renderer. Cheap to clone; clones share what is loaded.
#[derive(Clone)]
pub struct Fonts {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    loaded: Vec<Loaded>,
}

impl Fonts {
    /// Fonts with `dir` as the folder of fetched files. Nothing is read yet:
    /// a file is loaded when the first text needs it, so a missing folder only
    /// matters to texts in Chinese, Japanese, Korean or with emoji.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            inner: Arc::new(Inner {
                dir: dir.into(),
                loaded: FACES.iter().map(Loaded::new).collect(),
            }),
        }
    }

    /// The folder of fetched files.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Slugs that a scene may name as a text's font.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        FACES
            .iter()
            .filter(|face| face.is_selectable())
            .map(|face| face.slug)
    }

    /// Files of [`Fonts::dir`] that are not there: what a health check tells
    /// the operator.
    #[must_use]
    pub fn missing_files(&self) -> Vec<&'static str> {
        FACES
            .iter()
            .filter_map(face::Face::file)
            .filter(|file| !self.inner.dir.join(file).is_file())
            .collect()
    }

    pub(crate) fn face(&self, slug: &str) -> Result<FaceId, Error> {
        FACES
            .iter()
            .position(|face| face.slug == slug && face.is_selectable())
            .map(FaceId)
            .ok_or_else(|| Error::UnknownFont {
                name: slug.to_owned(),
            })
    }

    /// The face's data, read on first use.
    pub(crate) fn load(&self, id: FaceId) -> Result<&Blob<u8>, Error> {
        self.inner.loaded[id.0].get(&FACES[id.0], &self.inner.dir)
    }

    /// Whether the face draws the character. Loads the face.
    pub(crate) fn covers(&self, id: FaceId, character: char) -> Result<bool, Error> {
        self.load(id)?;
        Ok(self.inner.loaded[id.0].covers(character))
    }
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fonts")
            .field("dir", &self.inner.dir)
            .finish()
    }
}

/// The faces that one thread's shaper knows so far. Registering is per shaper
/// because the library's collection is not shared between threads.
pub(crate) struct Registry {
    pub(crate) context: parley::FontContext,
    registered: Vec<bool>,
}

impl Registry {
    pub(crate) fn new() -> Self {
        Self {
            context: parley::FontContext {
                collection: Collection::new(CollectionOptions {
                    shared: false,
                    system_fonts: false,
                }),
                source_cache: SourceCache::default(),
            },
            registered: vec![false; FACES.len()],
        }
    }

    pub(crate) fn ensure(&mut self, fonts: &Fonts, id: FaceId) -> Result<(), Error> {
        if !self.registered[id.0] {
            let blob = fonts.load(id)?.clone();
            self.context.collection.register_fonts(
                blob,
                Some(FontInfoOverride {
                    family_name: Some(id.slug()),
                    ..FontInfoOverride::default()
                }),
            );
            self.registered[id.0] = true;
        }
        Ok(())
    }
}
