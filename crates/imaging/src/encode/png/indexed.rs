//! PNG with a palette: exact where the picture has few colours, else the
//! nearest of a chosen palette, dithered.

use std::collections::HashMap;

use quantizr::{Image, Options, QuantizeResult};

use super::{SMALLEST_LEVEL, begin, deflate, end, failed, head};
use crate::{Error, FileFormat, Picture};

/// Most entries of a palette.
const MAX_COLOURS: usize = 256;

/// A picture as numbers into its palette.
pub(super) struct Indexed {
    palette: Vec<[u8; 4]>,
    /// One for each pixel.
    indexes: Vec<u8>,
}

/// The picture with the palette of its own colours; none where they are more
/// than a palette holds.
pub(super) fn exact(picture: &Picture) -> Option<Indexed> {
    let mut known: HashMap<[u8; 4], u8> = HashMap::with_capacity(MAX_COLOURS);
    let mut palette = Vec::new();
    let (pixels, _) = picture.rgba().as_chunks::<4>();
    let mut indexes = Vec::with_capacity(pixels.len());
    // Neighbours are mostly alike.
    let mut last = None;
    for pixel in pixels {
        if let Some((colour, index)) = last
            && colour == *pixel
        {
            indexes.push(index);
            continue;
        }
        let index = match known.get(pixel) {
            Some(index) => *index,
            None => {
                let index = u8::try_from(palette.len()).ok()?;
                palette.push(*pixel);
                known.insert(*pixel, index);
                index
            }
        };
        last = Some((*pixel, index));
        indexes.push(index);
    }
    Some(Indexed { palette, indexes })
}

/// The picture with a palette of at most so many colours.
pub(super) fn reduced(picture: &Picture, colors: u16) -> Result<Indexed, Error> {
    let told = |error: quantizr::Error| failed(FileFormat::Png, &format!("{error:?}"));
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let image = Image::new(picture.rgba(), width, height).map_err(told)?;
    let mut options = Options::default();
    options.set_max_colors(i32::from(colors)).map_err(told)?;
    let result = QuantizeResult::quantize(&image, &options);
    let mut indexes = vec![0; width * height];
    result.remap_image(&image, &mut indexes).map_err(told)?;
    let palette = result.get_palette();
    let count = (palette.count as usize).clamp(1, MAX_COLOURS);
    let palette = palette.entries[..count]
        .iter()
        .map(|colour| [colour.r, colour.g, colour.b, colour.a])
        .collect();
    Ok(Indexed { palette, indexes })
}

impl Indexed {
    /// Writes the file.
    pub(super) fn write(mut self, picture: &Picture) -> Result<Vec<u8>, Error> {
        self.translucent_first();
        let depth: u8 = match self.palette.len() {
            0..=2 => 1,
            3..=4 => 2,
            5..=16 => 4,
            _ => 8,
        };
        let data = deflate(
            &self.packed(picture.width() as usize, depth),
            SMALLEST_LEVEL,
        )?;
        let mut file = Vec::with_capacity(data.len() + 2048);
        head(&mut file, picture, depth, png::ColorType::Indexed)?;
        let start = begin(&mut file, *b"PLTE");
        for colour in &self.palette {
            file.extend_from_slice(&colour[..3]);
        }
        end(&mut file, start)?;
        let translucent = self.palette.iter().filter(|colour| colour[3] < 255).count();
        if translucent > 0 {
            let start = begin(&mut file, *b"tRNS");
            file.extend(self.palette[..translucent].iter().map(|colour| colour[3]));
            end(&mut file, start)?;
        }
        let start = begin(&mut file, *b"IDAT");
        file.extend_from_slice(&data);
        end(&mut file, start)?;
        let start = begin(&mut file, *b"IEND");
        end(&mut file, start)?;
        Ok(file)
    }

    /// Opacity is written for the front of the palette only.
    fn translucent_first(&mut self) {
        let mut order: Vec<usize> = (0..self.palette.len()).collect();
        order.sort_by_key(|at| self.palette[*at][3] == 255);
        let mut place = [0_u8; MAX_COLOURS];
        for (new, old) in order.iter().enumerate() {
            place[*old] = u8::try_from(new).unwrap_or(u8::MAX);
        }
        self.palette = order.iter().map(|at| self.palette[*at]).collect();
        for index in &mut self.indexes {
            *index = place[usize::from(*index)];
        }
    }

    /// Rows of packed numbers, each after its filter byte: numbers of a
    /// palette have no neighbours to be told from, so none is filtered.
    fn packed(&self, width: usize, depth: u8) -> Vec<u8> {
        let per_byte = usize::from(8 / depth);
        let mut out =
            Vec::with_capacity((width.div_ceil(per_byte) + 1) * self.indexes.len() / width);
        for row in self.indexes.chunks_exact(width) {
            out.push(0);
            for group in row.chunks(per_byte) {
                let mut byte = 0;
                for (at, index) in group.iter().enumerate() {
                    let shift = 8 - usize::from(depth) * (at + 1);
                    byte |= index << shift;
                }
                out.push(byte);
            }
        }
        out
    }
}
