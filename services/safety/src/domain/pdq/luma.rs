//! Brightness, and 64×64 samples of it.

use covergen_imaging::Picture;

/// Samples each way.
pub(super) const SIDE: usize = 64;

/// Longest side that is filtered. Larger pictures are averaged over whole
/// blocks of pixels first, which the filter would do as well, in less memory.
const MAX_SIDE_PX: usize = 1024;

/// Passes of the box filter, each way.
const PASSES: usize = 2;

/// Brightness of every pixel, 0 to 255.
pub(super) struct Plane {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Plane {
    pub(super) fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let block = width.max(height).div_ceil(MAX_SIDE_PX);
        let (columns, rows) = (width.div_ceil(block), height.div_ceil(block));
        let mut values = vec![0.0; columns * rows];
        let mut counts = vec![0_u16; columns];
        for (band, line) in values.chunks_exact_mut(columns).enumerate() {
            counts.fill(0);
            for y in band * block..((band + 1) * block).min(height) {
                let row = &picture.rgba()[y * width * 4..(y + 1) * width * 4];
                for (x, pixel) in row.chunks_exact(4).enumerate() {
                    line[x / block] += brightness(pixel);
                    counts[x / block] += 1;
                }
            }
            for (value, count) in line.iter_mut().zip(&counts) {
                *value /= f32::from(*count);
            }
        }
        Self {
            width: columns,
            height: rows,
            values,
        }
    }

    /// Smooths, and takes one value from the middle of each of 64×64 fields.
    pub(super) fn samples(mut self) -> [[f32; SIDE]; SIDE] {
        let (across, down) = (window(self.width), window(self.height));
        let mut other = vec![0.0; self.values.len()];
        for _ in 0..PASSES {
            for row in 0..self.height {
                let start = row * self.width;
                let line = Line {
                    start,
                    stride: 1,
                    length: self.width,
                };
                line.smooth(&self.values, &mut other, across);
            }
            for column in 0..self.width {
                let line = Line {
                    start: column,
                    stride: self.width,
                    length: self.height,
                };
                line.smooth(&other, &mut self.values, down);
            }
        }
        let mut samples = [[0.0; SIDE]; SIDE];
        for (row, out) in samples.iter_mut().enumerate() {
            let y = middle(row, self.height);
            for (column, sample) in out.iter_mut().enumerate() {
                *sample = self.values[y * self.width + middle(column, self.width)];
            }
        }
        samples
    }
}

/// The paper's luminance (ITU-R BT.601), on white where a pixel is see-through.
fn brightness(pixel: &[u8]) -> f32 {
    let [red, green, blue, alpha] = [pixel[0], pixel[1], pixel[2], pixel[3]].map(f32::from);
    let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    if alpha >= 255.0 {
        luma
    } else {
        255.0 + (luma - 255.0) * alpha / 255.0
    }
}

/// Width of the box for a side: half of what one sample stands for.
const fn window(length: usize) -> usize {
    length.div_ceil(2 * SIDE)
}

/// The pixel in the middle of a field.
const fn middle(field: usize, length: usize) -> usize {
    (2 * field + 1) * length / (2 * SIDE)
}

/// A row or a column.
struct Line {
    start: usize,
    stride: usize,
    length: usize,
}

impl Line {
    /// A sliding mean; at the ends, of what part of the box lies inside.
    fn smooth(&self, from: &[f32], to: &mut [f32], window: usize) {
        let at = |index: usize| self.start + index * self.stride;
        let half = usize::midpoint(window, 2);
        let (mut sum, mut count) = (0.0_f32, 0.0_f32);
        let (mut left, mut right, mut out) = (0, 0, 0);
        for _ in 1..half {
            sum += from[at(right)];
            count += 1.0;
            right += 1;
        }
        for _ in 0..=window - half {
            sum += from[at(right)];
            count += 1.0;
            to[at(out)] = sum / count;
            right += 1;
            out += 1;
        }
        for _ in window..self.length {
            sum += from[at(right)];
            sum -= from[at(left)];
            to[at(out)] = sum / count;
            left += 1;
            right += 1;
            out += 1;
        }
        for _ in 1..half {
            sum -= from[at(left)];
            count -= 1.0;
            to[at(out)] = sum / count;
            left += 1;
            out += 1;
        }
    }
}
