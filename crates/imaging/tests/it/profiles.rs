//! Colours converted to sRGB, against what formulas and other engines say.

use covergen_imaging::{Chroma, ColourModel, Encoding, Picture, encode};

use crate::builders::{
    ADOBE_RGB, Png, encoded, gray_profile, iccp, rgb_profile, srgb_of, with_icc,
};
use crate::sources::{assert_near, open, pixel};

/// Colours of Adobe RGB that sRGB holds.
const COLOURS: [[u8; 3]; 6] = [
    [200, 100, 50],
    [128, 128, 128],
    [90, 140, 120],
    [255, 255, 255],
    [0, 0, 0],
    [180, 160, 220],
];
/// Adobe RGB's gamma.
const GAMMA: f64 = 563.0 / 256.0;

fn adobe(colour: [u8; 3]) -> [u8; 4] {
    let colour = colour.map(|value| f64::from(value) / 255.0);
    let [r, g, b] = srgb_of(&ADOBE_RGB, GAMMA, colour).map(|value| value.round() as u8);
    [r, g, b, 255]
}

/// The middle of each patch of the printing fixtures.
fn patches(file: &[u8]) -> (ColourModel, bool, Vec<[u8; 4]>) {
    let source = open(file);
    let middle = |at: u32| pixel(&source.picture, at % 4 * 16 + 8, at / 4 * 16 + 8);
    (
        source.colour,
        source.converted,
        (0..8).map(middle).collect(),
    )
}

/// Paper, the four inks alone, cyan on magenta, and two mixtures, as
/// (1 − ink) × (1 − black).
const MULTIPLIED: [[u8; 3]; 8] = [
    [255, 255, 255],
    [0, 255, 255],
    [255, 0, 255],
    [255, 255, 0],
    [0, 0, 0],
    [0, 0, 255],
    [223, 111, 0],
    [95, 111, 119],
];

#[test]
fn inks_without_a_profile_are_multiplied_out() {
    for (file, by) in [
        (&include_bytes!("../fixtures/cmyk.jpg")[..], 1),
        (&include_bytes!("../fixtures/ycck.jpg")[..], 2),
    ] {
        let (colour, converted, found) = patches(file);
        assert_eq!((colour, converted), (ColourModel::Cmyk, false));
        for (found, [r, g, b]) in found.into_iter().zip(MULTIPLIED) {
            assert_near(found, [r, g, b, 255], by);
        }
    }
}

#[test]
fn inks_with_a_profile_look_as_printed() {
    let (colour, converted, found) = patches(include_bytes!("../fixtures/cmyk_icc.jpg"));
    assert_eq!((colour, converted), (ColourModel::Cmyk, true));
    // By LittleCMS 2.19, perceptual; the inks of the profile are
    // (0, 158, 224), (226, 0, 122), (255, 237, 0) and (29, 29, 27).
    let wanted = [
        [255, 255, 255],
        [5, 158, 224],
        [227, 2, 122],
        [254, 237, 2],
        [29, 29, 27],
        [1, 0, 107],
        [213, 105, 2],
        [105, 111, 119],
    ];
    for (found, [r, g, b]) in found.into_iter().zip(wanted) {
        assert_near(found, [r, g, b, 255], 5);
    }
}

#[test]
fn a_jpeg_of_plain_rgb_is_no_ycc() {
    let source = open(include_bytes!("../fixtures/rgb.jpg"));
    assert_near(pixel(&source.picture, 8, 8), [200, 30, 60, 255], 2);
    assert_near(pixel(&source.picture, 24, 8), [20, 120, 220, 255], 2);
}

#[test]
fn a_wide_profile_is_converted_in_every_format() {
    let profile = rgb_profile(&ADOBE_RGB, GAMMA);
    let name = iccp(&profile);
    for colour in COLOURS {
        let wanted = adobe(colour);
        let eight = Png::new(2, 2, 8, 2)
            .chunk(b"iCCP", &name)
            .file(|_, _| colour.map(u16::from).to_vec());
        let sixteen = Png::new(2, 2, 16, 2)
            .chunk(b"iCCP", &name)
            .file(|_, _| colour.map(|value| u16::from(value) * 257).to_vec());
        let [r, g, b] = colour;
        let flat = Picture::new(16, 16, [r, g, b, 255].repeat(256)).unwrap();
        let encoding = Encoding::Jpeg {
            quality: 100,
            chroma: Chroma::Full,
            progressive: false,
        };
        let jpeg = with_icc(&encode(&flat, encoding).unwrap(), &profile);
        for (file, by) in [(eight, 1), (sixteen, 1), (jpeg, 3)] {
            let source = open(&file);
            assert!(source.converted);
            assert_near(pixel(&source.picture, 1, 1), wanted, by);
        }
    }
}

