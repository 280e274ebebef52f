//! Coarse grids enlarged to pixels.

use super::art::{Art, Dither};

/// Computes a colour at every grid node, `step` pixels apart, and enlarges by
/// straight lines. Channels are 0–255.
#[inline(always)]
pub(super) fn colors(art: &mut Art<'_, '_>, step: usize, mut at: impl FnMut(f32, f32) -> [f32; 3]) {
    let (width, height) = (art.pixels.width, art.pixels.height);
    let columns = width / step + 2;
    let rows = height / step + 2;
    let nodes = &mut art.scratch.nodes;
    nodes.clear();
    nodes.reserve(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            let [r, g, b] = at((column * step) as f32, (row * step) as f32);
            nodes.push([r, g, b, 255.0]);
        }
    }
    let line = &mut art.scratch.row;
    for y in 0..height {
        let (row, down) = (y / step, (y % step) as f32 / step as f32);
        let above = &nodes[row * columns..(row + 1) * columns];
        let below = &nodes[(row + 1) * columns..(row + 2) * columns];
        line.clear();
        line.extend(above.iter().zip(below).map(|(a, b)| mix4(a, b, down)));
        let offsets = art.dither.row(y);
        write_row(art.pixels.row(y), line, step, offsets);
    }
}

#[inline(always)]
fn mix4(a: &[f32; 4], b: &[f32; 4], t: f32) -> [f32; 4] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
}

/// Fixed point with sixteen bits after the point: additions and shifts only,
/// which every SIMD level does four or eight at a time.
const ONE: f32 = 65_536.0;

#[inline(always)]
fn write_row(out: &mut [u8], line: &[[f32; 4]], step: usize, offsets: &[f32; Dither::TILE]) {
    let scale = ONE / step as f32;
    for (cell, chunk) in out.chunks_mut(step * 4).enumerate() {
        let (from, to) = (&line[cell], &line[cell + 1]);
        let start: [i32; 4] = std::array::from_fn(|i| (from[i] * ONE) as i32);
        let delta: [i32; 4] = std::array::from_fn(|i| ((to[i] - from[i]) * scale) as i32);
        let first = cell * step;
        for (index, pixel) in chunk.chunks_exact_mut(4).enumerate() {
            let offset = (offsets[(first + index) % Dither::TILE] * ONE) as i32;
            for i in 0..4 {
                let value = start[i] + delta[i] * index as i32 + offset;
                pixel[i] = (value >> 16).clamp(0, 255) as u8;
            }
        }
    }
}

/// Writes a pixel whose dither is already added.
#[inline(always)]
pub(super) fn store(pixel: &mut [u8], value: [f32; 4]) {
    let bytes = value.map(|channel| channel.clamp(0.0, 255.0) as i32 as u8);
    pixel.copy_from_slice(&bytes);
}

/// A scalar grid enlarged with a quadratic B-spline, which leaves no creases
/// where cells meet: height lines drawn from it stay smooth.
pub(super) struct Relief {
    columns: usize,
    step: usize,
    nodes: Vec<f32>,
    /// Spline weights of every pixel of a step.
    weights: Vec<[f32; 3]>,
    /// Pixels of a step that lean on the node before it.
    half: usize,
}

impl Relief {
    pub(super) fn new(
        width: usize,
        height: usize,
        step: usize,
        mut at: impl FnMut(f32, f32) -> f32,
    ) -> Self {
        let columns = width / step + 4;
        let rows = height / step + 4;
        let mut nodes = Vec::with_capacity(columns * rows);
        let place = |index: usize| (index as f32 - 1.0) * step as f32;
        for row in 0..rows {
            for column in 0..columns {
                nodes.push(at(place(column), place(row)));
            }
        }
        let splines: Vec<(usize, [f32; 3])> = (0..step).map(|x| spline(x, step)).collect();
        Self {
            columns,
            step,
            nodes,
            half: splines
                .iter()
                .filter(|spline| spline.0 == splines[0].0)
                .count(),
            weights: splines.into_iter().map(|spline| spline.1).collect(),
        }
    }

    /// The values along one row of pixels.
    #[inline(always)]
    pub(super) fn row(&self, y: usize, width: usize, line: &mut Vec<f32>, out: &mut Vec<f32>) {
        let (index, weights) = spline(y, self.step);
        let start = index * self.columns;
        let row = |i: usize| &self.nodes[start + i * self.columns..start + (i + 1) * self.columns];
        line.clear();
        line.extend(
            row(0)
                .iter()
                .zip(row(1))
                .zip(row(2))
                .map(|((a, b), c)| a * weights[0] + b * weights[1] + c * weights[2]),
        );
        out.resize(width, 0.0);
        for (cell, chunk) in out.chunks_mut(self.step).enumerate() {
            // The first half of a step leans on the node before it, the second
            // on the node after.
            let (near, far) = chunk.split_at_mut(self.half.min(chunk.len()));
            let [a, b, c, d] = *line[cell..].first_chunk::<4>().expect("four spare nodes");
            for (value, w) in near.iter_mut().zip(&self.weights) {
                *value = a * w[0] + b * w[1] + c * w[2];
            }
            for (value, w) in far.iter_mut().zip(&self.weights[self.half..]) {
                *value = b * w[0] + c * w[1] + d * w[2];
            }
        }
    }
}

/// First node and weights of the three nodes that make a pixel. Node 1 stands
/// at pixel 0.
#[inline(always)]
fn spline(pixel: usize, step: usize) -> (usize, [f32; 3]) {
    let place = pixel as f32 / step as f32 + 1.0;
    let nearest = (place + 0.5).floor();
    let t = place - nearest;
    let (before, after) = (0.5 - t, 0.5 + t);
    (
        nearest as usize - 1,
        [0.5 * before * before, 0.75 - t * t, 0.5 * after * after],
    )
}
