//! Files as people bring them: the right pixels of every kind.

use covergen_imaging::{
    Chroma, ColourModel, Encoding, Limits, Picture, Source, SourceFormat, encode, read,
};

use crate::builders::{Png, exif, with_exif};
use crate::sample;

pub(crate) fn open(file: &[u8]) -> Source {
    read(file, &Limits::default()).unwrap()
}

pub(crate) fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 4] {
    let at = ((y * picture.width() + x) * 4) as usize;
    picture.rgba()[at..at + 4].try_into().unwrap()
}

#[track_caller]
pub(crate) fn assert_near(found: [u8; 4], wanted: [u8; 4], by: u8) {
    let near = found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= by);
    assert!(near, "{found:?} is not {wanted:?} within {by}");
}

/// Red, green / blue, white.
fn quarters(width: u32, height: u32) -> Picture {
    let rgba = (0..width * height)
        .flat_map(|at| {
            let (right, below) = (at % width >= width / 2, at / width >= height / 2);
            match (right, below) {
                (false, false) => [220, 30, 40, 255],
                (true, false) => [30, 180, 60, 255],
                (false, true) => [40, 60, 210, 255],
                (true, true) => [250, 250, 250, 255],
            }
        })
        .collect();
    Picture::new(width, height, rgba).unwrap()
}

fn jpeg(picture: &Picture, progressive: bool) -> Vec<u8> {
    let encoding = Encoding::Jpeg {
        quality: 90,
        chroma: Chroma::Half,
        progressive,
    };
    encode(picture, encoding).unwrap()
}

#[test]
fn twelve_megapixels_held_sideways_stand_upright() {
    let plain = jpeg(&quarters(4000, 3000), false);
    let source = open(&with_exif(&plain, &exif(true, 6)));
    assert_eq!((source.width, source.height), (4000, 3000));
    let upright = &source.picture;
    assert_eq!((upright.width(), upright.height()), (3000, 4000));
    // Turned right: what was at the bottom left comes to the top left.
    assert_near(pixel(upright, 500, 500), [40, 60, 210, 255], 4);
    assert_near(pixel(upright, 2500, 500), [220, 30, 40, 255], 4);
    assert_near(pixel(upright, 500, 3500), [250, 250, 250, 255], 4);
    assert_near(pixel(upright, 2500, 3500), [30, 180, 60, 255], 4);
    assert!(source.subsampled && !source.lossless && !source.converted);
    assert_eq!(source.exif.orientation, Some(6));
}

#[test]
fn every_orientation_brings_the_same_corner_to_its_place() {
    let plain = jpeg(&quarters(64, 32), true);
    // Where red, stored at the top left, is seen: left or right, top or bottom.
    let seen = [
        (1, false, false),
        (2, true, false),
        (3, true, true),
        (4, false, true),
        (5, false, false),
        (6, true, false),
        (7, true, true),
        (8, false, true),
    ];
    for (orientation, right, below) in seen {
        for big_endian in [false, true] {
            let source = open(&with_exif(&plain, &exif(big_endian, orientation)));
            let (width, height) = (source.picture.width(), source.picture.height());
            assert_eq!((width, height) == (32, 64), orientation > 4);
            let x = if right { width - 4 } else { 3 };
            let y = if below { height - 4 } else { 3 };
            assert_near(pixel(&source.picture, x, y), [220, 30, 40, 255], 8);
        }
    }
}

#[test]
fn what_the_camera_wrote_is_read() {
    let plain = jpeg(&quarters(16, 16), false);
    for big_endian in [false, true] {
        let exif = open(&with_exif(&plain, &exif(big_endian, 1))).exif;
        assert_eq!(exif.make.as_deref(), Some("Lumen"));
        assert_eq!(exif.model.as_deref(), Some("Lumen X1"));
        assert_eq!(exif.lens.as_deref(), Some("Wide 24"));
        assert_eq!(exif.taken_at.as_deref(), Some("2026-05-01T12:30:00+02:00"));
        assert_eq!(exif.exposure_time, Some((1, 250)));
        assert_eq!((exif.f_number, exif.iso), (Some(1.8), Some(400)));
        assert_eq!(exif.focal_length_mm, Some(5.1));
        let place = exif.place.unwrap();
        assert!((place.latitude - 48.858_233).abs() < 1e-5);
        assert!((place.longitude - 2.294_5).abs() < 1e-5);
        assert_eq!(place.altitude_m, Some(35.7));
    }
}

#[test]
fn an_orientation_in_a_png_is_applied_as_well() {
    let file = Png::new(3, 2, 8, 0)
        .chunk(b"eXIf", &exif(false, 8))
        .file(|x, y| vec![(10 * x + 100 * y) as u16]);
    let source = open(&file);
    assert_eq!((source.picture.width(), source.picture.height()), (2, 3));
    assert_eq!(pixel(&source.picture, 0, 0)[0], 20);
    assert_eq!(pixel(&source.picture, 1, 2)[0], 100);
}

#[test]
fn sixteen_bits_are_rounded_and_not_cut() {
    for interlaced in [false, true] {
        let mut png = Png::new(37, 19, 16, 6);
        png.interlaced = interlaced;
        let at = |x: u32, y: u32| {
            let value = (x * 1733 + y * 311) as u16;
            [value, !value, value / 2, 65_535 - y as u16 * 700]
        };
        let source = open(&png.file(|x, y| at(x, y).to_vec()));
        assert_eq!((source.bit_depth, source.colour), (16, ColourModel::Rgb));
        for y in 0..19 {
            for x in 0..37 {
                let wanted = at(x, y).map(|v| (f64::from(v) / 257.0).round() as u8);
                assert_eq!(pixel(&source.picture, x, y), wanted, "{x} {y}");
            }
        }
    }
}

