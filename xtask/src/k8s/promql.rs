//! Which metrics and labels an expression of PromQL reads.

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

/// What an expression reads.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Read {
    /// Names, without the endings of a histogram's series.
    pub(crate) metrics: BTreeSet<String>,
    /// Labels that series of a metric are chosen by.
    pub(crate) selected: BTreeSet<(String, String)>,
    /// Labels that series are summed up, matched or joined by.
    pub(crate) grouped: BTreeSet<String>,
}

/// Reads an expression that Prometheus would take.
pub(crate) fn read(expression: &str) -> Read {
    let mut found = Read::default();
    let mut rest = expression;
    let mut last = String::new();
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' => after(&rest[1..], '"'),
            '{' => {
                let tail = after_selector(&rest[1..]);
                let selector = &rest[1..rest.len() - tail.len()];
                let labels = labels_of(selector).into_iter();
                found
                    .selected
                    .extend(labels.map(|label| (last.clone(), label)));
                tail
            }
            '[' => after(&rest[1..], ']'),
            c if is_name(c) => {
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let (word, tail) = rest.split_at(end);
                let next = tail.trim_start();
                let opens = next.starts_with('(');
                // `sum by (label) (…)` is a call as well.
                let calls = opens || next.starts_with("by (") || next.starts_with("without (");
                if BEFORE_LABELS.contains(&word) && opens {
                    let (list, tail) = next[1..].split_once(')').unwrap_or_default();
                    let labels = list.split(',').map(str::trim);
                    let labels = labels.filter(|label| !label.is_empty());
                    found.grouped.extend(labels.map(str::to_owned));
                    tail
                } else {
                    if !calls
                        && !WORDS.contains(&word)
                        && !word.starts_with(|c: char| c.is_ascii_digit())
                    {
                        base(word).clone_into(&mut last);
                        found.metrics.insert(last.clone());
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

/// The labels of a selector's matchers.
fn labels_of(selector: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = selector;
    while let Some((label, tail)) = rest.split_once(['=', '!']) {
        let label = label.trim_start_matches(',').trim();
        found.push(label.to_owned());
        // What it has to be stands in quotes.
        let value = after(tail, '"');
        rest = after(value, '"').trim_start();
    }
    found
}

/// A histogram is registered once and read as three series.
fn base(series: &str) -> &str {
    series.strip_suffix("_bucket").unwrap_or(series)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(expression: &str) -> Vec<String> {
        read(expression).metrics.into_iter().collect()
    }

    #[test]
    fn labels_are_those_that_are_chosen_summed_up_or_matched_by() {
        let told = read(
            "sum by (le, target) (rate(a_bucket{method!~\".*{x=1}\",code=\"OK\", b=~\"c\"}[5m])) \
             / on (app) group_left (pod) d",
        );
        let selected: Vec<(&str, &str)> = told
            .selected
            .iter()
            .map(|(metric, label)| (metric.as_str(), label.as_str()))
            .collect();
        assert_eq!(selected, [("a", "b"), ("a", "code"), ("a", "method")]);
        let grouped: Vec<&str> = told.grouped.iter().map(String::as_str).collect();
        assert_eq!(grouped, ["app", "le", "pod", "target"]);
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
