//! English titles.

use super::{Candidate, Dice, Wish, tidy};

/// How a topic can stand in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// "home coffee"
    Noun,
    /// "brew better coffee"
    Imperative,
    /// "brewing coffee"
    Gerund,
    /// "I rode to the sea"
    Sentence,
}

/// `{T}` is the topic with capitals, `{B}` the same without its article, `{n}` a
/// number, `{s}` the ending of a verb
/// that the topic governs, `{is}` is "Is" or "Are".
const NOUN: &[(&str, &str)] = &[
    ("guide", "A Field Guide to {T}"),
    ("guide", "{T}: A Beginner's Guide"),
    ("guide", "The {B} Handbook"),
    ("guide", "Getting Started With {T}"),
    ("guide", "{T} From Scratch"),
    ("explainer", "{T}, Explained"),
    ("explainer", "{T} in Plain English"),
    ("explainer", "Inside {T}"),
    ("explainer", "{T} Without the Hype"),
    ("explainer", "How {T} Really Work{s}"),
    ("list", "{n} Lessons From {T}"),
    ("list", "{n} Things Nobody Tells You About {T}"),
    ("list", "{n} Myths About {T}"),
    ("list", "{n} Ideas for Better {B}"),
    ("question", "{is} {T} Worth It?"),
    ("question", "What Makes Great {B}?"),
    ("question", "Why {do} {T} Matter?"),
    ("question", "What Comes After {T}?"),
    ("opinion", "Rethinking {T}"),
    ("opinion", "The Truth About {T}"),
    ("opinion", "Stop Overthinking {T}"),
    ("opinion", "The Case for {T}"),
    ("opinion", "Why {T} Matter{s} Now"),
    ("story", "What {T} Taught Me"),
    ("story", "The Quiet Power of {T}"),
    ("story", "My Year With {T}"),
    ("promise", "{T} Made Simple"),
    ("promise", "Better {B}, Less Effort"),
    ("promise", "{T} That Actually Work{s}"),
    ("promise", "Mastering {T}"),
    ("short", "{T}"),
    ("short", "On {T}"),
];

const IMPERATIVE: &[(&str, &str)] = &[
    ("how_to", "How to {T}"),
    ("how_to", "How to {T} Without the Stress"),
    ("how_to", "How Anyone Can {T}"),
    ("how_to", "How to {T} in a Weekend"),
    ("guide", "{T}: A Step-by-Step Guide"),
    ("guide", "Everything You Need to {T}"),
    ("list", "{n} Ways to {T}"),
    ("list", "{n} Simple Habits to {T}"),
    ("list", "{n} Tools That Help You {T}"),
    ("question", "Want to {T}? Start Here"),
    ("question", "Ready to {T}?"),
    ("question", "What Does It Take to {T}?"),
    ("opinion", "The Honest Way to {T}"),
    ("opinion", "Why Everyone Should {T}"),
    ("story", "How I Learned to {T}"),
    ("story", "The Year I Decided to {T}"),
    ("promise", "{T} Like a Pro"),
    ("promise", "The Easy Way to {T}"),
    ("promise", "{T}, Finally"),
    ("short", "{T}"),
];

const GERUND: &[(&str, &str)] = &[
    ("guide", "A Practical Guide to {T}"),
    ("guide", "{T}: A Beginner's Guide"),
    ("guide", "{T}, Step by Step"),
    ("explainer", "{T}, Explained"),
    ("explainer", "{T} Without the Stress"),
    ("explainer", "The Basics of {T}"),
    ("list", "{n} Mistakes to Avoid When {T}"),
    ("list", "{n} Rules for {T}"),
    ("list", "{n} Reasons to Start {T}"),
    ("question", "Is {T} Worth It?"),
    ("question", "Thinking About {T}?"),
    ("question", "Is {T} for You?"),
    ("opinion", "The Truth About {T}"),
    ("opinion", "Rethinking {T}"),
    ("opinion", "The Case for {T}"),
    ("story", "What {T} Taught Me"),
    ("story", "The Joy of {T}"),
    ("story", "A Year of {T}"),
    ("promise", "The Art of {T}"),
    ("promise", "{T} Made Simple"),
    ("promise", "{T} That Sticks"),
    ("short", "{T}"),
];

/// For a draft that is a sentence: it cannot stand within another.
const SENTENCE: &[(&str, &str)] = &[
    ("story", "{T}: The Full Story"),
    ("list", "{T}: {n} Lessons"),
    ("question", "{T}. Was It Worth It?"),
    ("explainer", "{T}: What Really Happened"),
    ("promise", "{T}, and What Came After"),
    ("opinion", "{T}: The Honest Version"),
];

/// With a second thing, `{K}`.
const PAIRED: &[(&str, &str)] = &[
    ("pair", "{T} Meets {K}"),
    ("pair", "{T} and {K}"),
    ("pair", "{K}: The Missing Piece of {T}"),
    ("pair", "{T}, With {K} in Mind"),
];

