//! How much gets through, and how much is stopped for nothing: a corpus per
//! language, each plain phrase disguised in every way below.

use covergen_chassis::Harness;
use covergen_proto::safety::v1::Verdict;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::stage::{part, services, texts, web};

/// Part of the disguised phrases that must be flagged.
const MIN_RECALL: f64 = 0.95;

/// Part of the benign texts that may be.
const MAX_FALSE_POSITIVES: f64 = 0.01;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    plain: Vec<Positive>,
    disguised: Vec<Positive>,
    benign: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Positive {
    text: String,
    category: String,
    /// What the match of that category must span.
    part: String,
}

type Disguise = (&'static str, fn(&str) -> String);

/// Each turns a text into one that a person still reads.
const DISGUISES: [Disguise; 12] = [
    ("none", str::to_owned),
    ("upper case", str::to_uppercase),
    ("look-alikes", |text| each(text, look_alike)),
    ("zero width", |text| interleave(text, "\u{200B}")),
    ("soft hyphens", |text| interleave(text, "\u{AD}")),
    ("variation selectors", |text| interleave(text, "\u{FE0F}")),
    ("leet", |text| each(text, leet)),
    ("dots", |text| within_words(text, ".")),
    ("spaces", |text| within_words(text, " ")),
    ("emoji", |text| within_words(text, "🔥")),
    ("full width", |text| each(text, full_width)),
    ("percent", |text| {
        utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
    }),
];

fn each(text: &str, change: fn(char) -> char) -> String {
    text.chars().map(change).collect()
}

fn interleave(text: &str, between: &str) -> String {
    let letters: Vec<String> = text.chars().map(String::from).collect();
    letters.join(between)
}

/// Between the letters of words, words staying apart.
fn within_words(text: &str, between: &str) -> String {
    let words: Vec<String> = text
        .split(' ')
        .map(|word| interleave(word, between))
        .collect();
    words.join("  ")
}

fn look_alike(ch: char) -> char {
    match ch {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'i' => 'і',
        'o' => 'ο',
        'p' => 'р',
        's' => 'ѕ',
        'x' => 'х',
        'y' => 'у',
        'h' => 'һ',
        'd' => 'ԁ',
        'n' => 'ո',
        'A' => 'Α',
        'B' => 'В',
        'C' => 'С',
        'D' => 'Ꭰ',
        'H' => 'Η',
        'K' => 'Κ',
        'M' => 'М',
        'S' => 'Ѕ',
        'T' => 'Т',
        'W' => 'Ԝ',
        other => other,
    }
}

fn leet(ch: char) -> char {
    match ch {
        'a' => '4',
        'e' => '3',
        'i' => '1',
        'o' => '0',
        's' => '5',
        't' => '7',
        other => other,
    }
}

fn full_width(ch: char) -> char {
    match ch {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(u32::from(ch) + 0xFEE0).unwrap(),
        other => other,
    }
}

struct Report {
    language: &'static str,
    caught: u32,
    positives: u32,
    wrong: u32,
    benign: u32,
    told: Vec<String>,
}

impl Report {
    fn recall(&self) -> f64 {
        f64::from(self.caught) / f64::from(self.positives)
    }

    fn false_positives(&self) -> f64 {
        f64::from(self.wrong) / f64::from(self.benign)
    }
}

async fn verdict(harness: &Harness, text: &str) -> Verdict {
    let mut client = web(harness, &harness.creator());
    let answer = client.check_text(texts(&[text], &[])).await;
    answer.unwrap().into_inner()
}

async fn measure(harness: &Harness, language: &'static str, corpus: Corpus) -> Report {
    let mut report = Report {
        language,
        caught: 0,
        positives: 0,
        wrong: 0,
        benign: 0,
        told: Vec::new(),
    };
    for positive in &corpus.plain {
        for (name, disguise) in DISGUISES {
            let text = disguise(&positive.text);
            let expected = disguise(&positive.part);
            let found = verdict(harness, &text).await;
            report.judge(name, &text, &positive.category, &expected, &found);
        }
    }
    for positive in &corpus.disguised {
        let Positive {
            text,
            category,
            part,
        } = positive;
        let found = verdict(harness, text).await;
        report.judge("by hand", text, category, part, &found);
    }
    for text in &corpus.benign {
        report.benign += 1;
        let found = verdict(harness, text).await;
        if let Some(found) = found.matches.first() {
            report.wrong += 1;
            let rule = &found.rule_id;
            report.told.push(format!("wrong ({rule}): {text}"));
        }
    }
    report
}

impl Report {
    /// Caught means: flagged for the right category, at the right place.
    fn judge(&mut self, how: &str, text: &str, category: &str, expected: &str, found: &Verdict) {
        self.positives += 1;
        let spans = |start, end| part(text, start, end).trim() == expected.trim();
        let caught = found
            .matches
            .iter()
            .any(|found| found.category == category && spans(found.start, found.end));
        if caught {
            self.caught += 1;
        } else {
            let flagged = found.flagged;
            self.told
                .push(format!("missed ({how}, flagged: {flagged}): {text}"));
        }
    }
}

#[tokio::test]
async fn disguises_do_not_help_and_innocent_titles_pass() {
    let harness = Harness::start(services()).await;
    let mut reports = Vec::new();
    for (language, corpus) in [
        ("en", include_str!("../corpus/en.toml")),
        ("zh", include_str!("../corpus/zh.toml")),
        ("ja", include_str!("../corpus/ja.toml")),
    ] {
        let corpus: Corpus = toml::from_str(corpus).unwrap();
        assert!(corpus.benign.len() >= 100, "1 % of fewer is none");
        reports.push(measure(&harness, language, corpus).await);
    }
    harness.stop().await;
    for report in &reports {
        for line in &report.told {
            println!("{}: {line}", report.language);
        }
        println!(
            "{}: recall {:.4} of {}, false positives {:.4} of {}",
            report.language,
            report.recall(),
            report.positives,
            report.false_positives(),
            report.benign,
        );
    }
    for report in &reports {
        assert!(report.recall() >= MIN_RECALL, "{}", report.language);
        assert!(
            report.false_positives() <= MAX_FALSE_POSITIVES,
            "{}",
            report.language
        );
    }
}
