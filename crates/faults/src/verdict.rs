//! One row of the table: a fault, what is promised, and what was seen.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a figure is held against its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// At most.
    AtMost,
    /// At least.
    AtLeast,
}

/// A figure and what was promised of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Name of the row, as it is asked for.
    pub row: String,
    /// What was done.
    pub fault: String,
    /// What must hold.
    pub promise: String,
    /// What was seen, in the promise's unit.
    pub figure: f64,
    /// What it is held against.
    pub target: f64,
    /// On which side of the target it must lie.
    pub bound: Bound,
    /// Whether it is a time, or a count of deadlines that were missed: it says
    /// as much about the machine.
    pub timed: bool,
    /// More about it, for people.
    #[serde(default)]
    pub note: String,
}

impl Verdict {
    /// Whether the promise was kept.
    #[must_use]
    pub fn ok(&self) -> bool {
        match self.bound {
            Bound::AtMost => self.figure <= self.target,
            Bound::AtLeast => self.figure >= self.target,
        }
    }
}

/// The figures of one fault.
#[derive(Debug)]
pub struct Row {
    name: &'static str,
    fault: String,
    verdicts: Vec<Verdict>,
}

impl Row {
    /// A row without figures.
    #[must_use]
    pub fn new(name: &'static str, fault: impl Into<String>) -> Self {
        Self {
            name,
            fault: fault.into(),
            verdicts: Vec::new(),
        }
    }

    /// Adds a figure that must be at most `target`.
    #[must_use]
    pub fn at_most(self, promise: &str, figure: f64, target: f64, note: impl Into<String>) -> Self {
        self.with(promise, figure, (Bound::AtMost, target), note.into())
    }

    /// Adds a figure that must be at least `target`.
    #[must_use]
    pub fn at_least(
        self,
        promise: &str,
        figure: f64,
        target: f64,
        note: impl Into<String>,
    ) -> Self {
        self.with(promise, figure, (Bound::AtLeast, target), note.into())
    }

    /// Adds a time that must be at most `target`.
    #[must_use]
    pub fn within(
        mut self,
        promise: &str,
        time: Duration,
        target: Duration,
        note: impl Into<String>,
    ) -> Self {
        let seconds = |time: Duration| (time.as_secs_f64() * 100.0).round() / 100.0;
        self = self.at_most(promise, seconds(time), seconds(target), note);
        self.timed()
    }

    /// Says of the last figure that it depends on the machine.
    #[must_use]
    pub fn timed(mut self) -> Self {
        if let Some(last) = self.verdicts.last_mut() {
            last.timed = true;
        }
        self
    }

    /// Adds what the checker found, which must be nothing.
    #[must_use]
    pub fn checked(self, problems: &[String]) -> Self {
        let some: Vec<&str> = problems.iter().take(5).map(String::as_str).collect();
        let note = some.join("; ");
        #[allow(clippy::cast_precision_loss)] // A handful, or a disaster.
        let count = problems.len() as f64;
        self.at_most("lost, doubled or inconsistent", count, 0.0, note)
    }

    /// The figures.
    #[must_use]
    pub fn verdicts(self) -> Vec<Verdict> {
        self.verdicts
    }

    fn with(mut self, promise: &str, figure: f64, to: (Bound, f64), note: String) -> Self {
        self.verdicts.push(Verdict {
            row: self.name.to_owned(),
            fault: self.fault.clone(),
            promise: promise.to_owned(),
            figure,
            target: to.1,
            bound: to.0,
            timed: false,
            note,
        });
        self
    }
}
