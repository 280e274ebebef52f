//! Palettes from pictures and moods.

use std::collections::BTreeSet;

use covergen_render::palette::{from_mood, from_picture, moods};
use covergen_render::{Color, wcag};

/// A picture of vertical bands.
fn bands(colors: &[[u8; 3]]) -> (Vec<u8>, u32, u32) {
    let (width, height) = (120_usize, 80_usize);
    let rgba = (0..width * height)
        .flat_map(|index| {
            let [r, g, b] = colors[(index % width) * colors.len() / width];
            [r, g, b, 255]
        })
        .collect();
    (rgba, width as u32, height as u32)
}

fn near(one: Color, other: [u8; 3]) -> bool {
    let gap = |a: u8, b: u8| i32::from(a.abs_diff(b));
    gap(one.r, other[0]) + gap(one.g, other[1]) + gap(one.b, other[2]) < 36
}

#[test]
fn a_pictures_own_colours_are_found() {
    let colors = [[20, 40, 90], [230, 90, 60], [250, 220, 120], [60, 150, 120]];
    let (rgba, width, height) = bands(&colors);
    let palettes = from_picture(&rgba, width, height);
    assert!((3..=5).contains(&palettes.len()));
    for color in colors {
        assert!(
            palettes[0].colors.iter().any(|found| near(*found, color)),
            "{color:?} is not in {:?}",
            palettes[0]
        );
    }
    assert_eq!(palettes, from_picture(&rgba, width, height));
}

#[test]
fn every_palette_has_four_to_six_different_colours_and_an_ink_that_reads() {
    let pictures: [&[[u8; 3]]; 5] = [
        &[[128, 128, 128]],
        &[[0, 0, 0], [255, 255, 255]],
        &[[200, 30, 40]],
        &[[20, 40, 90], [230, 90, 60], [250, 220, 120], [60, 150, 120]],
        &[[250, 250, 245], [240, 238, 230]],
    ];
    for colors in pictures {
        let (rgba, width, height) = bands(colors);
        let palettes = from_picture(&rgba, width, height);
        assert!(
            (3..=5).contains(&palettes.len()),
            "{colors:?}: {palettes:?}"
        );
        for palette in palettes {
            let different: BTreeSet<String> =
                palette.colors.iter().map(ToString::to_string).collect();
            assert_eq!(different.len(), palette.colors.len(), "{palette:?}");
            assert!((4..=6).contains(&palette.colors.len()), "{palette:?}");
            let ground = palette.colors[0];
            let best = palette.colors[1..].iter().map(|c| wcag(*c, ground));
            assert!(best.fold(0.0, f32::max) > 2.5, "{colors:?} {palette:?}");
        }
    }
}

#[test]
fn a_picture_without_pixels_has_no_palette() {
    assert!(from_picture(&[], 0, 0).is_empty());
    assert!(from_picture(&[0; 12], 2, 2).is_empty());
    assert!(
        from_picture(&[0; 16], 2, 2).is_empty(),
        "nothing is visible"
    );
}

#[test]
fn every_mood_has_a_palette_and_another_seed_another_shade() {
    assert!(moods().len() >= 16);
    for word in moods() {
        let palette = from_mood(word, 1).unwrap();
        assert_eq!(palette.colors.len(), 5);
        let ground = palette.colors[0];
        let best = palette.colors[1..].iter().map(|c| wcag(*c, ground));
        assert!(best.fold(0.0, f32::max) >= 4.5, "{word}");
        assert_eq!(Some(&palette), from_mood(&word.to_uppercase(), 1).as_ref());
        assert_ne!(palette.colors, from_mood(word, 2).unwrap().colors);
    }
    assert_eq!(from_mood("复古", 3), from_mood("retro", 3));
    assert_eq!(from_mood("spreadsheet", 1), None);
}
