//! The largest size at which a text fits, with lines of even length.

use parley::{FontData, PositionedLayoutItem};
use unicode_segmentation::UnicodeSegmentation;

use super::ink::{Ink, InkBox};
use super::shape::{Shaped, Shaper, Spec};
use super::{REFERENCE_SIZE, vertical, words};
use crate::Error;
use crate::fonts::Fonts;
use crate::scene::{Align, Frame};

/// The box and the sizes a text may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// Room kept free on each side, in ems: left and right, above and below.
    pub(crate) padding: [f32; 2],
    pub(crate) min_size: f32,
    pub(crate) max_size: f32,
    pub(crate) max_lines: usize,
}

/// Glyphs of one font on one line, placed relative to the text's own box.
#[derive(Clone, Debug)]
pub(crate) struct GlyphSpan {
    pub(crate) font: FontData,
    pub(crate) glyphs: Vec<vello_cpu::Glyph>,
    pub(crate) is_color: bool,
}

/// One line of a fitted text, relative to the text's own box.
#[derive(Clone, Debug)]
pub(crate) struct FittedLine {
    pub(crate) text: String,
    /// Where its ink is.
    pub(crate) ink: Frame,
    pub(crate) baseline: f32,
}

/// A text at its final size. Its box is the box of its ink, so that what looks
/// aligned is aligned.
#[derive(Clone, Debug)]
pub(crate) struct Fitted {
    pub(crate) size: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) lines: Vec<FittedLine>,
    pub(crate) spans: Vec<GlyphSpan>,
    /// Whether an ellipsis had to cut it.
    pub(crate) is_cut: bool,
    pub(crate) is_rtl: bool,
}

/// Fits a text into its bounds: as large as it goes, then even lines; at the
/// smallest size it may end in an ellipsis.
pub(crate) fn fit(
    shaper: &mut Shaper,
    fonts: &Fonts,
    spec: &Spec,
    bounds: &Bounds,
    align: Align,
) -> Result<Fitted, Error> {
    if spec.is_vertical()
        && let Some(columns) = vertical::fit(shaper, fonts, spec, bounds)?
    {
        return Ok(columns);
    }
    let plain = fit_text(shaper, fonts, spec, bounds, align)?;
    if plain.lines.len() < 2 || plain.is_cut {
        return Ok(plain);
    }
    // Lines that end where clauses end are worth a little size.
    if let Some(text) = words::by_clause(&spec.text) {
        let clauses = fit_text(shaper, fonts, &spec.with_text(text), bounds, align)?;
        if !clauses.is_cut && clauses.size >= plain.size * CLAUSE_WORTH {
            return Ok(clauses);
        }
    }
    Ok(plain)
}

/// How much of the size may be given up to end lines where clauses end.
const CLAUSE_WORTH: f32 = 0.7;

fn fit_text(
    shaper: &mut Shaper,
    fonts: &Fonts,
    spec: &Spec,
    bounds: &Bounds,
    align: Align,
) -> Result<Fitted, Error> {
    let mut shaped = shaper.shape(fonts, spec, false)?;
    for measure in measures(bounds) {
        if let Some(size) = largest_size(&mut shaped, spec, &measure) {
            let size = set_evenly(&mut shaped, spec, size, &measure);
            return Ok(place(&shaped, size, align, false));
        }
    }
    // A word is wider than the box even at the smallest size, or there is too
    // much text: words may break now, and the rest is cut.
    let mut shaped = shaper.shape(fonts, spec, true)?;
    for measure in measures(bounds) {
        if let Some(size) = largest_size(&mut shaped, spec, &measure) {
            break_at(&mut shaped, size, &measure);
            return Ok(place(&shaped, size, align, false));
        }
    }
    cut(shaper, fonts, spec, bounds, align)
}

/// The bounds, and narrower ones. Lines are broken by advance but must fit by
/// ink: a line that is full to the last pixel may overhang at every size, and
/// breaks elsewhere when the measure is a little shorter.
fn measures(bounds: &Bounds) -> impl Iterator<Item = Bounds> {
    let bounds = *bounds;
    [1.0, 0.975, 0.94].into_iter().map(move |share| Bounds {
        width: bounds.width * share,
        ..bounds
    })
}

