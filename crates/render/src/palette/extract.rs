//! The colours of a picture: clusters in OKLab, and palettes made of them.

use super::ExtractedPalette;
use crate::Color;
use crate::color::Lab;

/// The picture is averaged to at most this many cells a side.
const CELLS: u32 = 64;
const CLUSTERS: usize = 8;
const ROUNDS: usize = 14;
/// Colours nearer than this look the same.
const SAME: f32 = 0.075;
/// Colours of a palette.
const COLORS: usize = 5;

/// A group of like colours.
#[derive(Clone, Copy, Debug)]
struct Cluster {
    lab: Lab,
    /// Share of the picture, 0–1.
    weight: f32,
}

impl Cluster {
    fn chroma(&self) -> f32 {
        chroma(self.lab)
    }
}

/// Three to five palettes of the picture's own colours: as it is, vivid, dark,
/// light, and bold where the picture has a colour to be bold with.
///
/// `rgba` is `width * height * 4` bytes of straight alpha; what is transparent
/// does not count. A picture without a visible pixel, or whose length
/// disagrees with its size, has no palette.
#[must_use]
pub fn from_picture(rgba: &[u8], width: u32, height: u32) -> Vec<ExtractedPalette> {
    let expected = u64::from(width) * u64::from(height) * 4;
    if expected == 0 || rgba.len() as u64 != expected {
        return Vec::new();
    }
    let samples = samples(rgba, width as usize, height as usize);
    if samples.is_empty() {
        return Vec::new();
    }
    let clusters = merged(clusters(&samples));
    let mut palettes = vec![natural(&clusters), vivid(&clusters)];
    palettes.push(on_ground(&clusters, "Dark", 0.19, 0.045));
    palettes.push(on_ground(&clusters, "Light", 0.955, 0.018));
    palettes.extend(bold(&clusters));
    let mut different: Vec<ExtractedPalette> = Vec::new();
    for palette in palettes {
        if !different.iter().any(|other| other.colors == palette.colors) {
            different.push(palette);
        }
    }
    different
}

/// The picture averaged over cells, in OKLab, with the cells' opacity.
fn samples(rgba: &[u8], width: usize, height: usize) -> Vec<(Lab, f32)> {
    let columns = width.min(CELLS as usize);
    let rows = height.min(CELLS as usize);
    let mut samples = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            let (x0, x1) = (column * width / columns, (column + 1) * width / columns);
            let (y0, y1) = (row * height / rows, (row + 1) * height / rows);
            // Large cells are sampled, not read in full.
            let (step_x, step_y) = ((x1 - x0).div_ceil(8), (y1 - y0).div_ceil(8));
            let (mut sums, mut opacity, mut count) = ([0_u32; 3], 0_u32, 0_u32);
            for y in (y0..y1).step_by(step_y.max(1)) {
                for x in (x0..x1).step_by(step_x.max(1)) {
                    let at = (y * width + x) * 4;
                    let alpha = u32::from(rgba[at + 3]);
                    for (sum, channel) in sums.iter_mut().zip(&rgba[at..at + 3]) {
                        *sum += u32::from(*channel) * alpha;
                    }
                    opacity += alpha;
                    count += 1;
                }
            }
            if opacity > count * 24 {
                let [r, g, b] = sums.map(|sum| (sum / opacity) as u8);
                let share = opacity as f32 / (count * 255) as f32;
                samples.push((Lab::from(Color::rgb(r, g, b)), share));
            }
        }
    }
    samples
}

