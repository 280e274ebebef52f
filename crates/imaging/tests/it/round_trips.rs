//! What is written can be read, and is what was written.

use covergen_imaging::{
    Chroma, Encoding, Error, FileFormat, Fit, Limits, Picture, PngLevel, decode, encode, probe,
    resize, resize_to_fit,
};

use crate::{difference, sample};

const SIZES: [(u32, u32); 5] = [(1, 1), (3, 7), (64, 64), (257, 131), (640, 360)];

#[test]
fn png_gives_back_every_pixel_at_both_levels() {
    for (width, height) in SIZES {
        for alpha in [false, true] {
            let picture = sample(width, height, alpha);
            for level in [PngLevel::Preview, PngLevel::Delivery] {
                let file = encode(&picture, Encoding::Png { level }).unwrap();
                let again = decode(&file, &Limits::default()).unwrap();
                assert!(again == picture, "{width}x{height} {alpha} {level:?}");
            }
        }
    }
}

#[test]
fn runs_of_every_length_come_back() {
    // One pixel that differs after every number of equal ones: all lengths of
    // zeros, with and without the matches of 258 that a long run is cut into.
    let mut rgba = Vec::new();
    for length in 1..=420_usize {
        rgba.extend([10, 20, 30, 255].repeat(length));
        rgba.extend([200, 90, length as u8, 255]);
    }
    let width = 1_805;
    rgba.resize(rgba.len().next_multiple_of(width * 4), 255);
    let height = rgba.len() / width / 4;
    let picture = Picture::new(width as u32, height as u32, rgba).unwrap();
    let file = encode(&picture, Encoding::PREVIEW).unwrap();
    assert!(file.len() < width * height / 20, "{}", file.len());
    assert!(decode(&file, &Limits::default()).unwrap() == picture);
}

#[test]
fn a_preview_of_noise_does_not_grow() {
    // The rows that the sample counts are flat, all others are noise.
    let (width, height) = (400_u32, 200_u32);
    let mut state = 1_u32;
    let rgba: Vec<u8> = (0..width * height)
        .flat_map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [r, g, b, _] = state.rotate_left(13).to_le_bytes();
            if i / width % 17 == 0 {
                [0, 0, 0, 255]
            } else {
                [r, g, b, 255]
            }
        })
        .collect();
    let picture = Picture::new(width, height, rgba).unwrap();
    let file = encode(&picture, Encoding::PREVIEW).unwrap();
    assert!(file.len() < (width * height * 3 + height) as usize + 500);
    assert!(decode(&file, &Limits::default()).unwrap() == picture);
}

#[test]
fn delivery_is_smaller_than_preview() {
    let picture = sample(640, 360, false);
    let at = |level| encode(&picture, Encoding::Png { level }).unwrap().len();
    assert!(at(PngLevel::Delivery) < at(PngLevel::Preview));
}

#[test]
fn opaque_png_carries_no_alpha() {
    // Byte 25 of a PNG is its colour type: 2 is RGB, 6 is RGBA.
    for level in [PngLevel::Preview, PngLevel::Delivery] {
        let kind = |alpha| encode(&sample(9, 9, alpha), Encoding::Png { level }).unwrap()[25];
        assert_eq!((kind(false), kind(true)), (2, 6));
    }
}

#[test]
fn jpeg_comes_close_and_closer_with_quality() {
    let picture = sample(257, 131, false);
    for chroma in [Chroma::Full, Chroma::Half] {
        for progressive in [false, true] {
            let at = |quality| {
                let encoding = Encoding::Jpeg {
                    quality,
                    chroma,
                    progressive,
                };
                let file = encode(&picture, encoding).unwrap();
                difference(&decode(&file, &Limits::default()).unwrap(), &picture)
            };
            let (low, high) = (at(40), at(95));
            assert!(high < 4.0, "{chroma:?} {progressive}: {high}");
            assert!(low > high, "{chroma:?} {progressive}: {low} and {high}");
        }
    }
}

#[test]
fn full_chroma_keeps_coloured_edges() {
    // Red type on blue, two pixels wide: where halved chroma bleeds.
    let rgba: Vec<u8> = (0..64 * 64)
        .flat_map(|i| {
            if (i % 64) / 2 % 2 == 0 {
                [230, 20, 30, 255]
            } else {
                [20, 30, 230, 255]
            }
        })
        .collect();
    let picture = Picture::new(64, 64, rgba).unwrap();
    let at = |chroma| {
        let encoding = Encoding::Jpeg {
            quality: 92,
            chroma,
            progressive: false,
        };
        let file = encode(&picture, encoding).unwrap();
        difference(&decode(&file, &Limits::default()).unwrap(), &picture)
    };
    assert!(at(Chroma::Full) * 3.0 < at(Chroma::Half));
}

