//! Files on their way in: a form with one file in it, or the bare file.
//!
//! Nothing here holds more of a file than the piece that is being passed on.
//! Modules in reading order: `incoming` (bytes of a body), `disposition`
//! (what a part says of itself), `multipart` (a form taken apart), `source`
//! (the file in pieces), `receive` (from a request to its file).

mod disposition;
mod incoming;
mod multipart;
mod receive;
mod source;

pub(crate) use source::Source;

/// Largest piece that is sent on, in bytes.
const MAX_PIECE_BYTES: usize = 1024 * 1024;

/// The file of a request: what it says of itself, and its bytes to come.
pub struct Upload {
    content_type: String,
    filename: String,
    source: Source,
}

impl Upload {
    /// The media type it states, in lower case without parameters; empty
    /// where it states none, or only that it is bytes.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Its name, without folders; empty where it has none.
    #[must_use]
    pub fn filename(&self) -> &str {
        &self.filename
    }

    pub(crate) fn into_source(self) -> Source {
        self.source
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload")
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
