use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use covergen_imaging::{
    Chroma, Encoding, FileFormat, Limits, Picture, PngLevel, Source, SourceFormat, decode,
    dominant_colour, encode, probe, read, resize, thumbhash,
};
use covergen_objects::Key;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::{DEFAULT_QUALITY, LIMITS, MAX_ASSET_BYTES, Transform, extension};
use crate::error::Error;
use crate::facts::{CameraFacts, Keep, SourceFacts};
use crate::spool::Spooled;

/// Qualities at which an upload is written, until it is short enough to be
/// stored. At the first no eye tells it from the original.
const QUALITIES: [u8; 4] = [92, 85, 75, 60];
/// Most pictures at once where the configuration names no number.
const MOST_AT_ONCE: usize = 8;

/// Decodes and resizes off the runtime's threads, a few at a time: a decoded
/// picture takes up to 80 MB.
#[derive(Clone)]
pub(crate) struct Pictures(Arc<Semaphore>);

/// A turn at decoding; goes on holding while the work does.
pub(crate) struct Turn(OwnedSemaphorePermit);

/// What a picture is shown by before it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// `#rrggbb`.
    pub(crate) dominant_color: String,
    /// ThumbHash, base64.
    pub(crate) placeholder: String,
    pub(crate) has_alpha: bool,
}

/// A person's file, written anew.
#[derive(Debug, Clone)]
pub(crate) struct Processed {
    pub(crate) look: Look,
    pub(crate) format: FileFormat,
    pub(crate) content: Bytes,
    /// Hex.
    pub(crate) sha256: String,
    /// Where content like this is kept.
    pub(crate) key: Key,
    pub(crate) source: SourceFacts,
    pub(crate) metadata: Option<CameraFacts>,
}

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inspected {
    pub(crate) look: Look,
    /// Hex.
    pub(crate) sha256: String,
    /// Where content like this is kept.
    pub(crate) key: Key,
}

impl Pictures {
    /// `at_once` pictures at a time; 0 means one per core.
    pub(crate) fn new(at_once: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = if at_once == 0 {
            cores.min(MOST_AT_ONCE)
        } else {
            at_once
        };
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
            Ok(Inspected {
                look: Look::of(&picture)?,
                sha256: hex_digest(&content),
                key: Key::of_content("media", &content, extension(found))?,
            })
        })
        .await
    }

    /// Reads a person's file and writes its picture anew, within a time that
    /// begins when its turn has come.
    pub(crate) async fn process(
        &self,
        file: Spooled,
        limits: Limits,
        keep: Keep,
        timeout_ms: u64,
    ) -> Result<Processed, Error> {
        let turn = self.turn().await?;
        // Only now in memory, and only once.
        let content = file.read().await?;
        let work = blocking(turn, move || {
            let source = read(&content, &limits).map_err(Error::of_upload)?;
            let facts = SourceFacts::of(&source, content.len());
            drop(content);
            let metadata = CameraFacts::of(&source.exif, keep);
            let look = Look::of(&source.picture)?;
            let (format, content) = rewrite(&source, look.has_alpha, limits.max_bytes)?;
            Ok(Processed {
                look,
                format,
                sha256: hex_digest(&content),
                key: Key::of_content("media", &content, extension(format))?,
                content: content.into(),
                source: facts,
                metadata,
            })
        });
        // What runs on has bounds of its own, and keeps its turn until it ends.
        tokio::time::timeout(Duration::from_millis(timeout_ms.max(1)), work)
            .await
            .map_err(|_| Error::TooSlow {
                limit_ms: timeout_ms,
            })?
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

impl Look {
    fn of(picture: &Picture) -> Result<Self, Error> {
        let [red, green, blue] = dominant_colour(picture);
        Ok(Self {
            width: picture.width(),
            height: picture.height(),
            dominant_color: format!("#{red:02x}{green:02x}{blue:02x}"),
            placeholder: STANDARD.encode(thumbhash(picture)?),
            has_alpha: !picture.is_opaque(),
        })
    }
}

/// Writes a picture in the format that suits where it came from: photographs
/// as JPEG or WebP at a quality that does not show, everything lossless as PNG,
/// unless that would be longer than an upload may be.
fn rewrite(
    source: &Source,
    has_alpha: bool,
    lossless_max_bytes: usize,
) -> Result<(FileFormat, Vec<u8>), Error> {
    if source.lossless {
        let level = PngLevel::Delivery;
        let file = encode(&source.picture, Encoding::Png { level })?;
        if file.len() <= lossless_max_bytes {
            return Ok((FileFormat::Png, file));
        }
    }
    let format = match source.format {
        SourceFormat::Jpeg if !has_alpha => FileFormat::Jpeg,
        _ => FileFormat::WebP,
    };
    let chroma = if source.subsampled {
        Chroma::Half
    } else {
        Chroma::Full
    };
    let mut file = Vec::new();
    for quality in QUALITIES {
        let encoding = match format {
            FileFormat::Jpeg => Encoding::Jpeg {
                quality,
                chroma,
                progressive: false,
            },
            _ => Encoding::WebP { quality },
        };
        file = encode(&source.picture, encoding)?;
        if file.len() <= MAX_ASSET_BYTES {
            break;
        }
    }
    Ok((format, file))
}

fn hex_digest(content: &[u8]) -> String {
    Sha256::digest(content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
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
    .map_err(|error| Error::of_join(&error, Error::Undecodable))?
}

#[cfg(test)]
mod tests {
    use covergen_chassis::ServiceError as _;
    use covergen_store::Refusal as _;

    use super::{Pictures, blocking};
    use crate::error::Error;

    #[tokio::test]
    async fn a_picture_that_panics_its_decoder_is_refused_for_good() {
        let pictures = Pictures::new(1);
        let turn = pictures.turn().await.unwrap();
        let broken = || -> Result<(), Error> { panic!("as a decoder might") };
        let refused = blocking(turn, broken).await.unwrap_err();
        assert!(refused.is_definite());
        assert_eq!(refused.reason(), "IMAGE_INVALID");
        // Its turn was given back.
        assert!(pictures.turn().await.is_ok());
    }
}
