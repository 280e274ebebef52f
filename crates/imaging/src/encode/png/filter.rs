//! PNG row filters (PNG specification, third edition, section 9).

use super::rows::Rows;

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
    /// What is tried beside Sub, which wins on drawn gradients: Paeth wins on
    /// photographs, the heuristic on flat shapes.
    pub(super) const CHALLENGERS: [Self; 2] = [Self::Fixed(4), Self::Adaptive];
}

/// The number of the filter that predicts a pixel from its left neighbour.
pub(super) const SUB: u8 = 1;

/// Rows of a band of the sample, and how many bands there are at most.
const BAND_ROWS: usize = 4;
const BANDS: usize = 8;

/// A few bands of neighbouring rows from all over the picture, filtered.
pub(super) fn sample(rows: &Rows<'_>, plan: Plan) -> Vec<u8> {
    let step = (rows.count() / BANDS).max(BAND_ROWS);
    let chosen = (0..rows.count())
        .step_by(step)
        .flat_map(|first| first..(first + BAND_ROWS).min(rows.count()));
    filter(rows, plan, chosen)
}

/// The whole picture, filtered.
pub(super) fn all(rows: &Rows<'_>, plan: Plan) -> Vec<u8> {
    filter(rows, plan, 0..rows.count())
}

fn filter(rows: &Rows<'_>, plan: Plan, chosen: impl Iterator<Item = usize> + Clone) -> Vec<u8> {
    let line = rows.stride() + 1;
    let mut out = vec![0; chosen.clone().count() * line];
    let mut filtering = Filtering::new(rows, plan);
    for (y, out) in chosen.zip(out.chunks_exact_mut(line)) {
        filtering.row(y, out);
    }
    out
}

/// Filters rows one after the other.
pub(super) struct Filtering<'a> {
    rows: &'a Rows<'a>,
    plan: Plan,
    here: Vec<u8>,
    above: Vec<u8>,
    trial: Vec<u8>,
    /// The row that `here` holds, once there is one.
    last: Option<usize>,
}

impl<'a> Filtering<'a> {
    pub(super) fn new(rows: &'a Rows<'a>, plan: Plan) -> Self {
        let blank = vec![0; rows.stride()];
        Self {
            rows,
            plan,
            here: blank.clone(),
            above: blank.clone(),
            trial: blank,
            last: None,
        }
    }

    /// Filters a row by the plan into `out`, its filter's number first.
    pub(super) fn row(&mut self, y: usize, out: &mut [u8]) {
        if y > 0 && self.last == Some(y - 1) {
            std::mem::swap(&mut self.here, &mut self.above);
        } else if y > 0 {
            self.rows.read(y - 1, &mut self.above);
        } else {
            self.above.fill(0);
        }
        self.rows.read(y, &mut self.here);
        self.last = Some(y);
        let bytes_per_pixel = self.rows.bytes_per_pixel();
        let (number, out) = out.split_first_mut().expect("a row has its filter's byte");
        match self.plan {
            Plan::Fixed(filter) => {
                *number = filter;
                apply(filter, &self.here, &self.above, bytes_per_pixel, out);
            }
            Plan::Adaptive => {
                let mut least = u64::MAX;
                for filter in 0..=4_u8 {
                    let trial = &mut self.trial;
                    apply(filter, &self.here, &self.above, bytes_per_pixel, trial);
                    let cost = cost(trial);
                    if cost < least {
                        (least, *number) = (cost, filter);
                        out.copy_from_slice(trial);
                    }
                }
            }
        }
    }
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
