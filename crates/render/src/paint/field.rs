//! Coarse grids enlarged to pixels.

use super::art::Art;
use super::pixel;

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
        let offsets = art.dither.line(y, 0, width);
        write_row(art.pixels.row(y), line, step, offsets);
    }
}

#[inline(always)]
fn mix4(a: &[f32; 4], b: &[f32; 4], t: f32) -> [f32; 4] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
}

#[inline(always)]
fn write_row(out: &mut [u8], line: &[[f32; 4]], step: usize, offsets: &[f32]) {
    let (pixels, _) = out.as_chunks_mut::<4>();
    let part = 1.0 / step as f32;
    let cells = pixels.chunks_mut(step).zip(offsets.chunks(step));
    for ((pixels, offsets), nodes) in cells.zip(line.windows(2)) {
        let ([r, g, b, _], [to_r, to_g, to_b, _]) = (nodes[0], nodes[1]);
        for (index, (pixel, &offset)) in pixels.iter_mut().zip(offsets).enumerate() {
            let share = index as i32 as f32 * part;
            let color = pixel::mix([r, g, b], [to_r, to_g, to_b], share);
            *pixel = pixel::opaque(pixel::shift(color, offset));
        }
    }
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
    #[inline(always)]
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
