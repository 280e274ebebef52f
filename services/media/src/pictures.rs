use std::sync::Arc;

use bytes::Bytes;
use covergen_imaging::{
    Chroma, Encoding, FileFormat, PngLevel, decode, dominant_colour, encode, probe, resize,
};
use covergen_objects::Key;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::{DEFAULT_QUALITY, LIMITS, Transform, extension};
use crate::error::Error;

/// Decodes and resizes off the runtime's threads, a few at a time: a decoded
/// picture takes up to 80 MB.
#[derive(Clone)]
pub(crate) struct Pictures(Arc<Semaphore>);

/// A turn at decoding; goes on holding while the work does.
pub(crate) struct Turn(OwnedSemaphorePermit);

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inspected {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// `#rrggbb`.
    pub(crate) dominant_color: String,
    /// Hex.
    pub(crate) sha256: String,
    /// Where content like this is kept.
    pub(crate) key: Key,
}

impl Pictures {
    /// `at_once` pictures at a time; 0 means one per core.
    pub(crate) fn new(at_once: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = if at_once == 0 { cores } else { at_once };
        Self(Arc::new(Semaphore::new(at_once)))
    }

    /// Waits for a turn.
    pub(crate) async fn turn(&self) -> Result<Turn, Error> {
        Arc::clone(&self.0)
            .acquire_owned()
            .await
            .map(Turn)
            .map_err(|_| Error::Interrupted)
    }

    /// Looks at an upload: caps and type by its header, then every pixel, so
    /// that nothing is stored that only pretends to be a picture.
    pub(crate) async fn inspect(
        &self,
        content: Bytes,
        declared: FileFormat,
    ) -> Result<Inspected, Error> {
        let turn = self.turn().await?;
        blocking(turn, move || {
            let found = probe(&content)?.format;
            if found != declared {
                return Err(Error::TypeMismatch { declared, found });
            }
            let picture = decode(&content, &LIMITS)?;
            let [red, green, blue] = dominant_colour(&picture);
            let digest = Sha256::digest(&content);
            Ok(Inspected {
                width: picture.width(),
                height: picture.height(),
                dominant_color: format!("#{red:02x}{green:02x}{blue:02x}"),
                sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
                key: Key::of_content("media", &content, extension(found))?,
            })
        })
        .await
    }

    /// Makes another picture of a stored one.
    pub(crate) async fn transform(
        &self,
        turn: Turn,
        content: Bytes,
        transform: Transform,
        output: FileFormat,
    ) -> Result<Bytes, Error> {
        blocking(turn, move || {
            let picture = decode(&content, &LIMITS)?;
            let (width, height) = transform.size(picture.width(), picture.height());
            let picture = if (width, height) == (picture.width(), picture.height()) {
                picture
            } else {
                resize(&picture, width, height)?
            };
            let quality = transform.quality.unwrap_or(DEFAULT_QUALITY);
            let encoding = match output {
                FileFormat::Png => Encoding::Png {
                    level: PngLevel::Delivery,
                },
                FileFormat::Jpeg => Encoding::Jpeg {
                    quality,
                    chroma: Chroma::Full,
                    progressive: true,
                },
                FileFormat::WebP => Encoding::WebP { quality },
            };
            Ok(encode(&picture, encoding)?.into())
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    turn: Turn,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(move || {
        // Inside, so that a caller who goes away does not make room for one
        // more while this still runs.
        let Turn(_permit) = turn;
        work()
    })
    .await
    .map_err(|_| Error::Interrupted)?
}
