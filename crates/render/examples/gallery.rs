//! Renders every template at every size with titles in many scripts into a
//! folder: `cargo run -p covergen-render --example gallery -- OUT [FILTER]`.
//!
//! A filter such as `aurora/youtube` keeps the files whose path contains it.

use std::path::Path;
use std::{env, fs};

use covergen_imaging::{Encoding, Picture, encode};
use covergen_render::{Brief, Catalog, Fonts, Preset, Renderer};

/// Name, title, subtitle.
const SAMPLES: [(&str, &str, Option<&str>); 14] = [
    (
        "latin",
        "How we cut our build times by 80%",
        Some("A field report from a team of nine"),
    ),
    ("word", "Focus", Some("The quiet superpower")),
    ("one", "A", None),
    (
        "long",
        "Everything I wish somebody had told me about designing reliable distributed systems before I started on my very first",
        Some("With notes, diagrams and plenty of honest mistakes along the way"),
    ),
    (
        "hans",
        "三十天学会画画：从零开始的完整指南",
        Some("每天十五分钟，养成一生的习惯"),
    ),
    ("hant", "這個夏天，我們去旅行", Some("東海岸的七個秘密景點")),
    (
        "ja",
        "はじめての自炊、週末レシピ帖",
        Some("五つの道具でつくる毎日のごはん"),
    ),
    (
        "ko",
        "퇴근 후 한 시간, 나를 바꾸는 작은 습관",
        Some("오늘부터 시작하는 저녁 루틴"),
    ),
    (
        "ar",
        "كيف تبدأ مشروعك الأول من الصفر",
        Some("دليل عملي خطوة بخطوة للمبتدئين"),
    ),
    (
        "hi",
        "घर बैठे सीखें फोटोग्राफी के दस आसान नियम",
        Some("शुरुआत करने वालों के लिए"),
    ),
    ("th", "เที่ยวเชียงใหม่ด้วยงบหลักพัน", Some("เส้นทางสามวันสองคืน")),
    (
        "he",
        "איך לבנות הרגלים שנשארים",
        Some("מדריך קצר לשינוי גדול"),
    ),
    (
        "emoji",
        "Summer reading 🌴📚 10 picks ☀️",
        Some("From the beach to the mountains 🏔️"),
    ),
    (
        "ru",
        "Как писать тексты, которые читают",
        Some("Практика редактора"),
    ),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let out = arguments.next().ok_or("usage: gallery OUT [FILTER]")?;
    let filter = arguments.next().unwrap_or_default();
    let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts/fetched");
    let renderer = Renderer::new(Fonts::new(fonts));
    for template in Catalog::builtin().templates() {
        for preset in Preset::ALL {
            for (index, (name, title, subtitle)) in SAMPLES.into_iter().enumerate() {
                let palette = &template.palettes[index % template.palettes.len()];
                let path = format!("{}/{}/{name}.png", template.id, preset.id);
                if !path.contains(&filter) {
                    continue;
                }
                let brief = Brief {
                    subtitle: subtitle.map(str::to_owned),
                    palette: Some(palette.id.to_owned()),
                    seed: index as u64 * 7 + 1,
                    watermark: index % 2 == 0,
                    ..Brief::new(title, preset.size)
                };
                let cover = renderer.render(&template.scene(&brief)?)?;
                let worst = cover.report.worst_contrast().unwrap_or(0.0);
                let scrim = cover
                    .report
                    .texts
                    .iter()
                    .filter_map(|text| text.ink.as_ref().map(|ink| ink.scrim))
                    .fold(0.0, f32::max);
                println!(
                    "{path} contrast {worst:.1} scrim {scrim:.2} cut {}",
                    cover.report.is_cut()
                );
                let picture =
                    Picture::new(preset.size.width, preset.size.height, cover.picture.rgba)?;
                let file = Path::new(&out).join(&path);
                fs::create_dir_all(file.parent().ok_or("no folder")?)?;
                fs::write(file, encode(&picture, Encoding::PREVIEW)?)?;
            }
        }
    }
    Ok(())
}
