//! Files made to hurt: refused from their headers, or by a plain error.

use covergen_imaging::{Encoding, Error, Limits, decode, encode, probe};

use crate::sample;

/// A PNG whose header promises a size that its data does not hold.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut file = encode(&sample(2, 2, false), Encoding::PREVIEW).unwrap();
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    file
}

#[test]
fn a_bomb_is_refused_from_its_header() {
    for (width, height) in [(50_000, 50_000), (8193, 10), (10, 8193), (5000, 5000)] {
        let error = decode(&png_of(width, height), &Limits::default()).unwrap_err();
        assert!(matches!(error, Error::PictureTooLarge { .. }), "{error}");
    }
}

#[test]
fn a_jpeg_bomb_is_refused_from_its_header() {
    let encoding = Encoding::Jpeg {
        quality: 80,
        chroma: covergen_imaging::Chroma::Full,
        progressive: false,
    };
    let mut file = encode(&sample(8, 8, false), encoding).unwrap();
    let frame = file
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    file[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    assert!(matches!(
        decode(&file, &Limits::default()),
        Err(Error::PictureTooLarge {
            width: 65535,
            height: 65535,
            ..
        })
    ));
}

#[test]
fn a_long_file_is_refused_unread() {
    let limits = Limits {
        max_bytes: 100,
        ..Limits::default()
    };
    let error = decode(&[0; 101], &limits).unwrap_err();
    assert!(matches!(
        error,
        Error::FileTooLarge {
            bytes: 101,
            limit_bytes: 100
        }
    ));
}

#[test]
fn an_animation_with_too_many_frames_is_refused() {
    let mut file = encode(&sample(2, 2, false), Encoding::PREVIEW).unwrap();
    let mut chunk = 8_u32.to_be_bytes().to_vec();
    chunk.extend_from_slice(b"acTL");
    chunk.extend_from_slice(&65_u32.to_be_bytes());
    chunk.extend_from_slice(&[0; 8]);
    file.splice(33..33, chunk);
    assert_eq!(probe(&file).unwrap().frames, 65);
    assert!(matches!(
        decode(&file, &Limits::default()),
        Err(Error::TooManyFrames {
            frames: 65,
            limit_frames: 64
        })
    ));
}

#[test]
fn a_webp_animation_is_counted() {
    let mut file = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x0f\0\0\x0f\0\0".to_vec();
    for _ in 0..65 {
        file.extend_from_slice(b"ANMF\x02\0\0\0\0\0");
    }
    let header = probe(&file).unwrap();
    assert_eq!((header.width, header.height, header.frames), (16, 16, 65));
    assert!(matches!(
        decode(&file, &Limits::default()),
        Err(Error::TooManyFrames { .. })
    ));
}

#[test]
fn what_is_no_picture_is_refused() {
    for bytes in [&b""[..], b"<svg/>", &[0xFF, 0xD8], b"RIFFxxxxWAVE"] {
        assert!(
            matches!(probe(bytes), Err(Error::UnknownFormat)),
            "{bytes:?}"
        );
    }
}

#[test]
fn truncated_and_damaged_files_give_errors_not_panics() {
    let picture = sample(40, 30, true);
    let encodings = [
        Encoding::PREVIEW,
        Encoding::Jpeg {
            quality: 80,
            chroma: covergen_imaging::Chroma::Half,
            progressive: true,
        },
        Encoding::WebP { quality: 80 },
    ];
    for encoding in encodings {
        let file = encode(&picture, encoding).unwrap();
        for length in 0..file.len() {
            // Some decoders show what they have; none may panic or grow.
            if let Ok(part) = decode(&file[..length], &Limits::default()) {
                assert_eq!((part.width(), part.height()), (40, 30));
            }
        }
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0x5A;
            if let Ok(part) = decode(&damaged, &Limits::default()) {
                assert!(u64::from(part.width()) * u64::from(part.height()) <= 20_000_000);
            }
        }
    }
}
