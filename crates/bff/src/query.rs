//! Query parameters, bound to fields by their paths.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;

use crate::bind::Text;
use crate::json::MAX_DEPTH;
use crate::problem::Problem;

/// More parameters than any request has a use for.
const MAX_PARAMETERS: usize = 200;

/// Parses a query string into decoded pairs, in order.
///
/// # Errors
/// When an escape is malformed, the text is not UTF-8, or there are too many.
pub(crate) fn parse(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        if pairs.len() == MAX_PARAMETERS {
            return Err(Problem::invalid(
                "TOO_MANY_PARAMETERS",
                format!("At most {MAX_PARAMETERS} query parameters are accepted."),
            ));
        }
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = decode(name)?;
        if name.split('.').count() > usize::from(MAX_DEPTH) {
            return Err(Problem::invalid_field(
                "MALFORMED_QUERY",
                name.chars().take(80).collect::<String>(),
                format!("has more than {MAX_DEPTH} steps"),
            ));
        }
        pairs.push((name, decode(value)?));
    }
    Ok(pairs)
}

fn decode(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    if !crate::path::escapes_are_whole(&spaced) {
        return Err(malformed());
    }
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| malformed())
}

fn malformed() -> Problem {
    Problem::invalid("MALFORMED_QUERY", "The query string is not well encoded.")
}

/// One parameter on its way to its field. Generated code walks the path with
/// `step` and takes the value with `scalar` or `item`.
#[derive(Debug)]
pub struct Binder<'a> {
    name: &'a str,
    rest: &'a str,
    value: &'a str,
    path: String,
    seen: &'a mut HashSet<String>,
}

impl<'a> Binder<'a> {
    pub(crate) fn new(name: &'a str, value: &'a str, seen: &'a mut HashSet<String>) -> Self {
        Self {
            name,
            rest: name,
            value,
            path: String::new(),
            seen,
        }
    }

    /// Takes the next step of the path; empty when the path has ended.
    pub fn step(&mut self) -> &'a str {
        let (head, rest) = self.rest.split_once('.').unwrap_or((self.rest, ""));
        self.rest = rest;
        head
    }

    /// Notes the field just stepped into, so that both spellings of a name
    /// count as one, and goes on to the next step.
    pub fn enter(&mut self, field: &'static str) -> &mut Self {
        self.path.push_str(field);
        self.path.push('.');
        self
    }

    /// The value of a field that may be given once.
    ///
    /// # Errors
    /// When it was given before or the path goes on.
    pub fn scalar(&mut self, field: &'static str) -> Result<Text<'a>, Problem> {
        let text = self.item()?;
        if self.seen.insert(format!("{}{field}", self.path)) {
            return Ok(text);
        }
        Err(Problem::invalid_field(
            "DUPLICATE_PARAMETER",
            self.name,
            "is given more than once",
        ))
    }

    /// The value of a field that may be given many times.
    ///
    /// # Errors
    /// When the path goes on.
    pub fn item(&mut self) -> Result<Text<'a>, Problem> {
        if self.rest.is_empty() {
            Ok(Text::new(self.name, self.value))
        } else {
            Err(self.unknown())
        }
    }

    /// The refusal of a parameter that the request does not have.
    #[must_use]
    pub fn unknown(&self) -> Problem {
        let shown: String = self.name.chars().take(80).collect();
        Problem::invalid_field(
            "UNKNOWN_PARAMETER",
            shown,
            "is not a parameter of this route",
        )
    }
}
