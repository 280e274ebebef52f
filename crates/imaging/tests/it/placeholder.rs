//! ThumbHash, against the reference implementation's own answers.

use covergen_imaging::{Picture, thumbhash};

use crate::sample;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_hash_is_that_of_the_reference() {
    // By the package `thumbhash` 0.1.1 on the same pixels.
    for (width, height, alpha, wanted) in [
        (
            64,
            64,
            false,
            "df260a6f1e80798680878777777778787787075878807c08",
        ),
        (96, 54, false, "df260a6c9e807986707777787877807508c878"),
        (
            40,
            90,
            true,
            "5d46864212298061587777806507c89678788f88878888",
        ),
    ] {
        let picture = sample(width, height, alpha);
        assert_eq!(hex(&thumbhash(&picture).unwrap()), wanted);
    }
}

#[test]
fn a_large_picture_has_nearly_the_hash_of_a_small_one() {
    let large = thumbhash(&sample(1600, 900, false)).unwrap();
    let small = thumbhash(&sample(96, 54, false)).unwrap();
    // The colour and the shape, which come first.
    assert_eq!(large.len(), small.len());
    assert_eq!(large[0] >> 4, small[0] >> 4);
    assert_eq!(large[4] >> 7, 1);
}

#[test]
fn one_pixel_and_nothing_at_all_have_a_hash() {
    for rgba in [vec![9, 8, 7, 255], vec![0; 4]] {
        let picture = Picture::new(1, 1, rgba).unwrap();
        assert!(thumbhash(&picture).unwrap().len() > 5);
    }
}
