//! Small samples of templates: drawn by the process's studio, and cached.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use covergen_cache::Cache;
use covergen_imaging::Encoding;
use covergen_render::{Brief, Catalog, Preset, TemplateDocument};
use covergen_studio::{Design, Pictures, Studio, StudioError};

use crate::config::Config;
use crate::error::Error;
use crate::store::entity::template;

/// What every sample says.
pub(crate) const SAMPLE_TITLE: &str = "Every story has a cover";

/// The seed of every sample.
pub(crate) const SAMPLE_SEED: u64 = 20;

/// Rises when the title or the seed of samples changes, so that no cache
/// answers with what they were.
const SAMPLE_REVISION: u32 = 1;

/// Renders samples.
#[derive(Clone)]
pub(crate) struct Thumbnails {
    cache: Cache,
    studio: Arc<Studio>,
    ttl: Duration,
}

impl Thumbnails {
    pub(crate) fn new(cache: Cache, studio: Arc<Studio>, config: &Config) -> Self {
        Self {
            cache,
            studio,
            ttl: Duration::from_millis(config.thumbnail_ttl_ms),
        }
    }

    /// The sample of a template as PNG. While processes of two versions run
    /// side by side, a version that this one does not have is answered with
    /// the newest it has, under that version's key.
    pub(crate) async fn sample(&self, row: &template::Model) -> Result<Bytes, Error> {
        let design = match document(row)? {
            Some(document) => custom(&row.id, row.version, document)?,
            None => builtin(&row.id, row.version)?,
        };
        let key = key(&design.template_id, design.template_version);
        self.cache
            .get_or_load(&key, self.ttl, || self.paint(design))
            .await
    }

    /// Forgets the samples of versions that are no more.
    pub(crate) async fn forget(&self, versions: &[(String, i32)]) {
        for (id, version) in versions {
            let key = key(id, version.unsigned_abs());
            if let Err(error) = self.cache.delete(&key).await {
                // It is gone by itself at the end of its time.
                tracing::warn!(%error, "a cached sample was not removed");
                return;
            }
        }
    }

    async fn paint(&self, design: Design) -> Result<Bytes, Error> {
        let files = self.studio.draw(design, vec![Encoding::PREVIEW]).await?;
        let png = files.into_iter().next().ok_or(StudioError::Interrupted)?;
        metrics::counter!("template_thumbnails_rendered_total").increment(1);
        Ok(png.bytes.into())
    }
}

/// The renderer's document of a custom template; none of a built-in one.
pub(crate) fn document(row: &template::Model) -> Result<Option<TemplateDocument>, Error> {
    let Some(json) = &row.document else {
        return Ok(None);
    };
    let parsed = TemplateDocument::parse(json);
    parsed
        .map(Some)
        .map_err(|error| Error::Corrupt(format!("{} {}: {error}", row.id, row.version)))
}

fn key(id: &str, version: u32) -> String {
    format!("thumbnail:{SAMPLE_REVISION}:{id}:{version}")
}

fn builtin(id: &str, version: i32) -> Result<Design, Error> {
    let version = u32::try_from(version).ok();
    let catalog = Catalog::builtin();
    let template = catalog
        .get(id, version)
        .or_else(|_| catalog.get(id, None))
        .map_err(|_| Error::TemplateNotFound)?;
    Ok(Design {
        template_id: template.id.to_owned(),
        template_version: template.version,
        brief: sample_brief()?,
        pictures: Pictures::new(),
        document: None,
    })
}

fn custom(id: &str, version: i32, document: TemplateDocument) -> Result<Design, Error> {
    Ok(Design {
        template_id: id.to_owned(),
        template_version: version.unsigned_abs(),
        brief: sample_brief()?,
        pictures: Pictures::new(),
        document: Some(Arc::new(document)),
    })
}

fn sample_brief() -> Result<Brief, Error> {
    let size = Preset::parse("thumbnail").map_err(StudioError::from)?.size;
    let mut brief = Brief::new(SAMPLE_TITLE, size);
    brief.seed = SAMPLE_SEED;
    Ok(brief)
}
