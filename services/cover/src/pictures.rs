//! Pixels of photos and logos, read from media and kept for a moment.
//!
//! Somebody who types asks for a preview with every letter, and the photo
//! behind it is the same each time. What is kept is bounded by bytes and by
//! age, and belongs to the workspace it was read for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use covergen_ids::{AssetId, WorkspaceId};
use covergen_imaging::{Fit, Limits, Picture, resize_to_fit};
use covergen_studio::{Pictures, Studio, StudioError};
use tokio::sync::Semaphore;

use crate::error::Error;
use crate::look::Look;
use crate::peers::Peers;

/// Files decoded at once: each may need 80 MB for its pixels.
const DECODING: usize = 2;
/// How long pixels are kept after they were read.
const KEPT: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    workspace: WorkspaceId,
    asset: AssetId,
    side_px: u32,
}

struct Kept {
    key: Key,
    picture: Arc<Picture>,
    since: Instant,
}

/// Reads pictures; cheap to share.
pub(crate) struct PictureReader {
    /// The last used at the end.
    kept: Mutex<Vec<Kept>>,
    decoding: Semaphore,
    max_kept_bytes: usize,
    limits: Limits,
}

impl PictureReader {
    /// Keeps at most `max_kept_bytes` of pixels, and refuses files over
    /// `limits`.
    pub(crate) fn new(max_kept_bytes: usize, limits: Limits) -> Self {
        Self {
            kept: Mutex::default(),
            decoding: Semaphore::new(DECODING),
            max_kept_bytes,
            limits,
        }
    }

    /// What a picture may ask for at most.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Everything a look needs, each picture scaled down to at most `side_px`
    /// on its long side.
    pub(crate) async fn all(
        &self,
        peers: &Peers,
        studio: &Studio,
        workspace: WorkspaceId,
        look: &Look,
        side_px: u32,
    ) -> Result<Pictures, Error> {
        let mut pictures = Pictures::new();
        for asset in look.assets() {
            let picture = self.read(peers, studio, workspace, asset, side_px).await?;
            pictures.insert(asset.to_string(), picture);
        }
        Ok(pictures)
    }

    /// The pixels of one asset of the workspace that the call is made in.
    pub(crate) async fn read(
        &self,
        peers: &Peers,
        studio: &Studio,
        workspace: WorkspaceId,
        asset: AssetId,
        side_px: u32,
    ) -> Result<Arc<Picture>, Error> {
        let key = Key {
            workspace,
            asset,
            side_px,
        };
        if let Some(picture) = self.find(key) {
            return Ok(picture);
        }
        let _permit = self
            .decoding
            .acquire()
            .await
            .map_err(|_| StudioError::Interrupted)?;
        // Somebody who waited here for the same picture finds it now.
        if let Some(picture) = self.find(key) {
            return Ok(picture);
        }
        let bytes = peers.read_asset(asset, self.limits.max_bytes).await?;
        let limits = self.limits;
        let picture = studio
            .on_a_core(move || Ok(scaled(covergen_imaging::decode(&bytes, &limits)?, side_px)?))
            .await
            .map_err(|error| match error {
                StudioError::Encode(error) => Error::PictureUnreadable(error.to_string()),
                other => other.into(),
            })?;
        let picture = Arc::new(picture);
        self.keep(key, &picture);
        Ok(picture)
    }

    fn find(&self, key: Key) -> Option<Arc<Picture>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|entry| entry.since.elapsed() < KEPT);
        let at = kept.iter().position(|entry| entry.key == key)?;
        let entry = kept.remove(at);
        let picture = Arc::clone(&entry.picture);
        kept.push(entry);
        Some(picture)
    }

    fn keep(&self, key: Key, picture: &Arc<Picture>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|entry| entry.key != key);
        kept.push(Kept {
            key,
            picture: Arc::clone(picture),
            since: Instant::now(),
        });
        let mut bytes: usize = kept.iter().map(|entry| entry.picture.rgba().len()).sum();
        while bytes > self.max_kept_bytes && !kept.is_empty() {
            bytes -= kept.remove(0).picture.rgba().len();
        }
    }
}

/// A picture whose long side is at most `side_px`.
fn scaled(picture: Picture, side_px: u32) -> Result<Picture, covergen_imaging::Error> {
    let long = picture.width().max(picture.height());
    if long <= side_px {
        return Ok(picture);
    }
    let shrink = |side: u32| {
        let exact = u64::from(side) * u64::from(side_px) / u64::from(long);
        u32::try_from(exact).unwrap_or(side_px).max(1)
    };
    resize_to_fit(
        &picture,
        shrink(picture.width()),
        shrink(picture.height()),
        Fit::Fill,
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use covergen_ids::{AssetId, Clock, WorkspaceId};
    use covergen_imaging::{Limits, Picture};

    use super::{Key, PictureReader, scaled};

    fn picture(width: u32, height: u32) -> Picture {
        Picture::new(width, height, vec![9; (width * height * 4) as usize]).unwrap()
    }

    #[test]
    fn a_picture_keeps_its_shape_and_never_grows() {
        let sides = |width, height, side| {
            let scaled = scaled(picture(width, height), side).unwrap();
            (scaled.width(), scaled.height())
        };
        assert_eq!(sides(400, 100, 200), (200, 50));
        assert_eq!(sides(100, 400, 200), (50, 200));
        assert_eq!(sides(100, 100, 200), (100, 100));
        assert_eq!(sides(400, 1, 100), (100, 1));
    }

    #[test]
    fn what_is_kept_is_bounded_and_belongs_to_its_workspace() {
        let clock = Clock::system();
        let reader = PictureReader::new(2 * 40 * 10 * 4, Limits::default());
        let workspace = WorkspaceId::new(&clock);
        let key = |workspace| Key {
            workspace,
            asset: AssetId::new(&clock),
            side_px: 64,
        };
        let keys = [key(workspace), key(workspace), key(workspace)];
        for key in keys {
            reader.keep(key, &Arc::new(picture(40, 10)));
        }
        assert!(reader.find(keys[0]).is_none(), "the oldest made room");
        assert!(reader.find(keys[2]).is_some());
        let foreign = Key {
            workspace: WorkspaceId::new(&clock),
            ..keys[2]
        };
        assert!(reader.find(foreign).is_none());
    }
}
