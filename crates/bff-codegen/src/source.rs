//! Where things stand in the proto files, and their comments.

use prost_reflect::FileDescriptor;

use crate::BuildError;

/// Position and comment of one element.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// Leading comment, its markers and margins removed.
    pub(crate) comment: String,
}

impl Place {
    /// Finds the element at a descriptor path.
    pub(crate) fn of(file: &FileDescriptor, path: &[i32]) -> Self {
        let proto = file.file_descriptor_proto();
        let locations = proto
            .source_code_info
            .iter()
            .flat_map(|info| &info.location);
        let found = locations.into_iter().find(|location| location.path == path);
        let mut place = Self {
            file: file.name().to_owned(),
            line: 1,
            column: 1,
            comment: String::new(),
        };
        if let Some(location) = found {
            let at = |index: usize| {
                let value = location.span.get(index).copied().unwrap_or_default();
                usize::try_from(value).unwrap_or_default() + 1
            };
            place.line = at(0);
            place.column = at(1);
            place.comment = tidy(location.leading_comments());
        }
        place
    }

    pub(crate) fn error(&self, message: impl Into<String>) -> BuildError {
        BuildError {
            file: self.file.clone(),
            line: self.line,
            column: self.column,
            message: message.into(),
        }
    }
}

/// Joins the lines of a paragraph, keeps paragraphs apart.
fn tidy(comment: &str) -> String {
    let paragraphs: Vec<String> = comment
        .split("\n\n")
        .map(|paragraph| {
            let words: Vec<&str> = paragraph.split_whitespace().collect();
            words.join(" ")
        })
        .filter(|paragraph| !paragraph.is_empty())
        .collect();
    paragraphs.join("\n\n")
}

/// The first clause of a comment, without its full stop.
pub(crate) fn first_sentence(comment: &str) -> String {
    let paragraph = comment.split("\n\n").next().unwrap_or_default();
    let end = paragraph.find(". ").unwrap_or(paragraph.len());
    let end = [": ", "; "]
        .iter()
        .filter_map(|mark| paragraph.find(mark))
        .fold(end, usize::min);
    paragraph[..end].trim_end_matches('.').to_owned()
}
