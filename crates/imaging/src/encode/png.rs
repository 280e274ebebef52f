//! PNG: one quick path and one small path.
//!
//! Both drop the alpha channel of opaque pictures. The quick path hands rows
//! to `png` with the Sub filter, which suits drawn gradients, and its fastest
//! deflate. The small path tries every way of filtering on a sample of rows,
//! keeps the one that compresses best and lets libdeflate search.

mod filter;

use filter::Plan;

use super::failed;
use crate::{Error, FileFormat, Picture, PngLevel};

/// libdeflate's level for delivery: three levels more save a tenth and more than
/// double the time.
const DELIVERY_LEVEL: i32 = 3;
/// libdeflate's level for trying filters out.
const TRIAL_LEVEL: i32 = 1;

pub(super) fn encode(picture: &Picture, level: PngLevel) -> Result<Vec<u8>, Error> {
    let (pixels, bytes_per_pixel) = if picture.is_opaque() {
        (drop_alpha(picture.rgba()), 3)
    } else {
        (picture.rgba().to_vec(), 4)
    };
    match level {
        PngLevel::Preview => quick(picture, &pixels, bytes_per_pixel),
        PngLevel::Delivery => small(picture, &pixels, bytes_per_pixel),
    }
}

fn drop_alpha(rgba: &[u8]) -> Vec<u8> {
    let mut rgb = vec![0; rgba.len() / 4 * 3];
    for (out, pixel) in rgb.chunks_exact_mut(3).zip(rgba.chunks_exact(4)) {
        out.copy_from_slice(&pixel[..3]);
    }
    rgb
}

fn colour_type(bytes_per_pixel: usize) -> png::ColorType {
    if bytes_per_pixel == 3 {
        png::ColorType::Rgb
    } else {
        png::ColorType::Rgba
    }
}

fn quick(picture: &Picture, pixels: &[u8], bytes_per_pixel: usize) -> Result<Vec<u8>, Error> {
    let fail = |error: png::EncodingError| failed(FileFormat::Png, &error);
    let mut file = Vec::with_capacity(pixels.len() / 3 + 1024);
    let mut encoder = png::Encoder::new(&mut file, picture.width(), picture.height());
    encoder.set_color(colour_type(bytes_per_pixel));
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Sub);
    let mut writer = encoder.write_header().map_err(fail)?;
    writer.write_image_data(pixels).map_err(fail)?;
    writer.finish().map_err(fail)?;
    Ok(file)
}

fn small(picture: &Picture, pixels: &[u8], bytes_per_pixel: usize) -> Result<Vec<u8>, Error> {
    let stride = picture.width() as usize * bytes_per_pixel;
    let plan = best_plan(pixels, stride, bytes_per_pixel)?;
    let filtered = filter::filter(plan, pixels, stride, bytes_per_pixel);
    let data = deflate(&filtered, DELIVERY_LEVEL)?;

    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&picture.width().to_be_bytes());
    header.extend_from_slice(&picture.height().to_be_bytes());
    header.extend_from_slice(&[8, colour_type(bytes_per_pixel) as u8, 0, 0, 0]);

    let mut file = Vec::with_capacity(data.len() + 64);
    file.extend_from_slice(b"\x89PNG\r\n\x1a\n");
    chunk(&mut file, *b"IHDR", &header)?;
    chunk(&mut file, *b"IDAT", &data)?;
    chunk(&mut file, *b"IEND", &[])?;
    Ok(file)
}

/// Tries the plans on a sample of the rows.
fn best_plan(pixels: &[u8], stride: usize, bytes_per_pixel: usize) -> Result<Plan, Error> {
    let sample = filter::sample(pixels, stride);
    let mut best = (usize::MAX, Plan::Adaptive);
    for plan in Plan::ALL {
        let filtered = filter::filter(plan, &sample, stride, bytes_per_pixel);
        let length = deflate(&filtered, TRIAL_LEVEL)?.len();
        if length < best.0 {
            best = (length, plan);
        }
    }
    Ok(best.1)
}

fn deflate(bytes: &[u8], level: i32) -> Result<Vec<u8>, Error> {
    let level = libdeflater::CompressionLvl::new(level)
        .map_err(|error| failed(FileFormat::Png, &format!("{error:?}")))?;
    let mut compressor = libdeflater::Compressor::new(level);
    let mut data = vec![0; compressor.zlib_compress_bound(bytes.len())];
    let length = compressor
        .zlib_compress(bytes, &mut data)
        .map_err(|error| failed(FileFormat::Png, &error))?;
    data.truncate(length);
    Ok(data)
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> Result<(), Error> {
    let length = u32::try_from(data.len())
        .map_err(|_| failed(FileFormat::Png, &"more data than one chunk can hold"))?;
    file.extend_from_slice(&length.to_be_bytes());
    let start = file.len();
    file.extend_from_slice(&kind);
    file.extend_from_slice(data);
    let mut crc = libdeflater::Crc::new();
    crc.update(&file[start..]);
    file.extend_from_slice(&crc.sum().to_be_bytes());
    Ok(())
}
