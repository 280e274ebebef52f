//! The smallest files: palettes and lossless WebP.

use covergen_imaging::{
    Encoding, Error, FileFormat, Limits, Picture, PngLevel, decode, encode, probe,
};

const SMALLEST: Encoding = Encoding::Png {
    level: PngLevel::Smallest,
};
const DELIVERY: Encoding = Encoding::Png {
    level: PngLevel::Delivery,
};

/// Numbers as chance has them, the same each time.
fn chance() -> impl FnMut(u32) -> u32 {
    let mut state = 1_u32;
    move |below| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    }
}

/// A picture of that many colours, some of them translucent.
fn of_colours(count: u32) -> Picture {
    let (width, height) = (37_u32, 23_u32);
    let mut chance = chance();
    let pixels = (0..width * height).flat_map(|at| {
        // Every colour once, then any.
        let n = if at < count { at } else { chance(count) };
        let alpha = if n.is_multiple_of(5) { 40 } else { 255 };
        [n as u8, (n / 256 * 90) as u8, 255 - n as u8, alpha]
    });
    Picture::new(width, height, pixels.collect()).unwrap()
}

/// Slow slopes, where missing colours show first, and some grain.
fn slopes() -> Picture {
    let (width, height) = (320_u32, 200_u32);
    let mut chance = chance();
    let pixels = (0..width * height).flat_map(|at| {
        let (x, y) = (at % width + chance(8), at / width + chance(8));
        [
            (x * 255 / (width + 8)) as u8,
            (y * 255 / (height + 8)) as u8,
            ((x + y) / 3) as u8,
            255,
        ]
    });
    Picture::new(width, height, pixels.collect()).unwrap()
}

fn read(file: &[u8]) -> Picture {
    decode(file, &Limits::default()).unwrap()
}

#[test]
fn a_picture_of_few_colours_is_the_same_pixel_for_pixel() {
    for count in [1, 2, 3, 4, 5, 16, 17, 255, 256] {
        let picture = of_colours(count);
        let file = encode(&picture, SMALLEST).unwrap();
        assert!(read(&file) == picture, "{count}");
        let plain = encode(&picture, DELIVERY).unwrap();
        assert!(file.len() <= plain.len(), "{count}");
        if (16..=200).contains(&count) {
            assert_eq!(file[25], 3, "{count}: a palette");
        }
    }
}

#[test]
fn a_picture_of_many_colours_is_the_same_and_no_longer_than_delivery() {
    for picture in [slopes(), of_colours(257)] {
        let file = encode(&picture, SMALLEST).unwrap();
        assert!(read(&file) == picture);
        assert_ne!(file[25], 3);
        assert!(file.len() <= encode(&picture, DELIVERY).unwrap().len());
    }
}

#[test]
fn a_chosen_palette_is_smaller_and_near() {
    let picture = slopes();
    let whole = encode(&picture, SMALLEST).unwrap().len();
    let mut longer = usize::MAX;
    for colors in [256, 64, 16, 2] {
        let file = encode(&picture, Encoding::IndexedPng { colors }).unwrap();
        let found = probe(&file).unwrap();
        assert_eq!(
            (found.format, found.width, found.height),
            (FileFormat::Png, 320, 200)
        );
        let back = read(&file);
        let distinct: std::collections::HashSet<&[u8]> = back.rgba().chunks_exact(4).collect();
        assert!(distinct.len() <= usize::from(colors), "{colors}");
        assert!(file.len() < longer, "{colors}");
        longer = file.len();
        if colors == 256 {
            assert!(file.len() < whole);
            // Dithered noise evens out over a few pixels.
            assert!(
                block_error(&picture, &back) < 2.0,
                "{}",
                block_error(&picture, &back)
            );
        }
    }
}

/// Mean difference of blocks of 4 × 4 pixels, in steps of 256.
fn block_error(one: &Picture, other: &Picture) -> f64 {
    let (width, height) = (one.width() as usize, one.height() as usize);
    let mean = |picture: &Picture, bx: usize, by: usize, channel: usize| {
        let sum: u32 = (0..16)
            .map(|i| ((by * 4 + i / 4) * width + bx * 4 + i % 4) * 4 + channel)
            .map(|at| u32::from(picture.rgba()[at]))
            .sum();
        f64::from(sum) / 16.0
    };
    let (mut total, mut count) = (0.0, 0.0);
    for by in 0..height / 4 {
        for bx in 0..width / 4 {
            for channel in 0..3 {
                total += (mean(one, bx, by, channel) - mean(other, bx, by, channel)).abs();
                count += 1.0;
            }
        }
    }
    total / count
}

#[test]
fn lossless_webp_changes_nothing() {
    let picture = of_colours(90);
    let file = encode(&picture, Encoding::LosslessWebP).unwrap();
    assert_eq!(probe(&file).unwrap().format, FileFormat::WebP);
    assert!(read(&file) == picture);
}

#[test]
fn equal_pictures_give_equal_files() {
    let picture = slopes();
    for encoding in [
        SMALLEST,
        Encoding::IndexedPng { colors: 100 },
        Encoding::LosslessWebP,
    ] {
        assert_eq!(
            encode(&picture, encoding).unwrap(),
            encode(&picture, encoding).unwrap()
        );
    }
}

#[test]
fn a_palette_has_its_bounds() {
    for colors in [0, 1, 257] {
        let refused = encode(&slopes(), Encoding::IndexedPng { colors });
        assert!(matches!(refused, Err(Error::ColorsOutOfRange { colors: told }) if told == colors));
    }
}
