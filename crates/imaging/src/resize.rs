//! Resampling.

use fast_image_resize as fir;
use fir::images::{Image, ImageRef};

use crate::picture::check_size;
use crate::{Error, Picture};

/// How a picture meets a frame of another shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Stretch to the frame.
    Fill,
    /// Fill the frame and cut what stands over, evenly on both sides.
    Cover,
}

/// Stretches a picture to a new size with a Lanczos filter, alpha taken into
/// account.
///
/// # Errors
/// [`Error::SizeOutOfRange`].
pub fn resize(picture: &Picture, width: u32, height: u32) -> Result<Picture, Error> {
    resize_to_fit(picture, width, height, Fit::Fill)
}

/// Resizes a picture into a frame.
///
/// Filtering runs on the stored sRGB values, as browsers do, so that a cover
/// looks the same scaled here or by the platform that shows it.
///
/// # Errors
/// [`Error::SizeOutOfRange`].
pub fn resize_to_fit(
    picture: &Picture,
    width: u32,
    height: u32,
    fit: Fit,
) -> Result<Picture, Error> {
    check_size(width, height)?;
    let out_of_range = || Error::SizeOutOfRange { width, height };
    let source = ImageRef::new(
        picture.width(),
        picture.height(),
        picture.rgba(),
        fir::PixelType::U8x4,
    )
    .map_err(|_| out_of_range())?;
    let mut target = Image::new(width, height, fir::PixelType::U8x4);
    let mut options = fir::ResizeOptions::new()
        .resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::Lanczos3))
        .use_alpha(!picture.is_opaque());
    if fit == Fit::Cover {
        options = options.fit_into_destination(Some((0.5, 0.5)));
    }
    fir::Resizer::new()
        .resize(&source, &mut target, &options)
        .map_err(|_| out_of_range())?;
    Picture::new(width, height, target.into_vec())
}
