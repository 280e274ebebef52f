//! Which face draws which part of a text.
//!
//! Every grapheme cluster is given to the first face that covers all of it:
//! the template's own face, then its companion and Inter, then the face of the cluster's script,
//! then Han faces in the order that suits the text's language, then emoji. A
//! cluster that nothing covers is an error; nothing is ever drawn as a box.

use std::ops::Range;

use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

use super::face::{Purpose, Region, companion, find, inter};
use super::{FaceId, Fonts};
use crate::Error;
use crate::scene::Weight;

/// A part of a text and its face.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) range: Range<usize>,
    pub(crate) face: FaceId,
}

/// Splits a text into spans of one face each.
pub(crate) fn choose(
    fonts: &Fonts,
    text: &str,
    first: FaceId,
    weight: Weight,
    language: Option<&str>,
) -> Result<Vec<Span>, Error> {
    let chooser = Chooser {
        fonts,
        first,
        weight,
        regions: regions(text, language),
        is_han_text: is_han_text(text),
    };
    let mut spans: Vec<Span> = Vec::new();
    for (start, cluster) in text.grapheme_indices(true) {
        let last = spans.last().map(|span| span.face);
        let face = chooser.face(cluster, last)?;
        let end = start + cluster.len();
        match spans.last_mut() {
            Some(span) if span.face == face => span.range.end = end,
            _ => spans.push(Span {
                range: start..end,
                face,
            }),
        }
    }
    Ok(spans)
}

struct Chooser<'a> {
    fonts: &'a Fonts,
    first: FaceId,
    weight: Weight,
    regions: [Region; 4],
    is_han_text: bool,
}

