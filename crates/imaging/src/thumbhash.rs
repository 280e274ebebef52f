//! A blurred picture in some 25 bytes, to show while the real one loads.
//!
//! This is ThumbHash (Evan Wallace, 2023, <https://evanw.github.io/thumbhash/>):
//! a few cosine terms of lightness, two colour differences and, where there is
//! any transparency, alpha.

use std::f64::consts::PI;

use crate::{Error, Picture, resize};

/// The algorithm's own bound on the side of what it looks at.
const MAX_SIDE_PX: u32 = 100;

/// The hash of a picture.
///
/// # Errors
/// Those of [`resize`].
pub fn thumbhash(picture: &Picture) -> Result<Vec<u8>, Error> {
    let longest = picture.width().max(picture.height());
    if longest <= MAX_SIDE_PX {
        return Ok(hash(picture));
    }
    let scaled = |side: u32| {
        let side = u64::from(side) * u64::from(MAX_SIDE_PX) / u64::from(longest);
        // Not above the bound, so it fits.
        u32::try_from(side).unwrap_or(MAX_SIDE_PX).max(1)
    };
    let small = resize(picture, scaled(picture.width()), scaled(picture.height()))?;
    Ok(hash(&small))
}

struct Channel {
    dc: f64,
    ac: Vec<f64>,
    scale: f64,
}

fn hash(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width(), picture.height());
    let (pixels, _) = picture.rgba().as_chunks::<4>();
    let (average, opacity) = average(pixels);
    let has_alpha = opacity < pixels.len() as f64;
    let limit = if has_alpha { 5.0 } else { 7.0 };
    let longest = f64::from(width.max(height));
    let terms = |side: u32| whole(limit * f64::from(side) / longest).max(1);
    let (lx, ly) = (terms(width), terms(height));
    let [l, p, q, a] = planes(pixels, average);
    let size = (width as usize, height as usize);
    let l = channel(&l, size, (lx.max(3), ly.max(3)));
    let p = channel(&p, size, (3, 3));
    let q = channel(&q, size, (3, 3));

    let landscape = u32::from(width > height);
    let first = whole(63.0 * l.dc)
        | whole(31.5 + 31.5 * p.dc) << 6
        | whole(31.5 + 31.5 * q.dc) << 12
        | whole(31.0 * l.scale) << 18
        | u32::from(has_alpha) << 23;
    let second = if landscape == 1 { ly } else { lx }
        | whole(63.0 * p.scale) << 3
        | whole(63.0 * q.scale) << 9
        | landscape << 15;
    let mut hash = first.to_le_bytes()[..3].to_vec();
    hash.extend_from_slice(&second.to_le_bytes()[..2]);
    let mut nibbles: Vec<u8> = Vec::new();
    let mut channels = vec![l, p, q];
    if has_alpha {
        let a = channel(&a, size, (5, 5));
        hash.push((whole(15.0 * a.dc) | whole(15.0 * a.scale) << 4) as u8);
        channels.push(a);
    }
    for channel in &channels {
        nibbles.extend(channel.ac.iter().map(|term| whole(15.0 * term) as u8));
    }
    hash.extend(
        nibbles
            .chunks(2)
            .map(|pair| pair[0] | pair.get(1).map_or(0, |high| high << 4)),
    );
    hash
}

/// The mean colour by weight of alpha, and the sum of alpha.
fn average(pixels: &[[u8; 4]]) -> ([f64; 3], f64) {
    let (mut sum, mut opacity) = ([0.0; 3], 0.0);
    for pixel in pixels {
        let alpha = f64::from(pixel[3]) / 255.0;
        for (sum, value) in sum.iter_mut().zip(pixel) {
            *sum += alpha / 255.0 * f64::from(*value);
        }
        opacity += alpha;
    }
    if opacity > 0.0 {
        sum = sum.map(|channel| channel / opacity);
    }
    (sum, opacity)
}

/// Lightness, yellow against blue, red against green, and alpha, where
/// transparent pixels take the mean colour.
fn planes(pixels: &[[u8; 4]], average: [f64; 3]) -> [Vec<f64>; 4] {
    let mut planes = [const { Vec::new() }; 4];
    for pixel in pixels {
        let alpha = f64::from(pixel[3]) / 255.0;
        let mixed = |at: usize| average[at] * (1.0 - alpha) + alpha / 255.0 * f64::from(pixel[at]);
        let (r, g, b) = (mixed(0), mixed(1), mixed(2));
        planes[0].push((r + g + b) / 3.0);
        planes[1].push((r + g) / 2.0 - b);
        planes[2].push(r - g);
        planes[3].push(alpha);
    }
    planes
}

/// The first cosine terms of a plane, those above the diagonal left out.
fn channel(plane: &[f64], (width, height): (usize, usize), (nx, ny): (u32, u32)) -> Channel {
    let wave = |side: usize, term: u32| -> Vec<f64> {
        let step = PI / side as f64 * f64::from(term);
        (0..side)
            .map(|at| (step * (at as f64 + 0.5)).cos())
            .collect()
    };
    let (mut dc, mut ac, mut scale) = (0.0, Vec::new(), 0.0_f64);
    for cy in 0..ny {
        let fy = wave(height, cy);
        let mut cx = 0;
        while cx * ny < nx * (ny - cy) {
            let fx = wave(width, cx);
            // In the reference's order, so that rounding falls the same way.
            let mut sum = 0.0;
            for (row, fy) in plane.chunks_exact(width).zip(&fy) {
                for (value, fx) in row.iter().zip(&fx) {
                    sum += value * fx * fy;
                }
            }
            let term = sum / (width * height) as f64;
            if cx > 0 || cy > 0 {
                ac.push(term);
                scale = scale.max(term.abs());
            } else {
                dc = term;
            }
            cx += 1;
        }
    }
    if scale > 0.0 {
        for term in &mut ac {
            *term = 0.5 + 0.5 / scale * *term;
        }
    }
    Channel { dc, ac, scale }
}

/// To the nearest whole number; every value here is small and not negative.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64) -> u32 {
    (value + 0.5).floor() as u32
}
