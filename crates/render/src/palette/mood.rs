//! Palettes from a mood word.

use super::ExtractedPalette;
use crate::Color;
use crate::noise::Rng;

/// Hues in degrees; lightness and chroma of ground and accents.
struct Mood {
    word: &'static str,
    /// Other words for it, in English and Chinese.
    also: &'static [&'static str],
    ground: (f32, f32, f32),
    accents: [(f32, f32, f32); 4],
}

const fn mood(
    word: &'static str,
    also: &'static [&'static str],
    ground: (f32, f32, f32),
    accents: [(f32, f32, f32); 4],
) -> Mood {
    Mood {
        word,
        also,
        ground,
        accents,
    }
}

/// Lightness 0–1, chroma 0–0.4, hue in degrees.
const MOODS: [Mood; 20] = [
    mood(
        "calm",
        &["peaceful", "quiet", "serene", "平静", "宁静"],
        (0.95, 0.018, 220.0),
        [
            (0.42, 0.07, 235.0),
            (0.72, 0.075, 205.0),
            (0.84, 0.05, 180.0),
            (0.6, 0.09, 250.0),
        ],
    ),
    mood(
        "energetic",
        &["active", "sporty", "dynamic", "活力", "运动"],
        (0.2, 0.03, 280.0),
        [
            (0.88, 0.2, 118.0),
            (0.68, 0.23, 35.0),
            (0.72, 0.17, 215.0),
            (0.97, 0.01, 110.0),
        ],
    ),
    mood(
        "warm",
        &["sunny", "温暖", "阳光"],
        (0.94, 0.035, 75.0),
        [
            (0.4, 0.1, 35.0),
            (0.7, 0.17, 50.0),
            (0.82, 0.15, 80.0),
            (0.6, 0.19, 28.0),
        ],
    ),
    mood(
        "cool",
        &["cold", "icy", "清凉", "冷静"],
        (0.22, 0.05, 250.0),
        [
            (0.93, 0.035, 210.0),
            (0.76, 0.12, 205.0),
            (0.6, 0.15, 245.0),
            (0.86, 0.09, 180.0),
        ],
    ),
    mood(
        "fresh",
        &["clean", "healthy", "清新", "健康"],
        (0.965, 0.022, 140.0),
        [
            (0.36, 0.08, 155.0),
            (0.74, 0.16, 145.0),
            (0.87, 0.16, 115.0),
            (0.66, 0.12, 190.0),
        ],
    ),
    mood(
        "romantic",
        &["love", "tender", "浪漫", "爱情"],
        (0.94, 0.028, 10.0),
        [
            (0.38, 0.12, 5.0),
            (0.7, 0.16, 10.0),
            (0.82, 0.09, 350.0),
            (0.62, 0.14, 340.0),
        ],
    ),
    mood(
        "mysterious",
        &["dark", "mystic", "神秘", "悬疑"],
        (0.17, 0.05, 300.0),
        [
            (0.9, 0.04, 300.0),
            (0.55, 0.2, 300.0),
            (0.68, 0.12, 190.0),
            (0.4, 0.12, 280.0),
        ],
    ),
    mood(
        "luxurious",
        &["luxury", "premium", "rich", "奢华", "高端"],
        (0.18, 0.015, 60.0),
        [
            (0.83, 0.1, 85.0),
            (0.66, 0.1, 75.0),
            (0.94, 0.025, 85.0),
            (0.42, 0.05, 60.0),
        ],
    ),
    mood(
        "playful",
        &["fun", "kids", "cute", "童趣", "可爱"],
        (0.95, 0.04, 95.0),
        [
            (0.36, 0.15, 280.0),
            (0.72, 0.19, 20.0),
            (0.75, 0.14, 210.0),
            (0.84, 0.17, 85.0),
        ],
    ),
    mood(
        "serious",
        &["formal", "corporate", "严肃", "商务"],
        (0.96, 0.006, 250.0),
        [
            (0.28, 0.06, 258.0),
            (0.5, 0.13, 258.0),
            (0.7, 0.03, 250.0),
            (0.62, 0.17, 35.0),
        ],
    ),
    mood(
        "natural",
        &["earthy", "organic", "forest", "自然", "森林"],
        (0.93, 0.028, 95.0),
        [
            (0.33, 0.06, 140.0),
            (0.56, 0.1, 130.0),
            (0.72, 0.1, 75.0),
            (0.5, 0.09, 50.0),
        ],
    ),
    mood(
        "retro",
        &["vintage", "nostalgic", "复古", "怀旧"],
        (0.91, 0.045, 85.0),
        [
            (0.33, 0.05, 40.0),
            (0.64, 0.18, 35.0),
            (0.76, 0.13, 75.0),
            (0.55, 0.08, 195.0),
        ],
    ),
    mood(
        "futuristic",
        &["tech", "cyber", "neon", "未来", "科技"],
        (0.16, 0.045, 275.0),
        [
            (0.84, 0.14, 200.0),
            (0.62, 0.26, 320.0),
            (0.56, 0.24, 285.0),
            (0.95, 0.02, 250.0),
        ],
    ),
    mood(
        "cozy",
        &["cosy", "homely", "温馨", "治愈"],
        (0.92, 0.03, 65.0),
        [
            (0.34, 0.06, 40.0),
            (0.62, 0.12, 45.0),
            (0.78, 0.09, 70.0),
            (0.5, 0.09, 25.0),
        ],
    ),
    mood(
        "melancholy",
        &["sad", "blue", "忧郁", "伤感"],
        (0.3, 0.045, 250.0),
        [
            (0.9, 0.02, 240.0),
            (0.62, 0.07, 240.0),
            (0.48, 0.06, 270.0),
            (0.74, 0.05, 210.0),
        ],
    ),
    mood(
        "festive",
        &["celebration", "holiday", "节日", "喜庆"],
        (0.48, 0.19, 27.0),
        [
            (0.9, 0.12, 88.0),
            (0.97, 0.02, 80.0),
            (0.36, 0.13, 25.0),
            (0.78, 0.15, 75.0),
        ],
    ),
    mood(
        "minimal",
        &["simple", "pure", "极简", "简约"],
        (0.97, 0.004, 90.0),
        [
            (0.2, 0.005, 90.0),
            (0.62, 0.2, 32.0),
            (0.78, 0.008, 90.0),
            (0.5, 0.006, 90.0),
        ],
    ),
    mood(
        "bold",
        &["loud", "strong", "大胆", "醒目"],
        (0.68, 0.22, 38.0),
        [
            (0.18, 0.03, 40.0),
            (0.96, 0.03, 90.0),
            (0.5, 0.24, 270.0),
            (0.86, 0.18, 95.0),
        ],
    ),
    mood(
        "elegant",
        &["refined", "graceful", "优雅", "高雅"],
        (0.94, 0.012, 70.0),
        [
            (0.26, 0.03, 340.0),
            (0.6, 0.06, 20.0),
            (0.78, 0.05, 65.0),
            (0.44, 0.06, 350.0),
        ],
    ),
    mood(
        "dreamy",
        &["soft", "pastel", "梦幻", "柔和"],
        (0.93, 0.03, 305.0),
        [
            (0.36, 0.11, 290.0),
            (0.78, 0.11, 350.0),
            (0.8, 0.09, 255.0),
            (0.88, 0.07, 190.0),
        ],
    ),
];

