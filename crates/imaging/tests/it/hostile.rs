//! Uploads made to hurt: a plain error, whatever they are called.

use covergen_imaging::{Chroma, Encoding, Error, Limits, SourceFormat, encode, read};

use crate::builders::{Png, exif, with_exif};
use crate::sample;

fn refusal(file: &[u8]) -> Error {
    read(file, &Limits::default()).unwrap_err()
}

fn jpeg(progressive: bool) -> Vec<u8> {
    let encoding = Encoding::Jpeg {
        quality: 80,
        chroma: Chroma::Half,
        progressive,
    };
    encode(&sample(40, 30, false), encoding).unwrap()
}

#[test]
fn what_is_no_picture_is_told_from_a_picture_of_another_kind() {
    for file in [
        &b"<!doctype html><script>1</script>"[..],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"",
        b"\xFF\xD8",
        b"PK\x03\x04",
        b"#!/bin/sh",
    ] {
        assert!(matches!(refusal(file), Error::UnknownFormat), "{file:?}");
    }
    for (file, name) in [
        (&b"\0\0\0\x20ftypavif\0\0\0\0"[..], "AVIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x0CJXL \r\n\x87\n", "JPEG XL"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"BM\x36\0\0\0", "BMP"),
    ] {
        let Error::Unsupported { name: found } = refusal(file) else {
            panic!("{name}");
        };
        assert_eq!(found, name);
    }
}

#[test]
fn a_gif_that_lies_about_its_size_or_never_ends_is_refused() {
    let gif = |width: u16, height: u16, frame: (u16, u16), frames: usize| {
        let mut file = b"GIF89a".to_vec();
        file.extend_from_slice(&width.to_le_bytes());
        file.extend_from_slice(&height.to_le_bytes());
        file.extend_from_slice(&[0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
        for _ in 0..frames {
            file.extend_from_slice(&[0x2C, 0, 0, 0, 0]);
            file.extend_from_slice(&frame.0.to_le_bytes());
            file.extend_from_slice(&frame.1.to_le_bytes());
            // One pixel's codes: clear, 0, end.
            file.extend_from_slice(&[0, 2, 2, 0x44, 0x01, 0]);
        }
        file.push(0x3B);
        file
    };
    assert!(read(&gif(1, 1, (1, 1), 1), &Limits::default()).is_ok());
    assert!(matches!(
        refusal(&gif(30_000, 30_000, (1, 1), 1)),
        Error::PictureTooLarge { .. }
    ));
    for frame in [(60_000, 60_000), (11, 1)] {
        let refused = refusal(&gif(10, 10, frame, 1));
        assert!(matches!(refused, Error::Malformed { .. }), "{refused}");
    }
    assert!(matches!(
        refusal(&gif(1, 1, (1, 1), 65)),
        Error::TooManyFrames { frames: 65, .. }
    ));
    assert!(matches!(
        refusal(&gif(10, 10, (10, 10), 1)),
        Error::Malformed { .. }
    ));
    assert!(matches!(
        refusal(&gif(10, 10, (1, 1), 0)),
        Error::Malformed { .. }
    ));
}

#[test]
fn an_apng_that_hides_its_frames_is_counted() {
    let mut png = Png::new(2, 2, 8, 0).chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]);
    for _ in 0..65 {
        png = png.chunk(b"fcTL", &[0; 26]);
    }
    assert!(matches!(
        refusal(&png.file(|_, _| vec![1])),
        Error::TooManyFrames { frames: 65, .. }
    ));
}

#[test]
fn a_jpeg_with_too_many_scans_is_refused_before_it_is_decoded() {
    let file = jpeg(true);
    let last = file
        .windows(2)
        .rposition(|pair| pair == [0xFF, 0xDA])
        .unwrap();
    let scan = &file[last..file.len() - 2];
    let mut bomb = file[..file.len() - 2].to_vec();
    for _ in 0..64 {
        bomb.extend_from_slice(scan);
    }
    bomb.extend_from_slice(&[0xFF, 0xD9]);
    let refused = refusal(&bomb);
    assert!(refused.to_string().contains("too many scans"), "{refused}");
}

#[test]
fn a_jpeg_without_its_end_is_refused() {
    for progressive in [false, true] {
        let file = jpeg(progressive);
        for length in [
            file.len() - 1,
            file.len() - 2,
            file.len() * 2 / 3,
            200,
            30,
            3,
        ] {
            let refused = refusal(&file[..length]);
            assert!(
                matches!(
                    refused,
                    Error::Malformed {
                        format: SourceFormat::Jpeg,
                        ..
                    }
                ),
                "{length}: {refused}"
            );
        }
    }
}

#[test]
fn coding_that_is_not_read_is_named() {
    for marker in [0xC3, 0xC9, 0xCA] {
        let mut file = jpeg(false);
        let frame = file
            .windows(2)
            .position(|pair| pair == [0xFF, 0xC0])
            .unwrap();
        file[frame + 1] = marker;
        let refused = refusal(&file).to_string();
        assert!(refused.contains("not read"), "{refused}");
    }
}

#[test]
fn every_file_cut_or_damaged_anywhere_gives_an_error_and_no_panic() {
    // Damaged profiles are tested with profiles: setting one up takes longer
    // than everything here.
    let rich = with_exif(&jpeg(true), &exif(true, 6));
    let png = Png::new(21, 13, 16, 6)
        .chunk(b"eXIf", &exif(false, 3))
        .file(|x, y| vec![x as u16 * 999, y as u16 * 999, 7, 60_000]);
    let files: [&[u8]; 7] = [
        &rich,
        &png,
        include_bytes!("../fixtures/cmyk.jpg"),
        include_bytes!("../fixtures/ycck.jpg"),
        include_bytes!("../fixtures/animated.gif"),
        include_bytes!("../fixtures/animated.webp"),
        include_bytes!("../fixtures/lossless.webp"),
    ];
    // A header that lies upwards is tested above; here it would only cost time.
    let limits = Limits {
        max_pixels: 20_000,
        ..Limits::default()
    };
    for file in files {
        for length in 0..file.len() {
            let _ = read(&file[..length], &limits);
        }
        for at in 0..file.len() {
            for flip in [0xFF, 0x01, 0x5A] {
                let mut damaged = file.to_vec();
                damaged[at] ^= flip;
                if let Ok(source) = read(&damaged, &limits) {
                    let picture = source.picture;
                    let pixels = u64::from(picture.width()) * u64::from(picture.height());
                    assert!(pixels <= limits.max_pixels);
                }
            }
        }
    }
}
