//! Picture layers, and painted grounds that fill a frame as a picture does.

use fast_image_resize as fir;
use fir::images::{Image, ImageRef};

use super::canvas::{Canvas, clip};
use super::{mask, tones};
use crate::Error;
use crate::paint::{self, Pixels};
use crate::scene::{Background, Fit, Frame, Mask, PictureLayer, PictureRef, Pictures};

/// Scales the picture to its frame and lays it down.
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
    if picture.width == 0 || picture.height == 0 {
        let path = format!("picture `{}`", layer.name);
        return Err(Error::scene(path, "has no pixels"));
    }
    let mut pixels = canvas.pixels();
    let frame = match layer.fit {
        Fit::Cover => layer.frame,
        Fit::Contain => contained(picture, layer),
    };
    let Some(place) = Place::of(&frame, layer.mask, &pixels) else {
        return Ok(());
    };
    let mut scaled = scale(picture, layer, place.width, place.height)?;
    if let Some(colors) = &layer.tones {
        tones::print(&mut scaled, colors);
    }
    place.lay(&mut pixels, &scaled, layer.opacity);
    Ok(())
}

/// Paints a ground inside its own frame.
pub(super) fn paint_within(
    canvas: &mut Canvas<'_>,
    background: &Background,
    frame: &Frame,
    level: vello_cpu::Level,
    scratch: &mut paint::Scratch,
) {
    let mut pixels = canvas.pixels();
    let Some(place) = Place::of(frame, background.mask, &pixels) else {
        return;
    };
    let calm = background.calm.map(|calm| Frame {
        x: calm.x - place.x as f32,
        y: calm.y - place.y as f32,
        ..calm
    });
    let inner = Background {
        calm,
        ..background.clone()
    };
    let mut rgba = vec![0; place.width * place.height * 4];
    let mut target = Pixels {
        width: place.width,
        height: place.height,
        rgba: &mut rgba,
    };
    paint::paint(level, &inner, &mut target, scratch);
    place.lay(&mut pixels, &rgba, 1.0);
}

/// Whole pixels of the canvas that a frame takes.
struct Place {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    frame: Frame,
    mask: Option<Mask>,
}

impl Place {
    fn of(frame: &Frame, mask: Option<Mask>, pixels: &Pixels<'_>) -> Option<Self> {
        let (x0, y0, x1, y1) = clip(frame, pixels.width, pixels.height);
        (x1 > x0 && y1 > y0).then_some(Self {
            x: x0,
            y: y0,
            width: x1 - x0,
            height: y1 - y0,
            frame: *frame,
            mask,
        })
    }

    /// Lays pixels of the place's size down.
    fn lay(&self, pixels: &mut Pixels<'_>, rgba: &[u8], opacity: f32) {
        let stride = self.width * 4;
        let mut cover = vec![1.0_f32; self.width];
        for (y, row) in (self.y..self.y + self.height).zip(rgba.chunks_exact(stride)) {
            if self.mask.is_some() {
                for (x, share) in cover.iter_mut().enumerate() {
                    let (x, y) = ((self.x + x) as f32 + 0.5, y as f32 + 0.5);
                    *share = mask::coverage(self.mask, &self.frame, x, y);
                }
            }
            let start = (y * pixels.width + self.x) * 4;
            blend(
                &mut pixels.rgba[start..start + stride],
                row,
                &cover,
                opacity,
            );
        }
    }
}

/// Where all of a picture stands inside its frame.
fn contained(picture: &PictureRef<'_>, layer: &PictureLayer) -> Frame {
    let frame = layer.frame;
    let (width, height) = (picture.width as f32, picture.height as f32);
    let zoom = (frame.width / width).min(frame.height / height);
    let (width, height) = ((width * zoom).max(1.0), (height * zoom).max(1.0));
    Frame::new(
        (frame.x + (frame.width - width) * layer.focus[0]).round(),
        (frame.y + (frame.height - height) * layer.focus[1]).round(),
        width.round(),
        height.round(),
    )
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

fn blend(below: &mut [u8], above: &[u8], cover: &[f32], opacity: f32) {
    let rows = below.chunks_exact_mut(4).zip(above.chunks_exact(4));
    for ((under, over), share) in rows.zip(cover) {
        let strength = (opacity * share * 256.0 + 0.5) as u32;
        let alpha = (u32::from(over[3]) * strength) >> 8;
        for (channel, &top) in under[..3].iter_mut().zip(over) {
            let mixed = u32::from(top) * alpha + u32::from(*channel) * (255 - alpha);
            *channel = ((mixed + 127) / 255) as u8;
        }
    }
}