const NUMBERS: &[&str] = &["3", "5", "7", "9", "10"];

/// Verbs that a topic may begin with when it is something to do.
const VERBS: &str = " add ask avoid bake become begin boost break brew build buy care change choose \
    clean clear code cook craft create cut declutter deliver deploy design discover draw drink \
    earn eat edit end engineer explore file find finish fix focus forget gain get give grow \
    hack handle hire host improve increase invest keep kick knit launch lead learn let lift \
    listen live lose love maintain make manage market master meditate meet migrate mix move \
    negotiate organise organize overcome own paint photograph pick plan plant play prepare \
    protect publish quit raise read reach recover recycle reduce refactor remember rent repair \
    repot ride run save scale sell set sew shoot simplify sing sleep speak spend start stay stop \
    study survive swim take teach tell test thrive train travel try understand use visit wake \
    walk wash watch wear win work write ";

/// Words that stay small within a title.
const SMALL: &str = " a an and as at but by for from if in into nor of off on or over per so than \
    the to up via vs with yet ";

pub(super) fn candidates(wish: &Wish<'_>, dice: &mut Dice) -> Vec<Candidate> {
    let keywords: Vec<String> = wish.keywords.iter().map(|word| tidy(word)).collect();
    let mut found = Vec::new();
    let draft = tidy(wish.draft);
    if !draft.is_empty() {
        offer_draft(&draft, wish.max_characters, &mut found);
    }
    let subtitle = keyword_line(&keywords);
    for subject in subjects(wish, &draft, &keywords) {
        let form = form(&subject);
        let topic = title_case(&subject);
        let patterns = match form {
            Form::Noun => NOUN,
            Form::Imperative => IMPERATIVE,
            Form::Gerund => GERUND,
            Form::Sentence => SENTENCE,
        };
        let plural = form == Form::Noun && is_plural(&subject);
        for (style, pattern) in patterns {
            let number = *dice.pick(NUMBERS);
            let title = pattern
                .replace("{T}", &topic)
                .replace("{B}", without_article(&topic))
                .replace("{n}", number)
                .replace("{s}", if plural { "" } else { "s" })
                .replace("{do}", if plural { "Do" } else { "Does" })
                .replace("{is}", if plural { "Are" } else { "Is" });
            found.push(Candidate {
                title: without_doubled_articles(&title),
                subtitle: subtitle.clone(),
                style,
            });
        }
        if matches!(form, Form::Imperative | Form::Sentence) {
            continue;
        }
        let fresh = keywords.iter().filter(|word| {
            !subject.to_lowercase().contains(&word.to_lowercase()) && form_of_thing(word)
        });
        for keyword in fresh.take(3) {
            for (style, pattern) in PAIRED {
                let title = pattern
                    .replace("{T}", &topic)
                    .replace("{K}", &title_case(keyword));
                found.push(Candidate {
                    title: without_doubled_articles(&title),
                    subtitle: String::new(),
                    style,
                });
            }
        }
    }
    found
}

/// The draft itself, better set, and its two halves where it has them.
fn offer_draft(draft: &str, max: usize, found: &mut Vec<Candidate>) {
    let bare = draft.trim_end_matches(['.', ',', ';', ':', ' ', '!']);
    let mut offer = |title: &str, subtitle: &str| {
        found.push(Candidate {
            title: title_case(title),
            subtitle: sentence(subtitle),
            style: "draft",
        });
    };
    offer(bare, "");
    for mark in [": ", " - ", " – ", " — ", "? ", ". "] {
        if let Some((head, tail)) = bare.split_once(mark) {
            let head = if mark == "? " {
                format!("{head}?")
            } else {
                head.to_owned()
            };
            offer(&head, tail);
        }
    }
    offer(&shortened(bare, max), "");
}

/// The topic in the lengths that may fit, the fullest first.
fn subjects(wish: &Wish<'_>, draft: &str, keywords: &[String]) -> Vec<String> {
    let topic = tidy(wish.topic);
    let full = if !topic.is_empty() {
        topic
    } else if !draft.is_empty() {
        draft.to_owned()
    } else {
        keywords
            .iter()
            .take(2)
            .cloned()
            .collect::<Vec<_>>()
            .join(" and ")
    };
    let full = bare_subject(&full);
    // Room for the words of a pattern around it.
    let room = wish.max_characters.saturating_mul(3) / 5;
    if full.chars().count() <= room || form(&full) == Form::Sentence {
        return vec![full];
    }
    let core = core_of(&full);
    let short = if core.chars().count() <= room {
        core
    } else if let Some(keyword) = keywords.first() {
        keyword.clone()
    } else {
        shortened(&core, room)
    };
    [full, short]
        .into_iter()
        .filter(|subject| !subject.is_empty())
        .collect()
}

