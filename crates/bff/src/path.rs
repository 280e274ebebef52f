//! Matching request paths to bindings.
//!
//! A tree over segments, built once. Where several templates fit, the most
//! specific wins: a literal before `*` before `**`, from left to right. That
//! choice is made by path alone, so a known path with another method answers
//! 405 rather than falling through to a looser template.

use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use crate::problem::Problem;
use crate::route::{Binding, Segment, Variable};

/// The bindings of one surface, ready to be searched.
#[derive(Debug)]
pub(crate) struct Paths {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<&'static str, usize>,
    any: Option<usize>,
    /// Bindings that end here, by verb.
    ends: Vec<&'static Binding>,
    /// Bindings whose `**` begins here.
    rests: Vec<&'static Binding>,
}

/// Bindings that share one path, for the caller to choose from by method.
pub(crate) type Candidates = Vec<&'static Binding>;

impl Paths {
    pub(crate) fn new(bindings: &'static [Binding]) -> Self {
        let mut paths = Self {
            nodes: vec![Node::default()],
        };
        for binding in bindings {
            paths.insert(binding);
        }
        paths
    }

    fn insert(&mut self, binding: &'static Binding) {
        let mut at = 0;
        for segment in binding.segments {
            let next = self.nodes.len();
            let node = &mut self.nodes[at];
            let known = match segment {
                Segment::Literal(text) => *node.literals.entry(text).or_insert(next),
                Segment::Any => *node.any.get_or_insert(next),
                Segment::Rest => {
                    node.rests.push(binding);
                    return;
                }
            };
            if known == next {
                self.nodes.push(Node::default());
            }
            at = known;
        }
        self.nodes[at].ends.push(binding);
    }

    /// The bindings of the most specific template that fits the path.
    pub(crate) fn find(&self, segments: &[&str]) -> Candidates {
        let (last, verb) = match segments.last().and_then(|last| last.rsplit_once(':')) {
            Some((last, verb)) if !verb.is_empty() => (Some(last), verb),
            _ => (None, ""),
        };
        if let Some(last) = last {
            let mut plain = segments.to_vec();
            plain.pop();
            plain.push(last);
            let found = self.search(0, &plain, verb);
            if !found.is_empty() {
                return found;
            }
        }
        self.search(0, segments, "")
    }

    fn search(&self, at: usize, segments: &[&str], verb: &str) -> Candidates {
        let node = &self.nodes[at];
        let with_verb = |bindings: &[&'static Binding]| -> Candidates {
            bindings
                .iter()
                .filter(|binding| binding.verb == verb)
                .copied()
                .collect()
        };
        let Some((first, rest)) = segments.split_first() else {
            let ends = with_verb(&node.ends);
            return if ends.is_empty() {
                with_verb(&node.rests)
            } else {
                ends
            };
        };
        let literal = decode_segment(first);
        if let Some(next) = literal.and_then(|text| node.literals.get(&*text)) {
            let found = self.search(*next, rest, verb);
            if !found.is_empty() {
                return found;
            }
        }
        if let Some(next) = node.any.filter(|_| !first.is_empty()) {
            let found = self.search(next, rest, verb);
            if !found.is_empty() {
                return found;
            }
        }
        with_verb(&node.rests)
    }
}

/// Splits a path at its slashes, before any decoding.
pub(crate) fn split(path: &str) -> Vec<&str> {
    path.strip_prefix('/').unwrap_or(path).split('/').collect()
}

/// The values of a binding's variables, decoded.
///
/// # Errors
/// When an escape is malformed or a value is not UTF-8.
pub(crate) fn variables(binding: &Binding, segments: &[&str]) -> Result<Vec<String>, Problem> {
    let mut values = Vec::with_capacity(binding.variables.len());
    for variable in binding.variables {
        let Variable {
            start,
            end,
            multiple,
            ..
        } = *variable;
        let parts = covered(binding, segments, start, end, multiple);
        let decoded: Option<Vec<String>> = parts
            .into_iter()
            .map(|part| {
                if variable.multiple {
                    decode_keeping_slashes(part)
                } else {
                    decode_segment(part).map(Cow::into_owned)
                }
            })
            .collect();
        let Some(decoded) = decoded else {
            return Err(Problem::invalid_field(
                "MALFORMED_PATH",
                variable.name,
                "is not well encoded",
            ));
        };
        values.push(match <[String; 1]>::try_from(decoded) {
            Ok([only]) => only,
            Err(several) => several.join("/"),
        });
    }
    Ok(values)
}

/// The segments of a request that a variable covers, as they were sent,
/// without the custom verb.
pub(crate) fn covered<'p>(
    binding: &Binding,
    segments: &[&'p str],
    start: usize,
    end: usize,
    multiple: bool,
) -> Vec<&'p str> {
    let end = if multiple && end == binding.segments.len() {
        segments.len()
    } else {
        end
    };
    let mut parts: Vec<&str> = segments.get(start..end).unwrap_or_default().to_vec();
    if end == segments.len()
        && !binding.verb.is_empty()
        && let Some(last) = parts.last_mut()
        && let Some((plain, _)) = last.rsplit_once(':')
    {
        *last = plain;
    }
    parts
}

fn decode_segment(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.contains('%') {
        return Some(Cow::Borrowed(segment));
    }
    if !escapes_are_whole(segment) {
        return None;
    }
    percent_decode_str(segment).decode_utf8().ok()
}

/// In a variable of several segments a `%2F` stays as it is written, so that
/// it cannot be taken for a separator (google.api.http, "Path template").
fn decode_keeping_slashes(segment: &str) -> Option<String> {
    let mut out = String::with_capacity(segment.len());
    let mut rest = segment;
    loop {
        let slash = rest
            .as_bytes()
            .windows(3)
            .position(|window| window.eq_ignore_ascii_case(b"%2F"));
        let Some(at) = slash else {
            out.push_str(&decode_segment(rest)?);
            return Some(out);
        };
        out.push_str(&decode_segment(&rest[..at])?);
        out.push_str(&rest[at..at + 3]);
        rest = &rest[at + 3..];
    }
}

/// Whether every `%` is followed by two hexadecimal digits.
pub(crate) fn escapes_are_whole(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(index, byte)| {
        *byte != b'%'
            || bytes
                .get(index + 1..index + 3)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
