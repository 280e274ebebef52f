//! Reads a document field by field, and goes on after a mistake.

use std::{cell::RefCell, ops::RangeInclusive, time::Duration};

use serde_json::{Map, Value};

use super::Problem;

/// One place in a document.
pub(super) struct Node<'a> {
    value: &'a Value,
    path: String,
    problems: &'a RefCell<Vec<Problem>>,
}

/// The fields of an object.
pub(super) struct Fields<'a> {
    fields: Option<&'a Map<String, Value>>,
    path: String,
    problems: &'a RefCell<Vec<Problem>>,
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value, problems: &'a RefCell<Vec<Problem>>) -> Self {
        Self {
            value,
            path: String::new(),
            problems,
        }
    }

    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    /// Notes that this is wrong.
    pub(super) fn fail(&self, problem: impl Into<String>) {
        let path = if self.path.is_empty() {
            "the document".to_owned()
        } else {
            self.path.clone()
        };
        self.fail_at(path, problem);
    }

    /// Notes that something else is wrong.
    pub(super) fn fail_at(&self, path: String, problem: impl Into<String>) {
        self.problems.borrow_mut().push(Problem {
            path,
            problem: problem.into(),
        });
    }

    /// An object with these fields and no others.
    pub(super) fn fields(&self, allowed: &[&str]) -> Fields<'a> {
        let fields = self.value.as_object();
        match fields {
            None => self.fail(format!("expected an object with any of {allowed:?}")),
            Some(fields) => {
                for name in fields
                    .keys()
                    .filter(|name| !allowed.contains(&name.as_str()))
                {
                    let path = join(&self.path, name);
                    self.fail_at(path, format!("unknown; allowed here are {allowed:?}"));
                }
            }
        }
        Fields {
            fields,
            path: self.path.clone(),
            problems: self.problems,
        }
    }

    /// An object whose keys are names.
    pub(super) fn named(&self) -> Vec<(&'a str, Node<'a>)> {
        let Some(fields) = self.value.as_object() else {
            self.fail("expected an object whose keys are names");
            return Vec::new();
        };
        fields
            .iter()
            .map(|(name, value)| (name.as_str(), self.child(join(&self.path, name), value)))
            .collect()
    }

    pub(super) fn list(&self) -> Vec<Node<'a>> {
        let Some(list) = self.value.as_array() else {
            self.fail("expected a list");
            return Vec::new();
        };
        let item = |(at, value)| self.child(format!("{}[{at}]", self.path), value);
        list.iter().enumerate().map(item).collect()
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.fail("expected text");
        }
        text
    }

    pub(super) fn flag(&self) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            self.fail("expected true or false");
        }
        flag
    }

    pub(super) fn number(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let number = self
            .value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = range.into_inner();
            self.fail(format!(
                "expected a whole number from {least} to {most}, not {}",
                self.value
            ));
        }
        number
    }

    /// As protobuf's JSON writes it (`1.5s`), or in milliseconds (`250ms`).
    pub(super) fn duration(&self, range: RangeInclusive<Duration>) -> Option<Duration> {
        let duration = self.value.as_str().and_then(duration);
        let duration = duration.filter(|duration| range.contains(duration));
        if duration.is_none() {
            let (least, most) = range.into_inner();
            self.fail(format!(
                "expected a time such as \"1.5s\" or \"250ms\" from {least:?} to {most:?}, not {}",
                self.value
            ));
        }
        duration
    }

    /// A time as PolicyConfig takes it.
    pub(super) fn millis(&self, least_ms: u32, most_ms: u32) -> Option<u32> {
        let range = Duration::from_millis(least_ms.into())..=Duration::from_millis(most_ms.into());
        u32::try_from(self.duration(range)?.as_millis()).ok()
    }

    fn child(&self, path: String, value: &'a Value) -> Self {
        Self {
            value,
            path,
            problems: self.problems,
        }
    }
}

impl<'a> Fields<'a> {
    pub(super) fn get(&self, name: &str) -> Option<Node<'a>> {
        let value = self.fields?.get(name)?;
        Some(Node {
            value,
            path: join(&self.path, name),
            problems: self.problems,
        })
    }

    /// What a list holds, nothing if there is none.
    pub(super) fn items(&self, name: &str) -> Vec<Node<'a>> {
        self.get(name).map(|node| node.list()).unwrap_or_default()
    }

    /// What an object of names holds, nothing if there is none.
    pub(super) fn entries(&self, name: &str) -> Vec<(&'a str, Node<'a>)> {
        self.get(name).map(|node| node.named()).unwrap_or_default()
    }

    pub(super) fn number(&self, name: &str, range: RangeInclusive<u32>) -> Option<u32> {
        self.get(name)?.number(range)
    }

    pub(super) fn millis(&self, name: &str, least_ms: u32, most_ms: u32) -> Option<u32> {
        self.get(name)?.millis(least_ms, most_ms)
    }

    pub(super) fn duration(&self, name: &str, least_ms: u64, most_ms: u64) -> Option<Duration> {
        let range = Duration::from_millis(least_ms)..=Duration::from_millis(most_ms);
        self.get(name)?.duration(range)
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn duration(text: &str) -> Option<Duration> {
    let (digits, scale) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    let plain = |c: char| c.is_ascii_digit() || c == '.';
    if digits.is_empty() || !digits.chars().all(plain) {
        return None;
    }
    let number: f64 = digits.parse().ok()?;
    let seconds = Duration::try_from_secs_f64(number * scale).ok()?;
    // To the millisecond, which no setting is finer than.
    let ms = u64::try_from((seconds + Duration::from_micros(500)).as_millis()).ok()?;
    Some(Duration::from_millis(ms))
}
