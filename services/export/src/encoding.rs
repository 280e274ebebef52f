//! From pixels to a file, at the best quality that fits.

use covergen_imaging::{Chroma, Encoding, Error, FileFormat, Picture, PngLevel, encode};
use tokio_util::sync::CancellationToken;

use crate::domain::Compression;

/// Colours of an indexed PNG, the most first: what a bound in bytes takes away.
const PALETTES: [u16; 10] = [256, 192, 128, 96, 64, 48, 32, 24, 16, 8];

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodingError {
    /// Even the lowest quality is too long.
    #[error("at its smallest the file has {least} bytes; at most {limit} were asked for")]
    Unreachable {
        /// Bytes at the lowest quality.
        least: usize,
        /// Bytes asked for.
        limit: usize,
    },
    /// Nobody wants it any more.
    #[error("the work was stopped")]
    Stopped,
    /// The encoder gave up.
    #[error(transparent)]
    Encoder(#[from] Error),
}

/// How a file is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) format: FileFormat,
    /// 1–100; with a bound the highest that is tried.
    pub(crate) quality: u8,
    pub(crate) compression: Compression,
    /// Longest file in bytes.
    pub(crate) max_bytes: Option<usize>,
}

/// A file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    /// What was used, where the format has one.
    pub(crate) quality: Option<u8>,
}

/// Writes a picture as a file. With a bound, the best quality up to the plan's
/// whose file fits, found by halving: at most eight encodings.
pub(crate) fn write(
    picture: &Picture,
    plan: Plan,
    stop: &CancellationToken,
) -> Result<Encoded, EncodingError> {
    let Plan {
        format,
        quality,
        compression,
        max_bytes,
    } = plan;
    let at = |encoding: Encoding| {
        if stop.is_cancelled() {
            return Err(EncodingError::Stopped);
        }
        Ok(encode(picture, encoding)?)
    };
    let by_quality = |quality: u8| at(lossy(format, quality, compression));
    if format != FileFormat::Png && compression != Compression::Lossless {
        let (bytes, step) = search(0..=usize::from(quality - 1), max_bytes, |step| {
            by_quality(quality - narrow(step))
        })?;
        return Ok(Encoded {
            bytes,
            quality: Some(quality - narrow(step)),
        });
    }
    let whole = match (format, compression) {
        (FileFormat::Png, Compression::Usual) => at(Encoding::Png {
            level: PngLevel::Delivery,
        })?,
        (FileFormat::Png, _) => at(Encoding::Png {
            level: PngLevel::Smallest,
        })?,
        _ => at(Encoding::LosslessWebP)?,
    };
    let fits = max_bytes.is_none_or(|limit| whole.len() <= limit);
    let bytes = match (compression, fits) {
        (Compression::Lossless, false) => {
            return Err(EncodingError::Unreachable {
                least: whole.len(),
                limit: max_bytes.unwrap_or_default(),
            });
        }
        (Compression::Lossless | Compression::Usual, true) => whole,
        _ => {
            let palettes = 0..=PALETTES.len() - 1;
            let indexed = |step: usize| {
                at(Encoding::IndexedPng {
                    colors: PALETTES[step],
                })
            };
            // Without a visible difference the shorter of the two is meant:
            // smooth slopes are shorter whole than dithered.
            let indexed = search(palettes, max_bytes, indexed);
            match indexed {
                Ok((bytes, _)) if !fits || bytes.len() < whole.len() => bytes,
                Err(error @ EncodingError::Unreachable { .. }) if !fits => return Err(error),
                Err(error @ (EncodingError::Stopped | EncodingError::Encoder(_))) => {
                    return Err(error);
                }
                _ => whole,
            }
        }
    };
    Ok(Encoded {
        bytes,
        quality: None,
    })
}

/// The first of the steps, from best to smallest, whose file fits, and which
/// step it was. Files are taken to shrink from step to step.
fn search(
    steps: std::ops::RangeInclusive<usize>,
    max_bytes: Option<usize>,
    at: impl Fn(usize) -> Result<Vec<u8>, EncodingError>,
) -> Result<(Vec<u8>, usize), EncodingError> {
    let (best, last) = steps.into_inner();
    let first = at(best)?;
    let Some(limit) = max_bytes.filter(|limit| first.len() > *limit) else {
        return Ok((first, best));
    };
    let mut found = None;
    let mut least = first.len();
    // Too long at `above`; everything below `from` is known to fit.
    let (mut above, mut from) = (best, last + 1);
    while above + 1 < from {
        let middle = above + (from - above) / 2;
        let file = at(middle)?;
        least = least.min(file.len());
        if file.len() <= limit {
            found = Some((file, middle));
            from = middle;
        } else {
            above = middle;
        }
    }
    found.ok_or(EncodingError::Unreachable { least, limit })
}

fn narrow(step: usize) -> u8 {
    u8::try_from(step).unwrap_or(u8::MAX)
}

fn lossy(format: FileFormat, quality: u8, compression: Compression) -> Encoding {
    match format {
        FileFormat::Png => Encoding::Png {
            level: PngLevel::Delivery,
        },
        FileFormat::Jpeg => Encoding::Jpeg {
            quality,
            chroma: match compression {
                Compression::Small => Chroma::Half,
                // Type on flat colour shows halved chroma at once.
                _ => Chroma::Full,
            },
            progressive: true,
        },
        FileFormat::WebP => Encoding::WebP { quality },
    }
}

