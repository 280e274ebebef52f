//! From a design to the bytes of its file.

use std::sync::{Arc, Mutex, PoisonError};

use covergen_ids::AssetId;
use covergen_imaging::{Picture, decode};
use covergen_render::Size;
use covergen_saga::StepError;
use covergen_studio::StudioError;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::design::{DesignError, Source};
use crate::encoding::{self, Encoded, EncodingError, Plan};
use crate::peers::Read;

/// Pictures kept between the files of an archive: a photo and a logo.
const KEPT_PICTURES: usize = 2;

/// One file to be drawn.
pub(super) struct Job {
    pub(super) source: Source,
    pub(super) size: Size,
    pub(super) watermark: bool,
    pub(super) plan: Plan,
}

/// The pictures that were read last: files of one cover follow each other and
/// share theirs.
#[derive(Default)]
pub(super) struct LastPictures(Mutex<Vec<(AssetId, Arc<Picture>)>>);

impl LastPictures {
    fn find(&self, asset: AssetId) -> Option<Arc<Picture>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(known, _)| *known == asset);
        found.map(|(_, picture)| Arc::clone(picture))
    }

    fn keep(&self, asset: AssetId, picture: &Arc<Picture>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _)| *known != asset);
        kept.push((asset, Arc::clone(picture)));
        if kept.len() > KEPT_PICTURES {
            kept.remove(0);
        }
    }
}

impl App {
    /// Draws one file. Fatal where the design or the bound is at fault.
    pub(super) async fn draw(
        &self,
        job: Job,
        pictures: &LastPictures,
        stop: &CancellationToken,
    ) -> Result<Encoded, StepError> {
        let mut design = job
            .source
            .laid_out(job.size, job.watermark)
            .map_err(refused)?;
        for named in job.source.needed(&design) {
            let picture = self.picture(named.asset_id, pictures).await?;
            design.pictures.insert(named.name, picture);
        }
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| StepError::Transient("shutting down".to_owned()))?;
        let (studio, stop, plan) = (Arc::clone(&self.studio), stop.clone(), job.plan);
        let drawn = self.studio.on_a_core(move || {
            // Inside, so that a step that is dropped does not make room for
            // one more while this still runs.
            let _turn = turn;
            if stop.is_cancelled() {
                return Ok(Err(EncodingError::Stopped));
            }
            let picture = studio.picture(&design)?;
            Ok(encoding::write(&picture, plan, &stop))
        });
        match drawn.await {
            Ok(Ok(encoded)) => Ok(encoded),
            Ok(Err(error @ EncodingError::Unreachable { .. })) => {
                Err(StepError::fatal("MAX_BYTES_UNREACHABLE", error.to_string()))
            }
            Ok(Err(error)) => Err(StepError::Transient(error.to_string())),
            Err(error) => Err(refused(error.into())),
        }
    }

    /// The pixels of a photo or logo.
    async fn picture(
        &self,
        asset: AssetId,
        pictures: &LastPictures,
    ) -> Result<Arc<Picture>, StepError> {
        if let Some(picture) = pictures.find(asset) {
            return Ok(picture);
        }
        let unreadable = |why: String| refused(DesignError::PictureUnreadable(why));
        let limits = self.limits;
        let read = self.peers.read(asset, limits.max_bytes).await;
        let file = match read.map_err(|status| StepError::from_status(&status))? {
            Read::Whole(file) => file,
            Read::TooLong => {
                let text = format!("its file has more than {} bytes", limits.max_bytes);
                return Err(unreadable(text));
            }
            Read::Gone => return Err(unreadable("it was deleted".to_owned())),
        };
        let decoded = self
            .studio
            .on_a_core(move || Ok(decode(&file, &limits)?))
            .await;
        let picture = match decoded {
            Ok(picture) => Arc::new(picture),
            Err(StudioError::Encode(error)) => return Err(unreadable(error.to_string())),
            Err(error) => return Err(StepError::Transient(error.to_string())),
        };
        pictures.keep(asset, &picture);
        Ok(picture)
    }
}

/// A design that is at fault stays so; a font that is missing here may be
/// there on another machine.
fn refused(error: DesignError) -> StepError {
    match error {
        DesignError::Refused(cause) if !cause.is_input() => StepError::Transient(cause.to_string()),
        error => StepError::fatal("DESIGN_NOT_EXPORTABLE", error.to_string()),
    }
}
