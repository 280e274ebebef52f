//! Which metrics an expression of PromQL reads.

use std::collections::BTreeSet;

/// Words of the language that stand where a metric could.
const WORDS: [&str; 14] = [
    "and",
    "bool",
    "by",
    "group_left",
    "group_right",
    "ignoring",
    "inf",
    "nan",
    "offset",
    "on",
    "or",
    "start",
    "unless",
    "without",
];

/// Words that are followed by a list of labels.
const BEFORE_LABELS: [&str; 6] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
];

/// The names, without the endings of a histogram's series.
pub(crate) fn metrics(expression: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' => after(&rest[1..], '"'),
            '{' => after_selector(&rest[1..]),
            '[' => after(&rest[1..], ']'),
            c if is_name(c) => {
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let (word, tail) = rest.split_at(end);
                let next = tail.trim_start();
                let opens = next.starts_with('(');
                // `sum by (label) (…)` is a call as well.
                let calls = opens || next.starts_with("by (") || next.starts_with("without (");
                if BEFORE_LABELS.contains(&word) && opens {
                    after(tail, ')')
                } else {
                    if !calls
                        && !WORDS.contains(&word)
                        && !word.starts_with(|c: char| c.is_ascii_digit())
                    {
                        found.insert(base(word).to_owned());
                    }
                    tail
                }
            }
            other => &rest[other.len_utf8()..],
        };
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

fn after(text: &str, end: char) -> &str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

/// What follows a selector; a brace in a quoted value does not end it.
fn after_selector(text: &str) -> &str {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '}' if !quoted => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// A histogram is registered once and read as three series.
fn base(series: &str) -> &str {
    series.strip_suffix("_bucket").unwrap_or(series)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(expression: &str) -> Vec<String> {
        metrics(expression).into_iter().collect()
    }

    #[test]
    fn metrics_are_told_from_functions_labels_and_durations() {
        let expression = "histogram_quantile(0.99, sum by (le, target) \
            (rate(call_seconds_bucket{method!~\".*{x}\"}[5m] offset 1h))) > 2 \
            and on (target) a:b:ratio1h > 14.4 * group_left (app) budget";
        assert_eq!(names(expression), ["a:b:ratio1h", "budget", "call_seconds"]);
    }

    #[test]
    fn a_plain_name_and_a_number_are_told_apart() {
        assert_eq!(names("up == 0"), ["up"]);
        assert_eq!(names("vector(0.001)"), [""; 0]);
        assert_eq!(names("1e3 < x"), ["x"]);
    }
}