impl Chooser<'_> {
    fn face(&self, cluster: &str, last: Option<FaceId>) -> Result<FaceId, Error> {
        if cluster.chars().all(is_invisible) {
            return Ok(last.unwrap_or(self.first));
        }
        if is_emoji(cluster)
            && let Some(emoji) = find(|purpose| purpose == Purpose::Emoji)
            && self.covers(emoji, cluster)?
        {
            return Ok(emoji);
        }
        let script = script_of(cluster);
        let wants_han_face = is_han_script(script) || (self.is_han_text && is_wide_mark(cluster));
        if !wants_han_face {
            for face in self.plain_faces(script) {
                if self.covers(face, cluster)? {
                    return Ok(face);
                }
            }
        }
        if wants_han_face || is_east_asian(cluster) {
            let mut failure = None;
            for face in self.han_faces(script) {
                match self.covers(face, cluster) {
                    Ok(true) => return Ok(face),
                    Ok(false) => {}
                    // The first choice names the file worth fetching.
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
            if let Some(error) = failure {
                return Err(error);
            }
        }
        for face in self.plain_faces(script) {
            if self.covers(face, cluster)? {
                return Ok(face);
            }
        }
        self.last_resorts(cluster)
    }

    fn plain_faces(&self, script: Script) -> impl Iterator<Item = FaceId> {
        let own = find(|purpose| purpose == Purpose::Script(script, self.weight));
        [
            Some(self.first),
            companion(self.first),
            Some(inter(self.weight)),
            own,
        ]
        .into_iter()
        .flatten()
    }

    fn han_faces(&self, script: Script) -> impl Iterator<Item = FaceId> {
        // Kana and Hangul have a region of their own whatever the text is.
        let own = match script {
            Script::Hangul => Some(Region::Korean),
            Script::Hiragana | Script::Katakana => Some(Region::Japanese),
            _ => None,
        };
        let weight = self.weight;
        own.into_iter()
            .chain(self.regions)
            .filter_map(move |region| find(|purpose| purpose == Purpose::Han(region, weight)))
    }

    /// Symbols that Latin faces lack: any script's face may have them, then
    /// emoji, then Han faces. Files that are absent are passed over here, so
    /// that the error is about the character.
    fn last_resorts(&self, cluster: &str) -> Result<FaceId, Error> {
        let weight = self.weight;
        let scripts = [
            Script::Devanagari,
            Script::Arabic,
            Script::Hebrew,
            Script::Thai,
        ]
        .into_iter()
        .filter_map(|script| find(|purpose| purpose == Purpose::Script(script, weight)));
        let emoji = find(|purpose| purpose == Purpose::Emoji);
        for face in scripts.chain(self.han_faces(Script::Common)).chain(emoji) {
            if matches!(self.covers(face, cluster), Ok(true)) {
                return Ok(face);
            }
        }
        Err(glyph_missing(cluster))
    }

    fn covers(&self, face: FaceId, cluster: &str) -> Result<bool, Error> {
        for character in cluster.chars().filter(|&c| !is_invisible(c)) {
            if !self.fonts.covers(face, character)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The error that names a character no font draws.
pub(crate) fn glyph_missing(cluster: &str) -> Error {
    let points: Vec<String> = cluster
        .chars()
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .collect();
    Error::GlyphMissing {
        cluster: cluster.to_owned(),
        code_points: points.join(" "),
    }
}

/// Characters that shaping removes or that only steer it.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\n' | '\r' | '\t'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn is_emoji(cluster: &str) -> bool {
    if cluster.contains('\u{fe0e}') {
        return false;
    }
    cluster.contains('\u{fe0f}')
        || cluster.contains('\u{20e3}')
        || cluster.chars().next().is_some_and(is_emoji_by_default)
}

/// Characters drawn in colour without being asked: the blocks in which every
/// assigned character has emoji presentation or is one by wide custom.
fn is_emoji_by_default(c: char) -> bool {
    matches!(c,
        '\u{1f300}'..='\u{1faff}' | '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f004}' | '\u{1f0cf}'
        | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}'
        | '\u{231a}' | '\u{231b}' | '\u{23e9}'..='\u{23ec}' | '\u{23f0}' | '\u{23f3}'
        | '\u{25fd}' | '\u{25fe}' | '\u{2614}' | '\u{2615}' | '\u{2648}'..='\u{2653}'
        | '\u{267f}' | '\u{2693}' | '\u{26a1}' | '\u{26aa}' | '\u{26ab}' | '\u{26bd}'
        | '\u{26be}' | '\u{26c4}' | '\u{26c5}' | '\u{26ce}' | '\u{26d4}' | '\u{26ea}'
        | '\u{26f2}' | '\u{26f3}' | '\u{26f5}' | '\u{26fa}' | '\u{26fd}' | '\u{2705}'
        | '\u{270a}' | '\u{270b}' | '\u{2728}' | '\u{274c}' | '\u{274e}'
        | '\u{2753}'..='\u{2755}' | '\u{2757}' | '\u{2795}'..='\u{2797}' | '\u{27b0}'
        | '\u{27bf}' | '\u{2b1b}' | '\u{2b1c}' | '\u{2b50}' | '\u{2b55}')
}

fn script_of(cluster: &str) -> Script {
    cluster
        .chars()
        .map(|c| c.script())
        .find(|script| !matches!(script, Script::Common | Script::Inherited))
        .unwrap_or(Script::Common)
}

fn is_han_script(script: Script) -> bool {
    matches!(
        script,
        Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul | Script::Bopomofo
    )
}

/// CJK punctuation, full-width forms and enclosed letters.
fn is_east_asian(cluster: &str) -> bool {
    cluster.chars().any(|c| {
        matches!(c, '\u{3000}'..='\u{33ff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}')
    })
}

/// Marks that Latin fonts have too, but narrow: between Han characters they
/// must come from the Han font.
fn is_wide_mark(cluster: &str) -> bool {
    matches!(cluster, "“" | "”" | "‘" | "’" | "…" | "—" | "·") || is_east_asian(cluster)
}

/// Han characters and no Latin letters.
fn is_han_text(text: &str) -> bool {
    let mut has_han = false;
    for character in text.chars() {
        match character.script() {
            Script::Latin => return false,
            script if is_han_script(script) => has_han = true,
            _ => {}
        }
    }
    has_han
}

/// Characters written differently in traditional Chinese, frequent enough that
/// nearly every title in it has one.
const TRADITIONAL: &str = "們個這來時為說國會學對開關發後過還進門問間見長東車馬魚鳥麼樣經實現點電話應該讓無與從萬義樂書寫買賣錢銀鐵飯館飲機場業產動務員傳優價億備億價際隊陽陰陳難雲靈頭題顏願類風飛養驗體魔齊龍龜嗎嗎紅紙細終組結給絕統繼續網線編練總織讀課談論議護變認設許訴評試詩語誰調請證識譯";

/// The order in which Han faces are tried.
fn regions(text: &str, language: Option<&str>) -> [Region; 4] {
    use Region::{Japanese, Korean, Simplified, Traditional};
    let language = language.unwrap_or("").to_ascii_lowercase();
    let has = |wanted: fn(Script) -> bool| text.chars().any(|c| wanted(c.script()));
    let traditional_tag = ["zh-hant", "zh-tw", "zh-hk", "zh-mo", "yue"];
    if language.starts_with("ja")
        || (language.is_empty() && has(|s| matches!(s, Script::Hiragana | Script::Katakana)))
    {
        [Japanese, Traditional, Simplified, Korean]
    } else if language.starts_with("ko") || (language.is_empty() && has(|s| s == Script::Hangul)) {
        [Korean, Japanese, Traditional, Simplified]
    } else if traditional_tag.iter().any(|tag| language.starts_with(tag))
        || (language.is_empty() && text.chars().any(|c| TRADITIONAL.contains(c)))
    {
        [Traditional, Simplified, Japanese, Korean]
    } else {
        [Simplified, Traditional, Japanese, Korean]
    }
}