#[test]
fn jpeg_lays_transparency_over_white() {
    let clear = Picture::new(16, 16, vec![0; 16 * 16 * 4]).unwrap();
    let encoding = Encoding::Jpeg {
        quality: 90,
        chroma: Chroma::Full,
        progressive: false,
    };
    let again = decode(&encode(&clear, encoding).unwrap(), &Limits::default()).unwrap();
    assert!(again.rgba().iter().all(|&channel| channel >= 254));
}

#[test]
fn webp_shrinks_with_quality_and_keeps_alpha() {
    let picture = sample(257, 131, true);
    let at = |quality| encode(&picture, Encoding::WebP { quality }).unwrap();
    let file = at(90);
    assert!(at(20).len() * 2 < file.len());
    let again = decode(&file, &Limits::default()).unwrap();
    let alpha = |picture: &Picture| {
        picture
            .rgba()
            .iter()
            .skip(3)
            .step_by(4)
            .copied()
            .collect::<Vec<_>>()
    };
    assert_eq!(alpha(&again), alpha(&picture));
    let opaque = sample(257, 131, false);
    let file = encode(&opaque, Encoding::WebP { quality: 95 }).unwrap();
    assert!(difference(&decode(&file, &Limits::default()).unwrap(), &opaque) < 5.0);
}

#[test]
fn encoders_give_the_same_bytes_again() {
    let picture = sample(257, 131, false);
    for encoding in all() {
        assert!(encode(&picture, encoding).unwrap() == encode(&picture, encoding).unwrap());
    }
}

fn all() -> [Encoding; 4] {
    [
        Encoding::PREVIEW,
        Encoding::Png {
            level: PngLevel::Delivery,
        },
        Encoding::Jpeg {
            quality: 80,
            chroma: Chroma::Full,
            progressive: true,
        },
        Encoding::WebP { quality: 80 },
    ]
}

#[test]
fn probing_tells_format_and_size() {
    for (width, height) in SIZES {
        for encoding in all() {
            let file = encode(&sample(width, height, false), encoding).unwrap();
            let header = probe(&file).unwrap();
            assert_eq!(header.format, encoding.file_format());
            assert_eq!(
                (header.width, header.height, header.frames),
                (width, height, 1)
            );
        }
    }
    let file = encode(&sample(33, 21, true), Encoding::WebP { quality: 80 }).unwrap();
    assert_eq!(
        (probe(&file).unwrap().width, probe(&file).unwrap().height),
        (33, 21)
    );
}

#[test]
fn qualities_out_of_range_are_refused() {
    for quality in [0, 101, 255] {
        let error = encode(&sample(4, 4, false), Encoding::WebP { quality }).unwrap_err();
        assert!(matches!(error, Error::QualityOutOfRange { .. }));
    }
}

#[test]
fn pixels_that_disagree_with_the_size_are_refused() {
    assert!(matches!(
        Picture::new(4, 4, vec![0; 63]),
        Err(Error::PixelsDisagree {
            expected: 64,
            actual: 63,
            ..
        })
    ));
    assert!(matches!(
        Picture::new(0, 4, vec![]),
        Err(Error::SizeOutOfRange { .. })
    ));
}

#[test]
fn resizing_keeps_what_the_eye_sees() {
    let picture = sample(640, 360, false);
    let small = resize(&picture, 320, 180).unwrap();
    let direct = sample(320, 180, false);
    assert!(difference(&small, &direct) < 8.0);
    let square = resize_to_fit(&picture, 180, 180, Fit::Cover).unwrap();
    // The middle of a covered frame is the middle of the picture.
    let at = |picture: &Picture, x: u32, y: u32| {
        picture.rgba()[((y * picture.width() + x) * 4) as usize]
    };
    assert!(at(&square, 70, 90).abs_diff(at(&small, 140, 90)) < 12);
    assert!(matches!(
        resize(&picture, 0, 5),
        Err(Error::SizeOutOfRange { .. })
    ));
}

#[test]
fn media_types_and_extensions_agree() {
    assert_eq!(FileFormat::Jpeg.media_type(), "image/jpeg");
    assert_eq!(FileFormat::WebP.extension(), "webp");
}
