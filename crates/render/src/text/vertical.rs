//! Columns of Chinese and Japanese, read downwards and from the right.
//!
//! Letters stand upright in cells of one em; the font's own vertical forms turn
//! brackets and move stops (OpenType feature `vert`).

use parley::FontData;
use unicode_script::{Script, UnicodeScript};

use super::fit::{Bounds, Fitted, FittedLine, GlyphSpan, quantised};
use super::shape::{Shaped, Shaper, Spec};
use super::{REFERENCE_SIZE, words};
use crate::Error;
use crate::fonts::Fonts;
use crate::scene::Frame;

/// Distance of letters in a column, in ems.
const PITCH: f32 = 1.06;
/// Distance of columns, in ems.
const LEADING: f32 = 1.36;
/// Height of an em box over the baseline in Noto's Han fonts, in ems.
const ASCENT: f32 = 0.88;
/// How much of the size may be given up to end columns where clauses end.
const CLAUSE_WORTH: f32 = 0.7;
/// Marks that never stand at the head of a column.
const NO_HEAD: &str = "，。、：；！？」』）】》〉…ー々ゃゅょっァィゥェォャュョッ";

/// Whether a text can be set in columns: Han, kana and their marks only.
pub(crate) fn is_vertical(text: &str) -> bool {
    let mut has_letters = false;
    for character in text.chars().filter(|c| !c.is_whitespace()) {
        match character.script() {
            Script::Han | Script::Hiragana | Script::Katakana => has_letters = true,
            _ if matches!(character, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff60}' | '…') => {
            }
            _ => return false,
        }
    }
    has_letters
}

/// One letter and what draws it.
struct Cell {
    font: FontData,
    glyphs: Vec<[f32; 2]>,
    ids: Vec<u32>,
    text: String,
}

/// Fits a text in columns as large as it goes. `None` where even the smallest
/// size does not fit.
pub(super) fn fit(
    shaper: &mut Shaper,
    fonts: &Fonts,
    spec: &Spec,
    bounds: &Bounds,
) -> Result<Option<Fitted>, Error> {
    let plain = cells(&shaper.shape(fonts, spec, false)?);
    let Some(size) = largest(&plain, bounds) else {
        return Ok(None);
    };
    if columns(&plain, rows(size, bounds)).len() > 1
        && let Some(text) = words::by_clause(&spec.text)
    {
        let clauses = cells(&shaper.shape(fonts, &spec.with_text(text), false)?);
        if let Some(smaller) = largest(&clauses, bounds)
            && smaller >= size * CLAUSE_WORTH
        {
            return Ok(Some(place(&clauses, smaller, bounds)));
        }
    }
    Ok(Some(place(&plain, size, bounds)))
}

/// The letters of every line that the writer broke.
fn cells(shaped: &Shaped) -> Vec<Vec<Cell>> {
    let mut lines = Vec::new();
    for line in shaped.layout.lines() {
        let mut cells = Vec::new();
        for run in line.runs() {
            for cluster in run.clusters() {
                let text = &shaped.text[cluster.text_range()];
                if text.trim().is_empty() {
                    continue;
                }
                let mut advance = 0.0;
                let (mut glyphs, mut ids) = (Vec::new(), Vec::new());
                for glyph in cluster.glyphs() {
                    glyphs.push([advance + glyph.x, glyph.y]);
                    ids.push(glyph.id);
                    advance += glyph.advance;
                }
                // Narrow letters stand in the middle of their cell.
                let shift = (REFERENCE_SIZE - advance) / 2.0;
                for glyph in &mut glyphs {
                    glyph[0] += shift;
                }
                cells.push(Cell {
                    font: run.font().clone(),
                    glyphs,
                    ids,
                    text: text.to_owned(),
                });
            }
        }
        if !cells.is_empty() {
            lines.push(cells);
        }
    }
    lines
}

/// Letters that a column holds at a size.
fn rows(size: f32, bounds: &Bounds) -> usize {
    let height = bounds.height - 2.0 * bounds.padding[1] * size;
    // The last letter needs no distance after it.
    ((height / size + PITCH - 1.0) / PITCH).floor().max(0.0) as usize
}

