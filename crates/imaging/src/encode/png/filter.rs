//! PNG row filters (PNG specification, third edition, section 9).

/// How to filter a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Every row with one filter, by its number in the specification.
    Fixed(u8),
    /// Every row with whichever filter leaves the smallest sum of absolute
    /// differences, the specification's own heuristic (section 12.7).
    Adaptive,
}

impl Plan {
    /// What is worth trying: Sub wins on drawn gradients, Up on flat shapes,
    /// Paeth on photographs, and the heuristic where none of them does.
    pub(super) const ALL: [Self; 4] = [
        Self::Fixed(1),
        Self::Fixed(2),
        Self::Fixed(4),
        Self::Adaptive,
    ];
}

/// Rows of a band of the sample, and how many bands there are at most.
const BAND_ROWS: usize = 6;
const BANDS: usize = 8;

/// A few bands of neighbouring rows from all over the picture.
pub(super) fn sample(pixels: &[u8], stride: usize) -> Vec<u8> {
    let rows = pixels.len() / stride;
    let step = (rows / BANDS).max(BAND_ROWS);
    pixels
        .chunks(stride * step)
        .flat_map(|part| &part[..part.len().min(stride * BAND_ROWS)])
        .copied()
        .collect()
}

/// Filters every row by the plan; each is preceded by its filter's number.
pub(super) fn filter(plan: Plan, pixels: &[u8], stride: usize, bytes_per_pixel: usize) -> Vec<u8> {
    let rows = pixels.len() / stride;
    let mut out = vec![0; rows * (stride + 1)];
    let first = vec![0; stride];
    let mut trial = vec![0; stride];
    let mut above: &[u8] = &first;
    for (row, out) in pixels
        .chunks_exact(stride)
        .zip(out.chunks_exact_mut(stride + 1))
    {
        let (number, out) = out.split_first_mut().expect("a row has its filter's byte");
        match plan {
            Plan::Fixed(filter) => {
                *number = filter;
                apply(filter, row, above, bytes_per_pixel, out);
            }
            Plan::Adaptive => {
                let mut least = u64::MAX;
                for filter in 0..=4_u8 {
                    apply(filter, row, above, bytes_per_pixel, &mut trial);
                    let cost = cost(&trial);
                    if cost < least {
                        (least, *number) = (cost, filter);
                        out.copy_from_slice(&trial);
                    }
                }
            }
        }
        above = row;
    }
    out
}

fn cost(row: &[u8]) -> u64 {
    row.iter()
        .map(|&byte| u64::from(byte.cast_signed().unsigned_abs()))
        .sum()
}

fn apply(filter: u8, row: &[u8], above: &[u8], bytes_per_pixel: usize, out: &mut [u8]) {
    let (head, tail) = (bytes_per_pixel, row.len());
    // The first pixel has nothing to its left.
    for i in 0..head.min(tail) {
        out[i] = match filter {
            2 | 4 => row[i].wrapping_sub(above[i]),
            3 => row[i].wrapping_sub(above[i] / 2),
            _ => row[i],
        };
    }
    let here = &row[head..];
    let left = &row[..tail - head];
    let up = &above[head..];
    let up_left = &above[..tail - head];
    let out = &mut out[head..];
    match filter {
        0 => out.copy_from_slice(here),
        1 => fold(out, here, left, |x, a| x.wrapping_sub(a)),
        2 => fold(out, here, up, |x, b| x.wrapping_sub(b)),
        3 => {
            for (((o, &x), &a), &b) in out.iter_mut().zip(here).zip(left).zip(up) {
                *o = x.wrapping_sub(u16::midpoint(u16::from(a), u16::from(b)) as u8);
            }
        }
        _ => {
            for ((((o, &x), &a), &b), &c) in out.iter_mut().zip(here).zip(left).zip(up).zip(up_left)
            {
                *o = x.wrapping_sub(paeth(a, b, c));
            }
        }
    }
}

fn fold(out: &mut [u8], here: &[u8], other: &[u8], f: impl Fn(u8, u8) -> u8) {
    for ((o, &x), &y) in out.iter_mut().zip(here).zip(other) {
        *o = f(x, y);
    }
}

fn paeth(a: u8, b: u8, c: u8) -> u8 {
    let (left, up, corner) = (i16::from(a), i16::from(b), i16::from(c));
    let to_left = (up - corner).abs();
    let to_up = (left - corner).abs();
    let to_corner = (left + up - 2 * corner).abs();
    if to_left <= to_up && to_left <= to_corner {
        a
    } else if to_up <= to_corner {
        b
    } else {
        c
    }
}
