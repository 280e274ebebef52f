//! The rows of a picture as a PNG holds them.

use crate::Picture;

/// Rows from top to bottom, without an alpha channel where every pixel is
/// opaque. A row is packed when it is asked for, while it is in the cache: no
/// second copy of the whole picture is made.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    rgba: &'a [u8],
    width: usize,
    has_alpha: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn new(picture: &'a Picture) -> Self {
        Self {
            rgba: picture.rgba(),
            width: picture.width() as usize,
            has_alpha: !picture.is_opaque(),
        }
    }

    pub(super) fn bytes_per_pixel(&self) -> usize {
        if self.has_alpha { 4 } else { 3 }
    }

    /// Bytes of a packed row.
    pub(super) fn stride(&self) -> usize {
        self.width * self.bytes_per_pixel()
    }

    pub(super) fn count(&self) -> usize {
        self.rgba.len() / (self.width * 4)
    }

    /// Packs a row into `out`, which is one stride long.
    pub(super) fn read(&self, y: usize, out: &mut [u8]) {
        let row = &self.rgba[y * self.width * 4..(y + 1) * self.width * 4];
        if self.has_alpha {
            out.copy_from_slice(row);
        } else {
            drop_alpha(row, out);
        }
    }
}

/// Four pixels at a time: three whole words are written for every four read.
fn drop_alpha(rgba: &[u8], rgb: &mut [u8]) {
    let (fours, rest) = rgba.as_chunks::<16>();
    let (packed, packed_rest) = rgb.as_chunks_mut::<12>();
    for (out, four) in packed.iter_mut().zip(fours) {
        let (pixels, _) = four.as_chunks::<4>();
        let [a, b, c, d] = std::array::from_fn(|i| u32::from_le_bytes(pixels[i]) & 0xFF_FFFF);
        let (words, _) = out.as_chunks_mut::<4>();
        words[0] = (a | b << 24).to_le_bytes();
        words[1] = (b >> 8 | c << 16).to_le_bytes();
        words[2] = (c >> 16 | d << 8).to_le_bytes();
    }
    for (out, pixel) in packed_rest.chunks_exact_mut(3).zip(rest.chunks_exact(4)) {
        out.copy_from_slice(&pixel[..3]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_rows_of_any_width_lose_their_alpha_and_nothing_else() {
        for width in 1..=9_u8 {
            let rgba: Vec<u8> = (0..width * 2)
                .flat_map(|i| [i * 3, i * 5, i * 7, 255])
                .collect();
            let picture = Picture::new(u32::from(width), 2, rgba).unwrap();
            let rows = Rows::new(&picture);
            let mut row = vec![0; rows.stride()];
            rows.read(1, &mut row);
            let expected: Vec<u8> = (width..width * 2)
                .flat_map(|i| [i * 3, i * 5, i * 7])
                .collect();
            assert_eq!((rows.count(), row), (2, expected), "{width}");
        }
    }

    #[test]
    fn one_translucent_pixel_keeps_the_channel() {
        let picture = Picture::new(1, 1, vec![1, 2, 3, 254]).unwrap();
        let mut row = vec![0; 4];
        Rows::new(&picture).read(0, &mut row);
        assert_eq!(row, [1, 2, 3, 254]);
    }
}