/// Even columns of at most `rows` letters; a mark that may not head a column
/// takes the letter before it along.
fn columns(lines: &[Vec<Cell>], rows: usize) -> Vec<&[Cell]> {
    let mut columns = Vec::new();
    for line in lines {
        let count = line.len().div_ceil(rows.max(1));
        let even = line.len().div_ceil(count.max(1));
        let mut start = 0;
        while start < line.len() {
            let mut end = (start + even).min(line.len());
            let is_bad = |end: usize| {
                line.get(end)
                    .is_some_and(|cell| NO_HEAD.contains(&cell.text))
            };
            if is_bad(end) && end - start < rows {
                end += 1;
            }
            while is_bad(end) && end > start + 1 {
                end -= 1;
            }
            columns.push(&line[start..end]);
            start = end;
        }
    }
    columns
}

fn fits(lines: &[Vec<Cell>], size: f32, bounds: &Bounds) -> bool {
    let rows = rows(size, bounds);
    if rows == 0 {
        return false;
    }
    let count = columns(lines, rows).len();
    let width = size + count.saturating_sub(1) as f32 * size * LEADING;
    count <= bounds.max_lines && width + 2.0 * bounds.padding[0] * size <= bounds.width
}

fn largest(lines: &[Vec<Cell>], bounds: &Bounds) -> Option<f32> {
    if lines.is_empty() || !fits(lines, bounds.min_size, bounds) {
        return None;
    }
    let (mut low, mut high) = (bounds.min_size, bounds.max_size);
    if fits(lines, high, bounds) {
        return Some(high);
    }
    while high - low > 0.25 {
        let middle = f32::midpoint(low, high);
        if fits(lines, middle, bounds) {
            low = middle;
        } else {
            high = middle;
        }
    }
    let size = quantised(low).max(bounds.min_size);
    Some(if fits(lines, size, bounds) { size } else { low })
}

fn place(lines: &[Vec<Cell>], size: f32, bounds: &Bounds) -> Fitted {
    let columns = columns(lines, rows(size, bounds));
    let scale = size / REFERENCE_SIZE;
    let length = |count: usize| (count as f32 * PITCH - (PITCH - 1.0)) * size;
    let width = size + columns.len().saturating_sub(1) as f32 * size * LEADING;
    let height = columns.iter().map(|column| length(column.len()));
    let mut fitted = Fitted {
        size,
        width,
        height: height.fold(0.0, f32::max),
        lines: Vec::with_capacity(columns.len()),
        spans: Vec::new(),
        is_cut: false,
        is_rtl: false,
    };
    for (index, column) in columns.iter().enumerate() {
        let x = width - size - index as f32 * size * LEADING;
        fitted.lines.push(FittedLine {
            text: column.iter().map(|cell| cell.text.as_str()).collect(),
            ink: Frame::new(x, 0.0, size, length(column.len())),
            baseline: size * ASCENT,
        });
        for (row, cell) in column.iter().enumerate() {
            let baseline = (row as f32 * PITCH + ASCENT) * size;
            let glyphs = cell.ids.iter().zip(&cell.glyphs);
            fitted.spans.push(GlyphSpan {
                font: cell.font.clone(),
                is_color: false,
                glyphs: glyphs
                    .map(|(&id, [dx, dy])| vello_cpu::Glyph {
                        id,
                        x: x + dx * scale,
                        y: baseline + dy * scale,
                    })
                    .collect(),
            });
        }
    }
    fitted
}

#[cfg(test)]
mod tests {
    use super::is_vertical;

    #[test]
    fn only_texts_of_han_and_kana_stand_in_columns() {
        for text in ["三十天学会画画：从零开始", "はじめての自炊、週末レシピ帖"]
        {
            assert!(is_vertical(text), "{text}");
        }
        for text in [
            "Focus",
            "三十天 Focus",
            "퇴근 후",
            "2026年",
            "：，",
            "夏 🌴",
        ] {
            assert!(!is_vertical(text), "{text}");
        }
    }
}
