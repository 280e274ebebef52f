//! Titles of every length from 1 to 120 characters, in eight scripts, in every
//! template at every preset: nothing leaves the safe area, nothing is cut,
//! nothing stands on anything else, no letter is lost.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use covergen_render::{Brief, Catalog, MAX_TITLE_GRAPHEMES, Preset, Template};
use unicode_segmentation::UnicodeSegmentation;

use crate::renderer;

const SCRIPTS: [(&str, &str); 8] = [
    (
        "latin",
        "Everything I wish somebody had told me about designing reliable distributed systems before I began ",
    ),
    (
        "chinese",
        "如何在三十天内学会画画，并且坚持下去：从零开始的完整指南。",
    ),
    (
        "japanese",
        "はじめての自炊、週末レシピ帖。五つの道具でつくる毎日のごはんとカレー",
    ),
    (
        "korean",
        "퇴근 후 한 시간, 나를 바꾸는 작은 습관과 오늘부터 시작하는 저녁 루틴 ",
    ),
    (
        "arabic",
        "كيف تبدأ مشروعك الأول من الصفر، دليل عملي خطوة بخطوة للمبتدئين ",
    ),
    (
        "devanagari",
        "घर बैठे सीखें फोटोग्राफी के दस आसान नियम शुरुआत करने वालों के लिए ",
    ),
    ("thai", "เที่ยวเชียงใหม่ด้วยงบหลักพันเส้นทางสามวันสองคืน "),
    ("mixed", "Summer 🌴📚 10 picks ☀️ 夏の本 👩‍👩‍👧‍👦 Лето 2026 "),
];

/// The first `length` characters of a text said over and over.
fn title(text: &str, length: usize) -> String {
    text.graphemes(true).cycle().take(length).collect()
}

/// Lengths for a preset: over all presets, every length comes once; the
/// shortest and the longest come for each.
fn lengths(preset: usize, turn: usize) -> Vec<usize> {
    let presets = Preset::ALL.len();
    let mut lengths: Vec<usize> = (0..MAX_TITLE_GRAPHEMES / presets)
        .map(|step| 1 + (preset + presets * step + turn) % MAX_TITLE_GRAPHEMES)
        .collect();
    lengths.extend([1, MAX_TITLE_GRAPHEMES]);
    lengths
}

fn faults(template: &Template, turn: usize) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, preset) in Preset::ALL.iter().enumerate() {
        for (script, text) in SCRIPTS {
            for (round, length) in lengths(index, turn).into_iter().enumerate() {
                let brief = Brief {
                    subtitle: (round % 2 == 0).then(|| "A line below the title".to_owned()),
                    kicker: (round % 3 == 0).then(|| "A line above it".to_owned()),
                    watermark: round % 2 == 1,
                    ..Brief::new(title(text, length), preset.size)
                };
                let scene = template.scene(&brief).unwrap();
                let found = match renderer().lay_out(&scene) {
                    Ok(report) => report.problems(&scene),
                    Err(error) => {
                        faults.push(format!("{} {script} {length}: {error}", template.id));
                        continue;
                    }
                };
                for problem in found {
                    let (template, preset) = (template.id, preset.id);
                    faults.push(format!("{template} {preset} {script} {length}: {problem}"));
                }
            }
        }
    }
    faults
}

#[test]
fn titles_of_every_length_fit_in_every_script() {
    let templates: Vec<&Template> = Catalog::builtin().templates().collect();
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(template) = templates.get(index) else {
                        break;
                    };
                    let found = faults(template, index * 7);
                    all.lock().unwrap().extend(found);
                }
            });
        }
    });
    let all = all.into_inner().unwrap();
    assert!(all.is_empty(), "{} faults:\n{}", all.len(), all.join("\n"));
}

#[test]
fn every_length_comes_for_every_template() {
    for turn in [0, 7, 119] {
        let mut seen = [false; MAX_TITLE_GRAPHEMES + 1];
        for preset in 0..Preset::ALL.len() {
            for length in lengths(preset, turn) {
                seen[length] = true;
            }
        }
        assert!(seen[1..].iter().all(|seen| *seen));
    }
}
