use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use covergen_imaging::{Encoding, Picture};
use covergen_render::{Fonts, Renderer};
use tokio::sync::Semaphore;

use crate::Design;

/// Draws and encodes covers.
pub struct Studio {
    renderer: Renderer,
    cores: Semaphore,
}

/// One finished file.
#[derive(Debug, Clone)]
pub struct File {
    /// Its content.
    pub bytes: Vec<u8>,
    /// How it was encoded.
    pub encoding: Encoding,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Why a cover was not drawn.
#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    /// The renderer refused the scene.
    #[error(transparent)]
    Render(#[from] covergen_render::Error),
    /// The picture could not be encoded.
    #[error(transparent)]
    Encode(#[from] covergen_imaging::Error),
    /// The drawing thread ended early.
    #[error("the cover could not be drawn")]
    Interrupted,
}

impl StudioError {
    /// Whether the request is at fault, rather than the machine.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Render(error) if error.is_input())
    }
}

impl Studio {
    /// The process's studio for a folder of fonts: one, however many services
    /// ask, so that fonts are in memory once.
    #[must_use]
    pub fn shared(fonts: &Path) -> Arc<Self> {
        static STUDIOS: OnceLock<Mutex<HashMap<PathBuf, Arc<Studio>>>> = OnceLock::new();
        let studios = STUDIOS.get_or_init(Mutex::default);
        let mut studios = studios.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            studios
                .entry(fonts.to_path_buf())
                .or_insert_with(|| Arc::new(Self::new(fonts))),
        )
    }

    fn new(fonts: &Path) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            renderer: Renderer::new(Fonts::new(fonts)),
            cores: Semaphore::new(cores),
        }
    }

    /// Draws a design once and encodes it in each way asked for.
    ///
    /// Waits for a core. Dropping the future gives the place in the queue up,
    /// but a drawing that has begun runs to its end.
    ///
    /// # Errors
    /// The design cannot be drawn or encoded.
    pub async fn draw(
        self: &Arc<Self>,
        design: Design,
        encodings: Vec<Encoding>,
    ) -> Result<Vec<File>, StudioError> {
        let this = Arc::clone(self);
        self.on_a_core(move || this.draw_here(&design, &encodings))
            .await
    }

    /// Whether a core is free and nobody waits for one.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.cores.available_permits() > 0
    }

    /// Runs other work of the same kind, such as a search for the best quality,
    /// where and when drawings run.
    ///
    /// # Errors
    /// The work's own, or it panicked.
    pub async fn on_a_core<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StudioError> + Send + 'static,
    ) -> Result<T, StudioError> {
        let _core = self
            .cores
            .acquire()
            .await
            .map_err(|_| StudioError::Interrupted)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| StudioError::Interrupted)?
    }

    /// Draws on the calling thread.
    ///
    /// # Errors
    /// The design cannot be drawn or encoded.
    pub fn draw_here(
        &self,
        design: &Design,
        encodings: &[Encoding],
    ) -> Result<Vec<File>, StudioError> {
        let picture = self.picture(design)?;
        encodings
            .iter()
            .map(|&encoding| {
                Ok(File {
                    bytes: covergen_imaging::encode(&picture, encoding)?,
                    encoding,
                    width: picture.width(),
                    height: picture.height(),
                })
            })
            .collect()
    }

    /// The pixels of a design, on the calling thread.
    ///
    /// # Errors
    /// The design cannot be drawn.
    pub fn picture(&self, design: &Design) -> Result<Picture, StudioError> {
        let began = std::time::Instant::now();
        let rendered = self
            .renderer
            .render_with(&design.scene()?, &design.pictures.lend())?
            .picture;
        metrics::histogram!("cover_render_seconds", "template" => design.template_id.clone())
            .record(began.elapsed().as_secs_f64());
        Ok(Picture::new(
            rendered.width,
            rendered.height,
            rendered.rgba,
        )?)
    }

    /// Checks that a design can be drawn, without painting it.
    ///
    /// # Errors
    /// A glyph is missing, a text is out of bounds, and the like.
    pub fn check(&self, design: &Design) -> Result<(), StudioError> {
        self.renderer.lay_out(&design.scene()?)?;
        Ok(())
    }
}