#[test]
fn a_webp_with_a_profile_is_converted() {
    // The fixture's picture, in a container that names a profile.
    let plain = include_bytes!("../fixtures/lossless.webp");
    let mut profile = rgb_profile(&ADOBE_RGB, GAMMA);
    let length = profile.len() as u32;
    profile.resize(profile.len().next_multiple_of(2), 0);
    let mut body = b"WEBPVP8X\x0a\0\0\0\x30\0\0\0\x17\0\0\x0f\0\0ICCP".to_vec();
    body.extend_from_slice(&length.to_le_bytes());
    body.extend_from_slice(&profile);
    body.extend_from_slice(&plain[12..]);
    let file = [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat();
    let source = open(&file);
    assert!(source.converted);
    assert_near(pixel(&source.picture, 20, 8), adobe([200, 30, 60]), 1);
    assert_eq!(pixel(&source.picture, 2, 8)[3], 0);
}

#[test]
fn alpha_outlives_a_conversion() {
    let name = iccp(&rgb_profile(&ADOBE_RGB, GAMMA));
    let file = Png::new(2, 1, 8, 6)
        .chunk(b"iCCP", &name)
        .file(|x, _| vec![90, 140, 120, 77 + x as u16]);
    let picture = open(&file).picture;
    let [r, g, b, _] = adobe([90, 140, 120]);
    assert_near(pixel(&picture, 0, 0), [r, g, b, 77], 1);
    assert_eq!(pixel(&picture, 1, 0)[3], 78);
}

#[test]
fn a_profile_as_good_as_srgb_changes_no_pixel() {
    let srgb = [
        [0.436_074_7, 0.222_504_5, 0.013_932_2],
        [0.385_064_9, 0.716_878_6, 0.097_104_5],
        [0.143_080_4, 0.060_616_9, 0.714_173_3],
    ];
    // One whose gamma is 2.2 differs in the dark; the library's own does not.
    let own = moxcms::ColorProfile::new_srgb().encode().unwrap();
    let at = |x: u32, y: u32| vec![(x * 8) as u16, (y * 8) as u16, 100];
    let plain = open(&Png::new(32, 32, 8, 2).file(at)).picture;
    let file = Png::new(32, 32, 8, 2).chunk(b"iCCP", &iccp(&own)).file(at);
    let source = open(&file);
    assert!(!source.converted && source.picture == plain);
    let file = Png::new(32, 32, 8, 2)
        .chunk(b"iCCP", &iccp(&rgb_profile(&srgb, 2.2)))
        .file(at);
    assert!(open(&file).converted);
}

#[test]
fn linear_light_is_encoded() {
    let wanted = encoded(128.0 / 255.0).round() as u8;
    assert_eq!(wanted, 188);
    let gamma = 100_000_u32.to_be_bytes();
    let gray = iccp(&gray_profile(1.0));
    for (colour, chunk, body) in [
        (0, b"gAMA", &gamma[..]),
        (2, b"gAMA", &gamma[..]),
        (0, b"iCCP", &gray[..]),
    ] {
        for bits in [8, 16] {
            let value = if bits == 8 { 128 } else { 128 * 257 };
            let file = Png::new(2, 2, bits, colour)
                .chunk(chunk, body)
                .file(|_, _| vec![value; if colour == 0 { 1 } else { 3 }]);
            let found = pixel(&open(&file).picture, 0, 0);
            assert_near(found, [wanted, wanted, wanted, 255], 1);
        }
    }
    // The gamma that old programs wrote for sRGB means sRGB.
    let file = Png::new(2, 2, 8, 2)
        .chunk(b"gAMA", &45_455_u32.to_be_bytes())
        .file(|_, _| vec![128, 20, 3]);
    assert_eq!(pixel(&open(&file).picture, 0, 0), [128, 20, 3, 255]);
    // And the chunk that says so wins over a gamma.
    let file = Png::new(2, 2, 8, 2)
        .chunk(b"gAMA", &gamma)
        .chunk(b"sRGB", &[0])
        .file(|_, _| vec![128, 20, 3]);
    assert_eq!(pixel(&open(&file).picture, 0, 0), [128, 20, 3, 255]);
}

#[test]
fn a_damaged_profile_or_one_of_another_kind_is_left_aside() {
    let good = rgb_profile(&ADOBE_RGB, GAMMA);
    let mut huge_count = good.clone();
    huge_count[128..132].copy_from_slice(&[0xFF; 4]);
    for profile in [
        b"nonsense".to_vec(),
        good[..200].to_vec(),
        huge_count,
        gray_profile(1.0),
    ] {
        let file = Png::new(2, 2, 8, 2)
            .chunk(b"iCCP", &iccp(&profile))
            .file(|_, _| vec![200, 100, 50]);
        let source = open(&file);
        assert!(!source.converted);
        assert_eq!(pixel(&source.picture, 0, 0), [200, 100, 50, 255]);
    }
    // Every byte of a profile wrong in turn: some colour, and no panic.
    for at in 0..good.len() {
        let mut profile = good.clone();
        profile[at] ^= 0xA5;
        let file = Png::new(2, 2, 8, 2)
            .chunk(b"iCCP", &iccp(&profile))
            .file(|_, _| vec![200, 100, 50]);
        assert_eq!(open(&file).picture.width(), 2);
    }
}