/// Keeps as many characters as fit with an ellipsis after them.
fn cut(
    shaper: &mut Shaper,
    fonts: &Fonts,
    spec: &Spec,
    bounds: &Bounds,
    align: Align,
) -> Result<Fitted, Error> {
    let ends: Vec<usize> = spec
        .text
        .grapheme_indices(true)
        .map(|(start, cluster)| start + cluster.len())
        .collect();
    let shortened = |count: usize| {
        let end = count.checked_sub(1).map_or(0, |last| ends[last]);
        let kept = spec.text[..end].trim_end_matches(|c: char| {
            c.is_whitespace() || matches!(c, ',' | '.' | ';' | ':' | '-' | '，' | '。' | '、')
        });
        spec.with_text(format!("{kept}…"))
    };
    let size = bounds.min_size;
    let (mut low, mut high) = (1_usize, ends.len());
    while low < high {
        let middle = (low + high).div_ceil(2);
        let mut shaped = shaper.shape(fonts, &shortened(middle), true)?;
        if fits(&mut shaped, spec, size, bounds) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    let mut shaped = shaper.shape(fonts, &shortened(low), true)?;
    break_at(&mut shaped, size, bounds);
    Ok(place(&shaped, size, align, true))
}

/// Sizes are kept to quarters of a pixel.
pub(super) fn quantised(size: f32) -> f32 {
    (size * 4.0).floor() / 4.0
}

fn largest_size(shaped: &mut Shaped, spec: &Spec, bounds: &Bounds) -> Option<f32> {
    let top = quantised(bounds.max_size).max(bounds.min_size);
    if fits(shaped, spec, top, bounds) {
        return Some(top);
    }
    if !fits(shaped, spec, bounds.min_size, bounds) {
        return None;
    }
    let (mut low, mut high) = (bounds.min_size, top);
    while high - low > 0.25 {
        let middle = f32::midpoint(low, high);
        if fits(shaped, spec, middle, bounds) {
            low = middle;
        } else {
            high = middle;
        }
    }
    let size = quantised(low).max(bounds.min_size);
    Some(if fits(shaped, spec, size, bounds) {
        size
    } else {
        low
    })
}

impl Bounds {
    /// Width and height that the letters themselves may take at a size.
    fn inner(&self, size: f32) -> [f32; 2] {
        [
            (self.width - 2.0 * self.padding[0] * size).max(0.0),
            (self.height - 2.0 * self.padding[1] * size).max(0.0),
        ]
    }
}

fn break_at(shaped: &mut Shaped, size: f32, bounds: &Bounds) {
    shaped.break_lines(bounds.inner(size)[0] * REFERENCE_SIZE / size);
}

fn fits(shaped: &mut Shaped, spec: &Spec, size: f32, bounds: &Bounds) -> bool {
    break_at(shaped, size, bounds);
    let lines = shaped.layout.len();
    if lines > bounds.max_lines {
        return false;
    }
    // Cheap refusals first: the ink of all but two lines counts in full.
    let [width, height] = bounds.inner(size);
    let between = lines.saturating_sub(1) as f32 * spec.line_height() * size;
    if between > height {
        return false;
    }
    let scale = size / REFERENCE_SIZE;
    let inks = line_inks(shaped);
    let all = union(&inks);
    let widest = inks
        .iter()
        .map(|line| line.right - line.left)
        .fold(0.0, f32::max);
    all.is_empty() || (widest * scale <= width && (all.bottom - all.top) * scale <= height)
}

/// A last line shorter than this share of the longest looks left behind.
const LONELY: f32 = 0.42;
/// How much of the size may be given up to bring a lonely line home.
const WORTH: f32 = 0.74;

/// Breaks into even lines at the given size, or at a smaller one with a line
/// less where the last line would stand alone. Returns the size taken.
fn set_evenly(shaped: &mut Shaped, spec: &Spec, size: f32, bounds: &Bounds) -> f32 {
    balance(shaped, spec, size, bounds);
    let inks = line_inks(shaped);
    let width = |ink: &InkBox| (ink.right - ink.left).max(0.0);
    let widest = inks.iter().map(width).fold(0.0, f32::max);
    let is_lonely = inks.len() > 1 && inks.last().map_or(0.0, width) < widest * LONELY;
    if is_lonely {
        let fewer = Bounds {
            max_lines: inks.len() - 1,
            ..*bounds
        };
        if let Some(smaller) = largest_size(shaped, spec, &fewer)
            && smaller >= size * WORTH
        {
            balance(shaped, spec, smaller, &fewer);
            return smaller;
        }
        balance(shaped, spec, size, bounds);
    }
    size
}

/// Narrows the measure as far as the number of lines allows, so that they come
/// out even.
fn balance(shaped: &mut Shaped, spec: &Spec, size: f32, bounds: &Bounds) {
    break_at(shaped, size, bounds);
    let lines = shaped.layout.len();
    if lines < 2 {
        return;
    }
    let (mut low, mut high) = (bounds.width / lines as f32 * 0.7, bounds.width);
    for _ in 0..9 {
        let middle = f32::midpoint(low, high);
        let narrow = Bounds {
            width: middle,
            max_lines: lines,
            ..*bounds
        };
        if fits(shaped, spec, size, &narrow) {
            high = middle;
        } else {
            low = middle;
        }
    }
    let narrow = Bounds {
        width: high,
        ..*bounds
    };
    break_at(shaped, size, &narrow);
}

fn line_inks(shaped: &Shaped) -> Vec<InkBox> {
    shaped
        .layout
        .lines()
        .map(|line| {
            let mut ink = InkBox::EMPTY;
            for item in line.items() {
                if let PositionedLayoutItem::GlyphRun(run) = item {
                    let font = Ink::new(run.run().font());
                    for glyph in run.positioned_glyphs() {
                        if let Some(mark) = font.at(glyph.id, glyph.x, glyph.y, glyph.advance) {
                            ink.include(mark);
                        }
                    }
                }
            }
            ink
        })
        .collect()
}

fn union(inks: &[InkBox]) -> InkBox {
    let mut all = InkBox::EMPTY;
    for ink in inks {
        all.include(*ink);
    }
    all
}

/// Scales the broken layout to its final size and aligns its lines by ink.
fn place(shaped: &Shaped, size: f32, align: Align, is_cut: bool) -> Fitted {
    let scale = size / REFERENCE_SIZE;
    let inks = line_inks(shaped);
    let all = union(&inks);
    let top = if all.is_empty() { 0.0 } else { all.top };
    let width = inks
        .iter()
        .map(|ink| (ink.right - ink.left).max(0.0))
        .fold(0.0, f32::max);
    let is_rtl = shaped.is_rtl();
    let mut fitted = Fitted {
        size,
        width: width * scale,
        height: (all.bottom - all.top).max(0.0) * scale,
        lines: Vec::with_capacity(inks.len()),
        spans: Vec::new(),
        is_cut,
        is_rtl,
    };
    for (line, ink) in shaped.layout.lines().zip(&inks) {
        if ink.is_empty() {
            continue;
        }
        let slack = width - (ink.right - ink.left);
        let lead = match (align, is_rtl) {
            (Align::Center, _) => slack / 2.0,
            (Align::Start, false) | (Align::End, true) => 0.0,
            (Align::End, false) | (Align::Start, true) => slack,
        };
        let shift = lead - ink.left;
        fitted.lines.push(FittedLine {
            text: words::without_joiners(shaped.text[line.text_range()].trim()),
            ink: Frame::new(
                lead * scale,
                (ink.top - top) * scale,
                (ink.right - ink.left) * scale,
                (ink.bottom - ink.top) * scale,
            ),
            baseline: (line.metrics().baseline - top) * scale,
        });
        for item in line.items() {
            let PositionedLayoutItem::GlyphRun(run) = item else {
                continue;
            };
            fitted.spans.push(GlyphSpan {
                font: run.run().font().clone(),
                is_color: Ink::new(run.run().font()).is_color(),
                glyphs: run
                    .positioned_glyphs()
                    .map(|glyph| vello_cpu::Glyph {
                        id: glyph.id,
                        x: (glyph.x + shift) * scale,
                        y: (glyph.y - top) * scale,
                    })
                    .collect(),
            });
        }
    }
    fitted
}
