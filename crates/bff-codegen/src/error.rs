//! Build errors that point at the proto.

use std::fmt;

/// One thing wrong with the annotations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    /// Proto file, as imported; empty when no file is at fault.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.file.is_empty() {
            return f.write_str(&self.message);
        }
        let Self {
            file,
            line,
            column,
            message,
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")
    }
}

/// Everything that is wrong, in the order of files and lines.
#[derive(Debug, Clone, thiserror::Error)]
pub struct BuildErrors(pub Vec<BuildError>);

impl BuildErrors {
    pub(crate) fn one(message: impl Into<String>) -> Self {
        Self(vec![BuildError {
            file: String::new(),
            line: 0,
            column: 0,
            message: message.into(),
        }])
    }
}

impl fmt::Display for BuildErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}