/// k-means with a farthest-point start: no chance in it.
fn clusters(samples: &[(Lab, f32)]) -> Vec<Cluster> {
    let total: f32 = samples.iter().map(|sample| sample.1).sum();
    let mut middles = vec![mean(samples.iter().copied()).unwrap_or(samples[0].0)];
    while middles.len() < CLUSTERS.min(samples.len()) {
        let gap = |lab: Lab| {
            let nearest = middles.iter().map(|middle| distance(lab, *middle));
            nearest.fold(f32::MAX, f32::min)
        };
        let farthest = samples
            .iter()
            .map(|sample| (sample.0, gap(sample.0)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        match farthest {
            Some((lab, gap)) if gap > SAME * 0.5 => middles.push(lab),
            _ => break,
        }
    }
    let mut assigned = vec![0; samples.len()];
    for _ in 0..ROUNDS {
        for (place, sample) in assigned.iter_mut().zip(samples) {
            *place = nearest(&middles, sample.0);
        }
        for (index, middle) in middles.iter_mut().enumerate() {
            let members = samples.iter().zip(&assigned);
            let members = members.filter(|(_, place)| **place == index);
            if let Some(lab) = mean(members.map(|(sample, _)| *sample)) {
                *middle = lab;
            }
        }
    }
    let weight = |index: usize| {
        let members = samples.iter().zip(&assigned);
        let members = members.filter(|(_, place)| **place == index);
        members.map(|(sample, _)| sample.1).sum::<f32>() / total
    };
    middles
        .iter()
        .enumerate()
        .map(|(index, &lab)| Cluster {
            lab,
            weight: weight(index),
        })
        .filter(|cluster| cluster.weight > 0.004)
        .collect()
}

fn mean(samples: impl Iterator<Item = (Lab, f32)>) -> Option<Lab> {
    let (mut sum, mut total) = (
        Lab {
            l: 0.0,
            a: 0.0,
            b: 0.0,
        },
        0.0,
    );
    for (lab, weight) in samples {
        sum = Lab {
            l: sum.l + lab.l * weight,
            a: sum.a + lab.a * weight,
            b: sum.b + lab.b * weight,
        };
        total += weight;
    }
    (total > 0.0).then(|| sum.scaled(1.0 / total))
}

fn nearest(middles: &[Lab], lab: Lab) -> usize {
    let mut best = (0, f32::MAX);
    for (index, middle) in middles.iter().enumerate() {
        let gap = distance(lab, *middle);
        if gap < best.1 {
            best = (index, gap);
        }
    }
    best.0
}

/// Hue counts for more than lightness: a shaded red is still red.
fn distance(one: Lab, other: Lab) -> f32 {
    let (l, a, b) = (one.l - other.l, one.a - other.a, one.b - other.b);
    (0.5 * l * l + 1.6 * (a * a + b * b)).sqrt()
}

fn chroma(lab: Lab) -> f32 {
    (lab.a * lab.a + lab.b * lab.b).sqrt()
}

/// Clusters that look alike made one, heaviest first.
fn merged(mut clusters: Vec<Cluster>) -> Vec<Cluster> {
    clusters.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let mut kept: Vec<Cluster> = Vec::new();
    for cluster in clusters {
        match kept
            .iter_mut()
            .find(|other| distance(other.lab, cluster.lab) < SAME)
        {
            Some(other) => other.weight += cluster.weight,
            None => kept.push(cluster),
        }
    }
    kept
}

/// Clusters by how much a designer would want them: colourful, and present.
fn lively(clusters: &[Cluster]) -> Vec<Cluster> {
    let score = |cluster: &Cluster| (cluster.chroma() + 0.02) * cluster.weight.sqrt().sqrt();
    let mut sorted = clusters.to_vec();
    sorted.sort_by(|a, b| score(b).total_cmp(&score(a)));
    sorted
}

/// The picture's colours by the room they take.
fn natural(clusters: &[Cluster]) -> ExtractedPalette {
    let mut colors = vec![clusters[0].lab];
    for cluster in lively(&clusters[1..]) {
        add(&mut colors, cluster.lab);
    }
    finished("Natural", colors)
}

/// The liveliest colours, a little livelier, on the darkest or the lightest.
fn vivid(clusters: &[Cluster]) -> ExtractedPalette {
    let mean: f32 = clusters.iter().map(|c| c.lab.l * c.weight).sum();
    let by_lightness = |a: &&Cluster, b: &&Cluster| a.lab.l.total_cmp(&b.lab.l);
    let ground = if mean < 0.6 {
        clusters.iter().min_by(by_lightness)
    } else {
        clusters.iter().max_by(by_lightness)
    };
    let ground = ground.map_or(clusters[0].lab, |cluster| cluster.lab);
    let mut colors = vec![ground];
    for cluster in lively(clusters) {
        add(&mut colors, stronger(cluster.lab, 1.3));
    }
    finished("Vivid", colors)
}

/// The lively colours on a ground of the picture's own hue, moved to where
/// they are seen on it.
fn on_ground(clusters: &[Cluster], name: &str, lightness: f32, most: f32) -> ExtractedPalette {
    let lively = lively(clusters);
    let hue = lively[0].lab;
    let strength = chroma(hue).max(1e-4);
    let share = (most / strength).min(1.0);
    let mut colors = vec![Lab {
        l: lightness,
        a: hue.a * share,
        b: hue.b * share,
    }];
    let is_dark = lightness < 0.5;
    for cluster in lively {
        let l = if is_dark {
            cluster.lab.l.max(0.62)
        } else {
            cluster.lab.l.min(0.62)
        };
        add(&mut colors, Lab { l, ..cluster.lab });
    }
    finished(name, colors)
}

/// The most colourful colour as the ground.
fn bold(clusters: &[Cluster]) -> Option<ExtractedPalette> {
    let lively = lively(clusters);
    let ground = lively.iter().find(|cluster| cluster.chroma() > 0.07)?;
    let ground = stronger(ground.lab, 1.15);
    let pale = Lab {
        l: 0.96,
        ..ground.scaled(0.12)
    };
    let deep = Lab {
        l: 0.2,
        ..ground.scaled(0.35)
    };
    let (first, second) = if ground.l < 0.6 {
        (pale, deep)
    } else {
        (deep, pale)
    };
    let mut colors = vec![ground, first];
    for cluster in &lively {
        if distance(cluster.lab, ground) > 0.16 {
            add(&mut colors, cluster.lab);
        }
    }
    colors.truncate(COLORS - 1);
    add(&mut colors, second);
    Some(finished("Bold", colors))
}

fn stronger(lab: Lab, by: f32) -> Lab {
    Lab {
        a: lab.a * by,
        b: lab.b * by,
        ..lab
    }
}

/// Adds a colour unlike those that are there.
fn add(colors: &mut Vec<Lab>, lab: Lab) {
    let is_new = colors.iter().all(|other| distance(*other, lab) >= SAME);
    if is_new && colors.len() < COLORS {
        colors.push(lab);
    }
}

/// Fills up with tints of the last colours, so that a picture of one colour
/// has a palette as well.
fn finished(name: &str, mut colors: Vec<Lab>) -> ExtractedPalette {
    let is_dark = colors[0].l < 0.55;
    let steps: [f32; 5] = if is_dark {
        [0.94, 0.72, 0.56, 0.42, 0.84]
    } else {
        [0.24, 0.42, 0.58, 0.72, 0.33]
    };
    let hue = colors[colors.len() - 1];
    for l in steps {
        add(
            &mut colors,
            Lab {
                l,
                ..hue.scaled(0.8)
            },
        );
    }
    for l in [0.1, 0.3, 0.5, 0.7, 0.9] {
        add(&mut colors, Lab { l, a: 0.0, b: 0.0 });
    }
    ExtractedPalette {
        name: name.to_owned(),
        colors: colors.into_iter().map(within_srgb).collect(),
    }
}

/// The nearest colour of the same lightness and hue that a screen shows.
fn within_srgb(lab: Lab) -> Color {
    let hue = libm::atan2f(lab.b, lab.a).to_degrees();
    Color::oklch(lab.l, chroma(lab), hue)
}
