//! Pictures turned upright.

use crate::{Error, Picture};

/// Side of the squares in which a picture is turned: rows of both sides of one
/// fit into the nearest cache.
const TILE: usize = 32;

/// Turns a picture as EXIF orientation `1..=8` says; any other number leaves
/// it alone. From 5 on, width and height change places.
pub(crate) fn upright(picture: Picture, orientation: u8) -> Result<Picture, Error> {
    let (width, height) = (picture.width(), picture.height());
    match orientation {
        2..=4 => {
            let mut rgba = picture.into_rgba();
            let (pixels, _) = rgba.as_chunks_mut::<4>();
            let columns = width as usize;
            match orientation {
                2 => pixels.chunks_exact_mut(columns).for_each(<[_]>::reverse),
                3 => pixels.reverse(),
                _ => turn_over(pixels, columns),
            }
            Picture::new(width, height, rgba)
        }
        5..=8 => {
            let source = picture.into_rgba();
            let turned = transpose(&source, width as usize, height as usize, orientation);
            drop(source);
            Picture::new(height, width, turned)
        }
        _ => Ok(picture),
    }
}

fn turn_over(pixels: &mut [[u8; 4]], columns: usize) {
    let rows = pixels.len() / columns;
    for y in 0..rows / 2 {
        let (above, below) = pixels.split_at_mut((rows - 1 - y) * columns);
        above[y * columns..(y + 1) * columns].swap_with_slice(&mut below[..columns]);
    }
}

/// The pixel at column `x` and row `y` of the source goes to row `x` and
/// column `y`, either counted from the far end where the orientation says so.
fn transpose(source: &[u8], width: usize, height: usize, orientation: u8) -> Vec<u8> {
    let (pixels, _) = source.as_chunks::<4>();
    let mut target = vec![0; source.len()];
    let (turned, _) = target.as_chunks_mut::<4>();
    // 5 mirrors along the main diagonal, 6 turns right, 7 mirrors along the
    // other diagonal, 8 turns left.
    let (rows_reversed, columns_reversed) = match orientation {
        5 => (false, false),
        6 => (false, true),
        7 => (true, true),
        _ => (true, false),
    };
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for y in top..(top + TILE).min(height) {
                let column = if columns_reversed { height - 1 - y } else { y };
                for x in left..(left + TILE).min(width) {
                    let row = if rows_reversed { width - 1 - x } else { x };
                    turned[row * height + column] = pixels[y * width + x];
                }
            }
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::upright;
    use crate::Picture;

    /// The letters of a 3 × 2 picture, row by row, after turning.
    fn turned(orientation: u8) -> (u32, u32, String) {
        let rgba = b"abcdef".iter().flat_map(|letter| [*letter, 0, 0, 255]);
        let picture = Picture::new(3, 2, rgba.collect()).unwrap();
        let picture = upright(picture, orientation).unwrap();
        let letters = picture.rgba().iter().step_by(4).map(|&l| char::from(l));
        (picture.width(), picture.height(), letters.collect())
    }

    #[test]
    fn each_orientation_turns_its_own_way() {
        // Stored rows: abc / def. Read off the EXIF table: 6 stands on its
        // left side, so turning right puts `d` at the top left.
        let expected = [
            (0, 3, 2, "abcdef"),
            (1, 3, 2, "abcdef"),
            (2, 3, 2, "cbafed"),
            (3, 3, 2, "fedcba"),
            (4, 3, 2, "defabc"),
            (5, 2, 3, "adbecf"),
            (6, 2, 3, "daebfc"),
            (7, 2, 3, "fcebda"),
            (8, 2, 3, "cfbead"),
            (9, 3, 2, "abcdef"),
        ];
        for (orientation, width, height, letters) in expected {
            let found = turned(orientation);
            assert_eq!(found, (width, height, letters.to_owned()), "{orientation}");
        }
    }

    #[test]
    fn a_picture_larger_than_a_tile_turns_whole() {
        let (width, height) = (71_u32, 45_u32);
        let at = |x: u32, y: u32| [x as u8, y as u8, 7, 255];
        let rgba: Vec<u8> = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| at(x, y)))
            .collect();
        let picture = Picture::new(width, height, rgba).unwrap();
        let right = upright(picture.clone(), 6).unwrap();
        let pixel = |picture: &Picture, x: u32, y: u32| {
            let at = ((y * picture.width() + x) * 4) as usize;
            [picture.rgba()[at], picture.rgba()[at + 1]]
        };
        assert_eq!(pixel(&right, height - 1 - 40, 70), [70, 40]);
        assert!(upright(right, 8).unwrap() == picture);
    }
}
