//! Small samples of templates: rendered off the runtime's threads, a few at a
//! time, and cached.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use covergen_cache::Cache;
use covergen_imaging::{Encoding, Picture, encode};
use covergen_render::{Brief, Catalog, Fonts, Preset, Renderer};
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::error::Error;

/// What every sample says.
const SAMPLE_TITLE: &str = "Every story has a cover";

/// The seed of every sample.
const SAMPLE_SEED: u64 = 20;

/// Rises when the title or the seed of samples changes, so that no cache
/// answers with what they were.
const SAMPLE_REVISION: u32 = 1;

/// Renders samples.
#[derive(Clone)]
pub(crate) struct Thumbnails {
    cache: Cache,
    painter: Arc<Painter>,
    turns: Arc<Semaphore>,
    ttl: Duration,
}

/// The renderer, made when the first sample is drawn: most processes serve all
/// of theirs from the cache.
struct Painter {
    fonts_dir: PathBuf,
    renderer: OnceLock<Renderer>,
}

impl Thumbnails {
    pub(crate) fn new(cache: Cache, fonts_dir: PathBuf, config: &Config) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let turns = match config.concurrent_renders {
            0 => cores,
            turns => turns,
        };
        Self {
            cache,
            painter: Arc::new(Painter {
                fonts_dir,
                renderer: OnceLock::new(),
            }),
            turns: Arc::new(Semaphore::new(turns)),
            ttl: Duration::from_millis(config.thumbnail_ttl_ms),
        }
    }

    /// The sample of a template as PNG. While processes of two versions run
    /// side by side, a version that this one does not have is answered with
    /// the newest it has, under that version's key.
    pub(crate) async fn sample(&self, id: &str, version: i32) -> Result<Bytes, Error> {
        let version = u32::try_from(version).ok();
        let catalog = Catalog::builtin();
        let template = catalog
            .get(id, version)
            .or_else(|_| catalog.get(id, None))
            .map_err(|_| Error::TemplateNotFound)?;
        let (id, version) = (template.id, template.version);
        let key = format!("thumbnail:{SAMPLE_REVISION}:{id}:{version}");
        self.cache
            .get_or_load(&key, self.ttl, || self.paint(id, version))
            .await
    }

    async fn paint(&self, id: &'static str, version: u32) -> Result<Bytes, Error> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| Error::Interrupted)?;
        let painter = Arc::clone(&self.painter);
        let painted = tokio::task::spawn_blocking(move || {
            // Held by the work, not by the caller: a caller that leaves does
            // not let another render in beside it.
            let _turn = turn;
            painter.paint(id, version)
        });
        let png = painted.await.map_err(|_| Error::Interrupted)??;
        metrics::counter!("template_thumbnails_rendered_total").increment(1);
        Ok(png.into())
    }
}

impl Painter {
    fn paint(&self, id: &str, version: u32) -> Result<Vec<u8>, Error> {
        let renderer = self
            .renderer
            .get_or_init(|| Renderer::new(Fonts::new(&self.fonts_dir)));
        let mut brief = Brief::new(SAMPLE_TITLE, Preset::parse("thumbnail")?.size);
        brief.seed = SAMPLE_SEED;
        let scene = Catalog::builtin().get(id, Some(version))?.scene(&brief)?;
        let painted = renderer.render(&scene)?.picture;
        let picture = Picture::new(painted.width, painted.height, painted.rgba)?;
        Ok(encode(&picture, Encoding::PREVIEW)?)
    }
}
