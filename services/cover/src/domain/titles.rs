//! Titles by rule: from a topic, words that matter and a draft, in English and
//! Chinese. The same request and seed give the same titles.
//!
//! A language offers candidates; here they are shortened, freed of doubles,
//! ranked by how well they would stand on a cover, and mixed by style, so that
//! the first few differ in kind and not only in a word.

mod chinese;
mod english;

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation as _;

/// What titles are wanted for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) topic: &'a str,
    pub(crate) keywords: &'a [String],
    pub(crate) draft: &'a str,
    pub(crate) seed: u64,
    /// Longest title, in graphemes.
    pub(crate) max_characters: usize,
    pub(crate) count: usize,
}

/// A language that titles are made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

impl Language {
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language of a tag, or else of the texts: Chinese where a quarter of
    /// their letters are Han.
    pub(crate) fn of(tag: &str, wish: &Wish<'_>) -> Self {
        match tag {
            "en" => return Self::English,
            "zh" => return Self::Chinese,
            _ => {}
        }
        let texts = [wish.topic, wish.draft].into_iter();
        let (mut han, mut letters) = (0, 0);
        for c in texts
            .chain(wish.keywords.iter().map(String::as_str))
            .flat_map(str::chars)
            .filter(|c| c.is_alphabetic())
        {
            letters += 1;
            han += usize::from(is_han(c));
        }
        if han * 4 >= letters && han > 0 {
            Self::Chinese
        } else {
            Self::English
        }
    }

    /// The longest title that reads well on a cover.
    pub(crate) const fn comfortable(self) -> usize {
        match self {
            Self::English => 48,
            Self::Chinese => 20,
        }
    }
}

/// A title and what kind it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Title {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) style: &'static str,
    pub(crate) characters: usize,
}

/// What a language offers, before it is judged.
struct Candidate {
    title: String,
    subtitle: String,
    style: &'static str,
}

/// Titles for a wish, best first; none twice.
pub(crate) fn suggest(language: Language, wish: &Wish<'_>) -> Vec<Title> {
    let mut dice = Dice(wish.seed ^ 0x5EED_0F71_7E5A_11A5);
    let mut candidates = match language {
        Language::English => english::candidates(wish, &mut dice),
        Language::Chinese => chinese::candidates(wish, &mut dice),
    };
    dice.shuffle(&mut candidates);
    let mut seen = HashSet::new();
    let mut titles: Vec<Title> = candidates
        .into_iter()
        .map(|candidate| Title {
            characters: candidate.title.graphemes(true).count(),
            title: candidate.title,
            subtitle: candidate.subtitle,
            style: candidate.style,
        })
        .filter(|title| (1..=wish.max_characters).contains(&title.characters))
        .filter(|title| seen.insert(folded(&title.title)))
        .collect();
    // Stable, so that the dice decide between equals.
    titles.sort_by_key(|title| {
        // What somebody wrote themselves comes first.
        let ours = title.style != "draft";
        (ours, discomfort(title, language, wish.max_characters))
    });
    mixed(titles, wish.count)
}

/// How far a title is from the length that fills a cover without crowding it;
/// the better half of the room is all the same.
fn discomfort(title: &Title, language: Language, max: usize) -> usize {
    let best = language.comfortable().min(max);
    let (low, high) = (best * 2 / 5, best * 9 / 10);
    let away = if title.characters < low {
        low - title.characters
    } else {
        title.characters.saturating_sub(high)
    };
    away / 4
}

/// Takes titles in turn from each style, the best of each first.
fn mixed(titles: Vec<Title>, count: usize) -> Vec<Title> {
    let mut styles: Vec<(&'static str, Vec<Title>)> = Vec::new();
    for title in titles {
        match styles.iter_mut().find(|(style, _)| *style == title.style) {
            Some((_, of_style)) => of_style.push(title),
            None => styles.push((title.style, vec![title])),
        }
    }
    let mut turns: Vec<_> = styles
        .into_iter()
        .map(|(_, of_style)| of_style.into_iter())
        .collect();
    let mut mixed = Vec::new();
    while mixed.len() < count {
        let before = mixed.len();
        for turn in &mut turns {
            if mixed.len() < count {
                mixed.extend(turn.next());
            }
        }
        if mixed.len() == before {
            break;
        }
    }
    mixed
}

/// A title as its letters alone, to tell doubles by.
fn folded(title: &str) -> String {
    title
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

pub(super) fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF)
}

/// Words with single spaces, without what cannot be seen.
fn tidy(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !matches!(u32::from(*c), 0x200B | 0x2060 | 0xFEFF | 0x202A..=0x202E))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Chance that the seed decides: splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        // Below a bound that came from a usize.
        usize::try_from(self.roll() % bound).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests;
