//! The colour a picture is remembered by.

use covergen_imaging::{Picture, dominant_colour};

fn picture(pixel: impl Fn(usize) -> [u8; 4]) -> Picture {
    Picture::new(100, 100, (0..10_000).flat_map(pixel).collect()).unwrap()
}

#[test]
fn the_most_frequent_colour_dominates() {
    let mostly_teal = picture(|i| {
        if i % 5 == 0 {
            [200, 40, 40, 255]
        } else {
            [20, 150, 140, 255]
        }
    });
    assert_eq!(dominant_colour(&mostly_teal), [20, 150, 140]);
}

#[test]
fn a_colour_outweighs_more_grey() {
    let poster = picture(|i| {
        if i % 3 == 0 {
            [230, 30, 40, 255]
        } else {
            [120, 120, 120, 255]
        }
    });
    assert_eq!(dominant_colour(&poster), [230, 30, 40]);
}

#[test]
fn transparent_pixels_do_not_count() {
    let mostly_clear = picture(|i| {
        if i % 10 == 0 {
            [10, 20, 200, 255]
        } else {
            [250, 0, 0, 0]
        }
    });
    assert_eq!(dominant_colour(&mostly_clear), [10, 20, 200]);
    assert_eq!(dominant_colour(&picture(|_| [0; 4])), [255; 3]);
}