/// What a long topic is about: without where, when and for whom, and of "the
/// history of water supply" the water supply.
fn core_of(topic: &str) -> String {
    let mut core = topic;
    for tail in [
        " in ",
        " for ",
        " with ",
        " at ",
        " from ",
        " on ",
        " by ",
        " during ",
        " through ",
        " without ",
        " when ",
        " that ",
        ", ",
    ] {
        core = core.split_once(tail).map_or(core, |(head, _)| head);
    }
    let core = core.rsplit_once(" of ").map_or(core, |(_, object)| object);
    core.trim().to_owned()
}

/// A topic without the words that a pattern brings itself.
fn bare_subject(text: &str) -> String {
    let text = text.trim_end_matches(['.', '!', '?', ',', ';', ':', ' ']);
    let text = text.split_once(": ").map_or(text, |(head, _)| head);
    let lower = text.to_lowercase();
    for opening in [
        "how to ",
        "how i ",
        "a guide to ",
        "guide to ",
        "an introduction to ",
        "introduction to ",
        "intro to ",
        "everything about ",
        "all about ",
        "tips for ",
        "tips on ",
        "why ",
        "about ",
    ] {
        if lower.starts_with(opening) && text.is_char_boundary(opening.len()) {
            return text[opening.len()..].trim().to_owned();
        }
    }
    text.to_owned()
}

/// As many whole words as fit, and none at the end that needs another after it.
fn shortened(text: &str, max: usize) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut length = 0;
    for word in text.split(' ') {
        let with = length + word.chars().count() + usize::from(length > 0);
        if with > max {
            break;
        }
        length = with;
        words.push(word);
    }
    while words.last().is_some_and(|word| is_small(word)) {
        words.pop();
    }
    words
        .join(" ")
        .trim_end_matches([',', ';', ':', '-', '–', '—', ' '])
        .to_owned()
}

fn form(subject: &str) -> Form {
    let first = subject.split(' ').next().unwrap_or_default().to_lowercase();
    let many = subject.contains(' ');
    if many
        && matches!(
            first.as_str(),
            "i" | "we" | "you" | "my" | "our" | "it" | "this"
        )
    {
        Form::Sentence
    } else if first.len() > 5
        && first.ends_with("ing")
        && !matches!(
            first.as_str(),
            "everything"
                | "nothing"
                | "something"
                | "anything"
                | "morning"
                | "evening"
                | "spring"
                | "wedding"
        )
    {
        Form::Gerund
    } else if many && VERBS.contains(&format!(" {first} ")) {
        Form::Imperative
    } else {
        Form::Noun
    }
}

/// Whether a keyword reads as a thing.
fn form_of_thing(word: &str) -> bool {
    !matches!(form(word), Form::Imperative | Form::Sentence)
}

/// Whether a verb after it takes no ending. Good for most; wrong for a few.
fn is_plural(subject: &str) -> bool {
    let last = subject
        .split(' ')
        .next_back()
        .unwrap_or_default()
        .to_lowercase();
    subject.to_lowercase().contains(" and ")
        || matches!(
            last.as_str(),
            "people" | "children" | "men" | "women" | "mice" | "feet"
        )
        || (last.len() > 3
            && last.ends_with('s')
            && !["ss", "us", "is", "os", "ics", "news"]
                .iter()
                .any(|end| last.ends_with(end)))
}

fn is_small(word: &str) -> bool {
    SMALL.contains(&format!(" {} ", word.to_lowercase()))
}

/// Headline capitals. A word that has capitals of its own keeps them.
fn title_case(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let last = words.len().saturating_sub(1);
    let mut after_stop = true;
    words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let opens = std::mem::replace(&mut after_stop, word.ends_with([':', '?', '!', '.']));
            if word.chars().skip(1).any(char::is_uppercase) {
                return (*word).to_owned();
            }
            if is_small(word) && !opens && at != last {
                return word.to_lowercase();
            }
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            })
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// "A Guide to the Sea", and never "The The Sea Handbook".
fn without_doubled_articles(title: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in title.split(' ') {
        let article = |word: &str| matches!(word.to_lowercase().as_str(), "a" | "an" | "the");
        if let Some(before) = words.last()
            && article(before)
            && article(word)
        {
            words.pop();
        }
        words.push(word);
    }
    title_case(&words.join(" "))
}

fn without_article(topic: &str) -> &str {
    ["The ", "A ", "An "]
        .into_iter()
        .find_map(|article| topic.strip_prefix(article))
        .unwrap_or(topic)
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// "With beans, water and patience": the words that matter, as a second line.
fn keyword_line(keywords: &[String]) -> String {
    let some: Vec<&str> = keywords
        .iter()
        .map(String::as_str)
        .filter(|word| !word.is_empty())
        .take(3)
        .collect();
    match some.as_slice() {
        [] => String::new(),
        [one] => format!("With a focus on {one}"),
        [most @ .., last] => format!("On {} and {last}", most.join(", ")),
    }
}
