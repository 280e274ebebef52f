//! Picture layers.

use fast_image_resize as fir;
use fir::images::{Image, ImageRef};

use super::canvas::{Canvas, clip};
use crate::Error;
use crate::scene::{PictureLayer, PictureRef, Pictures};

/// Scales the picture to cover its frame and lays it down.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    layer: &PictureLayer,
    pictures: &Pictures<'_>,
) -> Result<(), Error> {
    let picture = pictures
        .get(layer.name.as_str())
        .ok_or_else(|| Error::PictureMissing {
            name: layer.name.clone(),
        })?;
    let pixels = canvas.pixels();
    let (x0, y0, x1, y1) = clip(&layer.frame, pixels.width, pixels.height);
    if x1 <= x0 || y1 <= y0 {
        return Ok(());
    }
    let scaled = scale(picture, layer, x1 - x0, y1 - y0)?;
    let stride = (x1 - x0) * 4;
    for (y, row) in (y0..y1).zip(scaled.chunks_exact(stride)) {
        let start = (y * pixels.width + x0) * 4;
        blend(&mut pixels.rgba[start..start + stride], row, layer.opacity);
    }
    Ok(())
}

/// The part of the picture that covers the frame around the focal point, at
/// the frame's size.
fn scale(
    picture: &PictureRef<'_>,
    layer: &PictureLayer,
    width: usize,
    height: usize,
) -> Result<Vec<u8>, Error> {
    let fail = |reason: String| Error::scene(format!("picture `{}`", layer.name), reason);
    let source = ImageRef::new(
        picture.width,
        picture.height,
        picture.rgba,
        fir::PixelType::U8x4,
    )
    .map_err(|error| fail(error.to_string()))?;
    let (sw, sh) = (f64::from(picture.width), f64::from(picture.height));
    let zoom = (width as f64 / sw).max(height as f64 / sh);
    let (cw, ch) = (
        (width as f64 / zoom).min(sw),
        (height as f64 / zoom).min(sh),
    );
    let left = (f64::from(layer.focus[0]) * sw - cw / 2.0).clamp(0.0, sw - cw);
    let top = (f64::from(layer.focus[1]) * sh - ch / 2.0).clamp(0.0, sh - ch);
    let mut target = Image::new(width as u32, height as u32, fir::PixelType::U8x4);
    let options = fir::ResizeOptions::new()
        .crop(left, top, cw, ch)
        .resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::CatmullRom));
    fir::Resizer::new()
        .resize(&source, &mut target, &options)
        .map_err(|error| fail(error.to_string()))?;
    Ok(target.into_vec())
}

fn blend(below: &mut [u8], above: &[u8], opacity: f32) {
    let strength = (opacity * 256.0 + 0.5) as u32;
    for (under, over) in below.chunks_exact_mut(4).zip(above.chunks_exact(4)) {
        let alpha = (u32::from(over[3]) * strength) >> 8;
        for (channel, &top) in under[..3].iter_mut().zip(over) {
            let mixed = u32::from(top) * alpha + u32::from(*channel) * (255 - alpha);
            *channel = ((mixed + 127) / 255) as u8;
        }
    }
}
