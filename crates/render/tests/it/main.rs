//! Behaviour of the renderer as its callers see it.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

mod briefs;
mod choices;
mod determinism;
mod documents;
mod fonts;
mod golden;
mod layouts;
mod lengths;
mod palettes;
mod pictures;
mod readability;
mod scenes;

use std::path::PathBuf;
use std::sync::LazyLock;

use covergen_render::{Brief, Fonts, Renderer, Size};

/// The folder that the test command fills before it runs tests.
fn fetched() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/fonts/fetched")
}

/// One renderer for all tests, with every font. A missing font file fails the
/// test that asks for it.
fn renderer() -> &'static Renderer {
    static RENDERER: LazyLock<Renderer> = LazyLock::new(|| {
        let fonts = Fonts::new(fetched());
        let missing = fonts.missing_files();
        assert!(
            missing.is_empty(),
            "fonts {missing:?} are not in {}; run `cargo xtask fonts`",
            fonts.dir().display()
        );
        Renderer::new(fonts)
    });
    &RENDERER
}

fn brief(title: &str, width: u32, height: u32) -> Brief {
    Brief {
        seed: 7,
        watermark: true,
        ..Brief::new(title, Size::new(width, height).unwrap())
    }
}

/// Titles of every supported script and of every awkward length.
const TITLES: [&str; 16] = [
    "A",
    "Focus",
    "How we cut our build times by 80%",
    "Everything I wish somebody had told me about designing reliable distributed systems before I started on my very first",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
    "Как писать тексты, которые читают",
    "Πώς να γράφεις καλύτερα",
    "三十天学会画画：从零开始的完整指南",
    "這個夏天，我們去旅行",
    "はじめての自炊、週末レシピ帖",
    "퇴근 후 한 시간, 나를 바꾸는 작은 습관",
    "كيف تبدأ مشروعك الأول من الصفر",
    "איך לבנות הרגלים שנשארים",
    "घर बैठे सीखें फोटोग्राफी के दस आसान नियम",
    "เที่ยวเชียงใหม่ด้วยงบหลักพัน",
    "Summer reading 🌴📚 10 picks ☀️ 👩‍👩‍👧‍👦",
];

/// The longest title allowed, in Han characters.
fn longest_han() -> String {
    "如何在三十天内学会画画并且坚持下去"
        .chars()
        .cycle()
        .take(120)
        .collect()
}
