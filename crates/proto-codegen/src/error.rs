//! What can be wrong with a contract, and where.

use std::fmt;

use prost_reflect::FileDescriptor;

/// Why nothing was generated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is not valid protobuf. The text bears file, line and column.
    #[error("{0}")]
    Compile(String),
    /// Files are valid protobuf but break a rule of the project.
    #[error("{}", list(.0))]
    Contracts(Vec<Problem>),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// What was being read or written.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// One thing that is wrong with a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub place: Place,
    /// What is wrong, naming the element.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// A position in a contract. Line and column count from 1; 0 is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name of the file, as it is imported.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl Place {
    /// The position of the element at `path`, a path of field numbers and
    /// indexes into the file's descriptor.
    pub(crate) fn of(file: &FileDescriptor, path: &[i32]) -> Self {
        let span = file
            .file_descriptor_proto()
            .source_code_info
            .iter()
            .flat_map(|info| &info.location)
            .find(|location| location.path == path)
            .map(|location| location.span.as_slice());
        let at = |index: usize| {
            let value = span.and_then(|span| span.get(index)).copied();
            value.map_or(0, |value| u32::try_from(value).unwrap_or(0) + 1)
        };
        Self {
            file: file.name().to_owned(),
            line: at(0),
            column: at(1),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Every problem on a line of its own.
fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

/// Problems found so far; generation goes on so that all are told at once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem with the element at `path`.
    pub(crate) fn add(&mut self, file: &FileDescriptor, path: &[i32], message: impl Into<String>) {
        self.0.push(Problem {
            place: Place::of(file, path),
            message: message.into(),
        });
    }

    /// An error that lists all problems, if there are any.
    pub(crate) fn into_result(self) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Error::Contracts(self.0))
    }
}
