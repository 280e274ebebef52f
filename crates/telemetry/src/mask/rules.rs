use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// Names whose values are masked where free text quotes them, as in the
/// `Debug` form of a request, in JSON or in a query.
const NAMES: &str = r"[a-z0-9_\-]*(?:password|passwd|passphrase|secret|token|authorization|cookie|api[_\-]?key|e?mail|title)";

/// One thing to look for, and what is put in its place.
struct Rule {
    pattern: Regex,
    replacement: &'static str,
}

/// Tells in one pass which rules have something to do: mostly none.
static HITS: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = RULES.iter().map(|rule| rule.pattern.as_str());
    RegexSet::new(patterns).expect("each of them is valid")
});

/// In order: each sees what those before it left.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rule = |pattern: &str, replacement| Rule {
        pattern: Regex::new(pattern).expect("the patterns of this file are valid"),
        replacement,
    };
    vec![
        // Whatever a header line of credentials goes on with.
        rule(
            r"(?im)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(\s*:\s*)[^\r\n]+",
            "$1$2***",
        ),
        // name: "value", "name":"value", name: Some("value")
        rule(
            &format!(r#"(?i)({NAMES})("?\s*[:=]\s*(?:Some\()?)"(?:[^"\\]|\\.)*(?:"|$)"#),
            r#"$1$2"***""#,
        ),
        // The same within a quoted text.
        rule(
            &format!(r#"(?i)({NAMES})(\\"\s*:\s*)\\"(?:[^"\\]|\\[^"])*(?:\\"|$)"#),
            r#"$1$2\"***\""#,
        ),
        // name=value, also in queries and forms.
        rule(&format!(r#"(?i)({NAMES})=[^\s,;&"'<>)}}\]]+"#), "$1=***"),
        // scheme://user:password@host
        rule(r#"://[^/\s"'<>]+@"#, "://***@"),
        // Schemes as in RFC 6750 and RFC 7617.
        rule(r"(?i)\b(bearer)\s+[a-z0-9\-._~+/]+=*", "$1 ***"),
        rule(
            r"(?i)\b(basic)\s+(?:[a-z0-9+/]{4}){4,}(?:[a-z0-9+/]{2}==|[a-z0-9+/]{3}=)?",
            "$1 ***",
        ),
        // Tokens without a scheme: JWTs by their first letters, `{"`, and our
        // own by their prefixes.
        rule(r"\beyJ[\w\-]{4,}\.[\w\-]+(?:\.[\w\-]*)?", "***"),
        rule(r"\bcg[a-z]_[A-Za-z0-9_\-]{16,}", "***"),
        // E-mail addresses, also international and percent-encoded ones.
        rule(
            r"[\p{L}\p{M}\p{N}._%+\-!#$&?^`{|}~']+(?:@|%40)(?:\[[0-9A-Za-z.:]+\]|[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}.\-]*[\p{L}\p{M}\p{N}])?)",
            "***",
        ),
    ]
});

/// The text with addresses and credentials masked.
pub(crate) fn text(given: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(given);
    for hit in &HITS.matches(given) {
        let rule = &RULES[hit];
        let changed = match rule.pattern.replace_all(&masked, rule.replacement) {
            Cow::Owned(changed) => Some(changed),
            Cow::Borrowed(_) => None,
        };
        if let Some(changed) = changed {
            masked = Cow::Owned(changed);
        }
    }
    masked
}
