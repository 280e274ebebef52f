//! From pixels to a file, at the best quality that fits.

use covergen_imaging::{Chroma, Encoding, Error, FileFormat, Picture, PngLevel, encode};
use tokio_util::sync::CancellationToken;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodingError {
    /// Even the lowest quality is too long.
    #[error("at the lowest quality the file has {least} bytes; at most {limit} were asked for")]
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

/// Writes a picture as a file. With a bound, the highest quality up to
/// `quality` whose file fits, found by halving: eight encodings at most.
pub(crate) fn write(
    picture: &Picture,
    format: FileFormat,
    quality: u8,
    max_bytes: Option<usize>,
    stop: &CancellationToken,
) -> Result<Vec<u8>, EncodingError> {
    let at = |quality: u8| {
        if stop.is_cancelled() {
            return Err(EncodingError::Stopped);
        }
        Ok(encode(picture, encoding(format, quality))?)
    };
    let first = at(quality)?;
    let Some(limit) = max_bytes.filter(|limit| first.len() > *limit) else {
        return Ok(first);
    };
    let mut best = None;
    // Too long at `above`; everything below `from` is known to fit.
    let (mut from, mut above) = (1, quality);
    let mut least = first.len();
    while from < above {
        let middle = from + (above - from) / 2;
        let file = at(middle)?;
        least = least.min(file.len());
        if file.len() <= limit {
            best = Some(file);
            from = middle + 1;
        } else {
            above = middle;
        }
    }
    best.ok_or(EncodingError::Unreachable { least, limit })
}

fn encoding(format: FileFormat, quality: u8) -> Encoding {
    match format {
        FileFormat::Png => Encoding::Png {
            level: PngLevel::Delivery,
        },
        FileFormat::Jpeg => Encoding::Jpeg {
            quality,
            chroma: Chroma::Full,
            progressive: true,
        },
        FileFormat::WebP => Encoding::WebP { quality },
    }
}

#[cfg(test)]
mod tests {
    use covergen_imaging::{FileFormat, Picture, encode};
    use tokio_util::sync::CancellationToken;

    use super::{EncodingError, encoding, write};

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

    #[test]
    fn the_best_quality_that_fits_is_found() {
        let (picture, stop) = (picture(), CancellationToken::new());
        for format in [FileFormat::Jpeg, FileFormat::WebP] {
            let length = |quality| encode(&picture, encoding(format, quality)).unwrap().len();
            let limit = length(60);
            let file = write(&picture, format, 100, Some(limit), &stop).unwrap();
            assert!(file.len() <= limit);
            // The next better one that is really longer would not have fitted.
            let next = (61..=100).map(length).find(|length| *length > limit);
            assert!(next.is_some() && file.len() >= length(60), "{format}");
        }
    }

    #[test]
    fn a_bound_that_is_met_anyway_changes_nothing() {
        let (picture, stop) = (picture(), CancellationToken::new());
        let free = write(&picture, FileFormat::Jpeg, 80, None, &stop).unwrap();
        let bounded = write(&picture, FileFormat::Jpeg, 80, Some(free.len()), &stop).unwrap();
        assert_eq!(free, bounded);
    }

    #[test]
    fn a_bound_that_no_quality_meets_is_an_error_that_says_how_far_off() {
        let (picture, stop) = (picture(), CancellationToken::new());
        let error = write(&picture, FileFormat::Jpeg, 90, Some(200), &stop).unwrap_err();
        let EncodingError::Unreachable { least, limit } = error else {
            panic!("{error}");
        };
        let lowest = encode(&picture, encoding(FileFormat::Jpeg, 1))
            .unwrap()
            .len();
        assert_eq!((least, limit), (lowest, 200));
    }

    #[test]
    fn work_that_nobody_wants_any_more_stops() {
        let stop = CancellationToken::new();
        stop.cancel();
        let stopped = write(&picture(), FileFormat::Png, 85, None, &stop);
        assert!(matches!(stopped, Err(EncodingError::Stopped)));
    }
}