static WORDS: [&str; MOODS.len()] = {
    let mut words = [""; MOODS.len()];
    let mut index = 0;
    while index < MOODS.len() {
        words[index] = MOODS[index].word;
        index += 1;
    }
    words
};

/// The words that [`from_mood`] knows, in the order of a menu. It knows
/// synonyms of them in English and Chinese as well.
#[must_use]
pub fn moods() -> &'static [&'static str] {
    &WORDS
}

/// A palette of five colours for a mood; another seed, another shade of it.
/// Upper and lower case are the same. `None` for a word that is no mood here.
#[must_use]
pub fn from_mood(word: &str, seed: u64) -> Option<ExtractedPalette> {
    let wanted = word.trim().to_lowercase();
    let mood = MOODS
        .iter()
        .find(|mood| mood.word == wanted || mood.also.contains(&wanted.as_str()))?;
    let mut rng = Rng::new(seed, 0x6d6f_6f64);
    // All hues turn together, so that they keep their distances.
    let turn = if seed == 0 {
        0.0
    } else {
        rng.range(-14.0, 14.0)
    };
    let mut shade = |(l, c, h): (f32, f32, f32)| {
        let (dl, dc) = if seed == 0 {
            (0.0, 1.0)
        } else {
            (rng.range(-0.025, 0.025), rng.range(0.9, 1.1))
        };
        Color::oklch((l + dl).clamp(0.08, 0.985), c * dc, h + turn)
    };
    let mut colors = vec![shade(mood.ground)];
    colors.extend(mood.accents.map(&mut shade));
    let mut name = mood.word.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Some(ExtractedPalette { name, colors })
}
