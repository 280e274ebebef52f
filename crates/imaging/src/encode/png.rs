//! PNG: one quick path, one small path, and one with a palette.
//!
//! The first two drop the alpha channel of opaque pictures. The quick path filters every
//! row with Sub, which suits drawn gradients, and streams it into a deflate of
//! our own that searches nothing. The small path tries several ways of filtering
//! on a sample of rows, keeps the one that compresses best and lets libdeflate
//! search.

mod filter;
mod huffman;
mod indexed;
mod quick;
mod rows;

use filter::{Filtering, Plan, SUB};
use quick::{Deflater, Histogram};
use rows::Rows;

use super::failed;
use crate::{Error, FileFormat, Picture, PngLevel};

/// libdeflate's level for delivery: each level more saves about 4 % and takes a
/// fifth longer.
const DELIVERY_LEVEL: i32 = 2;
/// libdeflate's level where every byte counts; the levels above save less than
/// one in a hundred.
const SMALLEST_LEVEL: i32 = 9;
/// libdeflate's level for trying filters out.
const TRIAL_LEVEL: i32 = 1;
/// What a challenger's sample has to stay below, of Sub's: samples do not show
/// what repeats from band to band, which Sub leaves intact.
const HANDICAP: (usize, usize) = (19, 20);
/// Of so many rows the quick path counts one. Odd, so that no pattern of eight
/// rows is seen from one side only.
const SAMPLE_EVERY: usize = 17;
/// libdeflate's level that stores bytes as they are.
const STORE_LEVEL: i32 = 0;

pub(super) fn encode(picture: &Picture, level: PngLevel) -> Result<Vec<u8>, Error> {
    let plain = encode_plain(picture, level)?;
    if level == PngLevel::Smallest
        && let Some(indexed) = indexed::exact(picture)
    {
        let indexed = indexed.write(picture)?;
        if indexed.len() < plain.len() {
            return Ok(indexed);
        }
    }
    Ok(plain)
}

fn encode_plain(picture: &Picture, level: PngLevel) -> Result<Vec<u8>, Error> {
    let rows = Rows::new(picture);
    let mut file = Vec::with_capacity(rows.stride() * rows.count() / 4 + 1024);
    let colour = if rows.bytes_per_pixel() == 3 {
        png::ColorType::Rgb
    } else {
        png::ColorType::Rgba
    };
    head(&mut file, picture, 8, colour)?;

    let start = begin(&mut file, *b"IDAT");
    match level {
        PngLevel::Preview => quick(&rows, &mut file)?,
        PngLevel::Delivery => small(&rows, &mut file, DELIVERY_LEVEL)?,
        PngLevel::Smallest => small(&rows, &mut file, SMALLEST_LEVEL)?,
    }
    end(&mut file, start)?;
    let start = begin(&mut file, *b"IEND");
    end(&mut file, start)?;
    Ok(file)
}

pub(super) fn encode_indexed(picture: &Picture, colors: u16) -> Result<Vec<u8>, Error> {
    indexed::reduced(picture, colors)?.write(picture)
}

/// Signature and header.
fn head(
    file: &mut Vec<u8>,
    picture: &Picture,
    depth: u8,
    colour: png::ColorType,
) -> Result<(), Error> {
    file.extend_from_slice(b"\x89PNG\r\n\x1a\n");
    let start = begin(file, *b"IHDR");
    file.extend_from_slice(&picture.width().to_be_bytes());
    file.extend_from_slice(&picture.height().to_be_bytes());
    file.extend_from_slice(&[depth, colour as u8, 0, 0, 0]);
    end(file, start)
}

/// Begins a chunk; its length is written when it ends.
fn begin(file: &mut Vec<u8>, kind: [u8; 4]) -> usize {
    let start = file.len();
    file.extend_from_slice(&[0; 4]);
    file.extend_from_slice(&kind);
    start
}

fn end(file: &mut Vec<u8>, start: usize) -> Result<(), Error> {
    let length = u32::try_from(file.len() - start - 8)
        .map_err(|_| failed(FileFormat::Png, &"more data than one chunk can hold"))?;
    file[start..start + 4].copy_from_slice(&length.to_be_bytes());
    let mut crc = libdeflater::Crc::new();
    crc.update(&file[start + 4..]);
    file.extend_from_slice(&crc.sum().to_be_bytes());
    Ok(())
}

fn quick(rows: &Rows<'_>, file: &mut Vec<u8>) -> Result<(), Error> {
    let start = file.len();
    let mut filtering = Filtering::new(rows, Plan::Fixed(SUB));
    let mut line = vec![0; rows.stride() + 1];
    let mut histogram = Histogram::new();
    for y in (0..rows.count()).step_by(SAMPLE_EVERY) {
        filtering.row(y, &mut line);
        histogram.add(&line);
    }
    let mut deflater = Deflater::new(file, &histogram);
    for y in 0..rows.count() {
        filtering.row(y, &mut line);
        deflater.row(&line);
    }
    deflater.finish();
    // Where the sample misled, the file may have grown: it is stored then.
    if file.len() - start > rows.count() * line.len() {
        file.truncate(start);
        let filtered = filter::all(rows, Plan::Fixed(SUB));
        file.append(&mut deflate(&filtered, STORE_LEVEL)?);
    }
    Ok(())
}

fn small(rows: &Rows<'_>, file: &mut Vec<u8>, level: i32) -> Result<(), Error> {
    let trial = |plan| Ok(deflate(&filter::sample(rows, plan), TRIAL_LEVEL)?.len());
    let mut best = (
        trial(Plan::Fixed(SUB))? * HANDICAP.0 / HANDICAP.1,
        Plan::Fixed(SUB),
    );
    for plan in Plan::CHALLENGERS {
        let length = trial(plan)?;
        if length < best.0 {
            best = (length, plan);
        }
    }
    file.append(&mut deflate(&filter::all(rows, best.1), level)?);
    Ok(())
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