#[test]
fn every_depth_and_colour_type_of_png_is_right() {
    for interlaced in [false, true] {
        for bits in [1, 2, 4, 8, 16] {
            let most = (1_u32 << bits) - 1;
            let mut png = Png::new(21, 13, bits, 0);
            png.interlaced = interlaced;
            let at = |x: u32, y: u32| (x * 7 + y * 5) % (most + 1);
            let source = open(&png.file(|x, y| vec![at(x, y) as u16]));
            assert_eq!((source.bit_depth, source.colour), (bits, ColourModel::Gray));
            for (x, y) in [(0, 0), (20, 12), (5, 7), (12, 3)] {
                let gray = (f64::from(at(x, y)) * 255.0 / f64::from(most)).round() as u8;
                assert_eq!(pixel(&source.picture, x, y), [gray, gray, gray, 255]);
            }
        }
        for bits in [1, 2, 4, 8] {
            let numbers = 1_u32 << bits;
            let palette: Vec<u8> = (0..numbers)
                .flat_map(|n| [n as u8, (n * 3) as u8, 255 - n as u8])
                .collect();
            let mut png = Png::new(21, 13, bits, 3)
                .chunk(b"PLTE", &palette)
                .chunk(b"tRNS", &[0, 128]);
            png.interlaced = interlaced;
            let at = |x: u32, y: u32| (x + y) % numbers;
            let source = open(&png.file(|x, y| vec![at(x, y) as u16]));
            assert_eq!(source.colour, ColourModel::Palette);
            for (x, y) in [(0, 0), (20, 12), (5, 7), (1, 0)] {
                let n = at(x, y);
                let alpha = [0, 128].get(n as usize).copied().unwrap_or(255);
                let wanted = [n as u8, (n * 3) as u8, 255 - n as u8, alpha];
                assert_eq!(pixel(&source.picture, x, y), wanted);
            }
        }
    }
}

#[test]
fn of_an_animation_the_first_frame_is_read() {
    let gif = open(include_bytes!("../fixtures/animated.gif"));
    assert_eq!((gif.format, gif.frames), (SourceFormat::Gif, 3));
    assert_eq!(pixel(&gif.picture, 20, 8), [200, 30, 60, 255]);
    assert_eq!(pixel(&gif.picture, 2, 8), [255, 255, 255, 255]);

    let webp = open(include_bytes!("../fixtures/animated.webp"));
    assert_eq!((webp.format, webp.frames), (SourceFormat::WebP, 3));
    assert_eq!(pixel(&webp.picture, 20, 8), [200, 30, 60, 255]);
    // Its first frame covers the right half; libwebp shows the rest as black.
    assert_eq!(pixel(&webp.picture, 2, 8), [0, 0, 0, 255]);

    let mut apng = Vec::new();
    let mut encoder = png::Encoder::new(&mut apng, 4, 4);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_animated(2, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[200; 48]).unwrap();
    writer.write_image_data(&[20; 48]).unwrap();
    writer.finish().unwrap();
    let apng = open(&apng);
    assert_eq!((apng.format, apng.frames), (SourceFormat::Png, 2));
    assert_eq!(pixel(&apng.picture, 1, 1), [200, 200, 200, 255]);
}

#[test]
fn a_frame_smaller_than_its_screen_lies_where_it_belongs() {
    let palette = [0, 0, 0, 250, 120, 10, 1, 2, 3];
    for interlaced in [false, true] {
        let mut file = Vec::new();
        let mut encoder = gif::Encoder::new(&mut file, 10, 9, &palette).unwrap();
        let frame = gif::Frame {
            left: 3,
            top: 2,
            width: 4,
            height: 6,
            interlaced,
            transparent: Some(2),
            buffer: (0..24_u8)
                .map(|at| if at == 0 { 2 } else { at / 4 % 2 })
                .collect(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
        drop(encoder);
        let picture = open(&file).picture;
        assert_eq!(pixel(&picture, 2, 2), [0; 4]);
        assert_eq!(pixel(&picture, 3, 2), [0; 4]);
        assert_eq!(pixel(&picture, 4, 2), [0, 0, 0, 255]);
        assert_eq!(pixel(&picture, 9, 8), [0; 4]);
        if !interlaced {
            assert_eq!(pixel(&picture, 6, 3), [250, 120, 10, 255]);
            assert_eq!(pixel(&picture, 6, 7), [250, 120, 10, 255]);
        }
    }
}

#[test]
fn lossless_and_lossy_webp_are_told_apart() {
    let lossless = open(include_bytes!("../fixtures/lossless.webp"));
    assert!(lossless.lossless && !lossless.subsampled);
    assert_eq!(pixel(&lossless.picture, 20, 8), [200, 30, 60, 255]);
    let lossy = encode(&sample(32, 32, true), Encoding::WebP { quality: 90 }).unwrap();
    assert!(!open(&lossy).lossless);
}

#[test]
fn what_follows_the_end_of_a_file_changes_nothing() {
    for encoding in [
        Encoding::PREVIEW,
        Encoding::WebP { quality: 80 },
        Encoding::Jpeg {
            quality: 80,
            chroma: Chroma::Full,
            progressive: true,
        },
    ] {
        let file = encode(&sample(40, 30, false), encoding).unwrap();
        let mut longer = file.clone();
        longer.extend_from_slice(b"<script>alert(1)</script>\xFF\xD8\xFF\xC0GIF89a");
        assert!(open(&longer).picture == open(&file).picture);
    }
    let gif = include_bytes!("../fixtures/animated.gif");
    let longer = [&gif[..], b"\x2C<html>"].concat();
    assert_eq!(open(&longer).frames, 3);
}
