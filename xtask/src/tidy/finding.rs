//! What a rule reports.

use std::fmt;

/// Whether a finding fails the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Printed, to be judged by a reader.
    Warning,
    /// Fails the check.
    Violation,
}

/// One place where a rule is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it fails the check.
    pub severity: Severity,
    /// The file, from the root of the tree.
    pub path: String,
    /// The line, counted from 1, where one can be named.
    pub line: Option<usize>,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Finding {
    /// A finding that fails the check.
    pub(super) fn violation(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Violation,
            path: path.into(),
            line: None,
            message: message.into(),
        }
    }

    /// A finding for a reader to judge.
    pub(super) fn warning(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::violation(path, message)
        }
    }

    /// The same at a line, counted from 1.
    pub(super) fn at(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Violation => "error",
        };
        write!(out, "{severity}: {}", self.path)?;
        if let Some(line) = self.line {
            write!(out, ":{line}")?;
        }
        write!(out, ": {}", self.message)
    }
}
