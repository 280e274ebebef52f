//! Behaviour of picture files as callers see it.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

mod builders;
mod colours;
mod hostile;
mod limits;
mod memory;
mod placeholder;
mod profiles;
mod round_trips;
mod small;
mod sources;

use covergen_imaging::Picture;

/// A gradient with a hard edge and some texture: kind to no codec.
fn sample(width: u32, height: u32, alpha: bool) -> Picture {
    let rgba = (0..width * height)
        .flat_map(|index| {
            let (x, y) = (index % width, index / width);
            let edge = if x > width / 2 { 90 } else { 0 };
            let texture = (x * 7 + y * 13) % 11;
            [
                (x * 160 / width + edge) as u8,
                (y * 200 / height + texture) as u8,
                (200 - x * 100 / width) as u8,
                if alpha {
                    (255 - y * 200 / height) as u8
                } else {
                    255
                },
            ]
        })
        .collect();
    Picture::new(width, height, rgba).unwrap()
}

/// Root mean square difference of the colour channels.
fn difference(one: &Picture, other: &Picture) -> f64 {
    assert_eq!((one.width(), one.height()), (other.width(), other.height()));
    let sum: f64 = one
        .rgba()
        .iter()
        .zip(other.rgba())
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    (sum / one.rgba().len() as f64).sqrt()
}