#[cfg(test)]
mod tests {
    use covergen_imaging::{FileFormat, Limits, Picture, decode, encode};
    use tokio_util::sync::CancellationToken;

    use super::{Compression, Encoded, EncodingError, Plan, lossy, write};

    /// A picture with detail, so that quality matters.
    fn picture() -> Picture {
        let mut state = 1_u32;
        let mut rgba = Vec::new();
        for at in 0..160_u32 * 120 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 27) as u8;
            rgba.extend([(at % 160) as u8 + noise, (at / 160) as u8, noise * 3, 255]);
        }
        Picture::new(160, 120, rgba).unwrap()
    }

    fn plan(format: FileFormat) -> Plan {
        Plan {
            format,
            quality: 100,
            compression: Compression::Usual,
            max_bytes: None,
        }
    }

    fn made(plan: Plan) -> Encoded {
        write(&picture(), plan, &CancellationToken::new()).unwrap()
    }

    #[test]
    fn the_best_quality_that_fits_is_found() {
        let picture = picture();
        for format in [FileFormat::Jpeg, FileFormat::WebP] {
            let length = |quality| {
                let encoding = lossy(format, quality, Compression::Usual);
                encode(&picture, encoding).unwrap().len()
            };
            let limit = length(60);
            let bounded = Plan {
                max_bytes: Some(limit),
                ..plan(format)
            };
            let file = made(bounded);
            assert!(file.bytes.len() <= limit);
            let quality = file.quality.unwrap();
            assert_eq!(file.bytes.len(), length(quality));
            assert!(quality >= 60, "{format} {quality}");
            // The next better one that is really longer would not have fitted.
            let next = (quality + 1..=100)
                .map(length)
                .find(|length| *length > limit);
            assert!(next.is_some(), "{format}");
        }
    }

    #[test]
    fn a_bound_that_is_met_anyway_changes_nothing() {
        for format in [FileFormat::Jpeg, FileFormat::Png, FileFormat::WebP] {
            let free = made(plan(format));
            let bounded = made(Plan {
                max_bytes: Some(free.bytes.len()),
                ..plan(format)
            });
            assert_eq!(free, bounded);
        }
    }

    #[test]
    fn a_png_under_a_bound_has_fewer_colours() {
        let whole = made(plan(FileFormat::Png)).bytes.len();
        let colours = |bytes: &[u8]| {
            let picture = decode(bytes, &Limits::default()).unwrap();
            let colours: std::collections::HashSet<&[u8]> =
                picture.rgba().chunks_exact(4).collect();
            colours.len()
        };
        let mut before = usize::MAX;
        for share in [2, 3] {
            let limit = whole / share;
            let file = made(Plan {
                max_bytes: Some(limit),
                ..plan(FileFormat::Png)
            });
            assert!(file.bytes.len() <= limit);
            assert_eq!(file.quality, None);
            let found = colours(&file.bytes);
            assert!(found < before.min(257), "{found}");
            before = found;
        }
    }

    #[test]
    fn small_is_smaller_and_lossless_loses_nothing() {
        let picture = picture();
        for format in [FileFormat::Png, FileFormat::Jpeg] {
            let with = |compression| {
                made(Plan {
                    compression,
                    quality: 80,
                    ..plan(format)
                })
            };
            let (usual, small) = (with(Compression::Usual), with(Compression::Small));
            assert!(small.bytes.len() < usual.bytes.len(), "{format}");
        }
        for format in [FileFormat::Png, FileFormat::WebP] {
            let lossless = Plan {
                compression: Compression::Lossless,
                ..plan(format)
            };
            let file = made(lossless);
            assert!(
                decode(&file.bytes, &Limits::default()).unwrap() == picture,
                "{format}"
            );
            let bounded = Plan {
                max_bytes: Some(file.bytes.len() - 1),
                ..lossless
            };
            let refused = write(&picture, bounded, &CancellationToken::new());
            assert!(
                matches!(refused, Err(EncodingError::Unreachable { .. })),
                "{format}"
            );
        }
    }

    #[test]
    fn a_bound_that_no_quality_meets_is_an_error_that_says_how_far_off() {
        let picture = picture();
        let bounded = Plan {
            max_bytes: Some(200),
            ..plan(FileFormat::Jpeg)
        };
        let error = write(&picture, bounded, &CancellationToken::new()).unwrap_err();
        let EncodingError::Unreachable { least, limit } = error else {
            panic!("{error}");
        };
        let lowest = encode(&picture, lossy(FileFormat::Jpeg, 1, Compression::Usual));
        assert_eq!((least, limit), (lowest.unwrap().len(), 200));
        let indexed = Plan {
            format: FileFormat::Png,
            ..bounded
        };
        let error = write(&picture, indexed, &CancellationToken::new()).unwrap_err();
        assert!(
            matches!(error, EncodingError::Unreachable { limit: 200, .. }),
            "{error}"
        );
    }

    #[test]
    fn work_that_nobody_wants_any_more_stops() {
        let stop = CancellationToken::new();
        stop.cancel();
        let stopped = write(&picture(), plan(FileFormat::Png), &stop);
        assert!(matches!(stopped, Err(EncodingError::Stopped)));
    }
}
