//! Pictures inside scenes.

use covergen_render::scene::{Frame, Layer, PictureLayer};
use covergen_render::{Catalog, PictureRef, Pictures, Scene};

use crate::{brief, renderer};

fn showing(layer: PictureLayer) -> Scene {
    let template = Catalog::builtin().get("aurora", None).unwrap();
    let mut scene = template.scene(&brief("Focus", 200, 100)).unwrap();
    scene.layers = vec![Layer::Picture(layer)];
    scene.base = "#000000".parse().unwrap();
    scene
}

fn layer(focus: [f32; 2], opacity: f32) -> PictureLayer {
    PictureLayer {
        focus,
        opacity,
        ..PictureLayer::new("photo", Frame::new(0.0, 0.0, 200.0, 100.0))
    }
}

/// Red on its left half, blue on its right; four times as wide as high.
fn two_halves() -> Vec<u8> {
    (0..400 * 100)
        .flat_map(|index| {
            if index % 400 < 200 {
                [255, 0, 0, 255]
            } else {
                [0, 0, 255, 255]
            }
        })
        .collect()
}

fn draw(layer: PictureLayer) -> Vec<u8> {
    let rgba = two_halves();
    let photo = PictureRef {
        width: 400,
        height: 100,
        rgba: &rgba,
    };
    let cover = renderer()
        .render_with(&showing(layer), &Pictures::from([("photo", photo)]))
        .unwrap();
    cover.picture.rgba
}

#[test]
fn the_focal_point_stays_in_view() {
    let left = draw(layer([0.0, 0.5], 1.0));
    assert!(left.chunks_exact(4).all(|p| p[0] > 250 && p[2] < 5));
    let right = draw(layer([1.0, 0.5], 1.0));
    assert!(right.chunks_exact(4).all(|p| p[0] < 5 && p[2] > 250));
}

#[test]
fn opacity_lets_the_base_through() {
    let half = draw(layer([0.0, 0.5], 0.5));
    assert!(half.chunks_exact(4).all(|p| (120..=136).contains(&p[0])));
}

#[test]
fn pixels_of_the_wrong_length_are_refused() {
    let rgba = vec![0; 10];
    let photo = PictureRef {
        width: 400,
        height: 100,
        rgba: &rgba,
    };
    let result = renderer().render_with(
        &showing(layer([0.5, 0.5], 1.0)),
        &Pictures::from([("photo", photo)]),
    );
    assert!(result.unwrap_err().to_string().contains("`photo`"));
}
