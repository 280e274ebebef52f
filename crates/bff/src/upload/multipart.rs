//! `multipart/form-data` (RFC 7578), taken apart as it arrives.

use bytes::{Buf as _, Bytes, BytesMut};
use memchr::memmem;

use super::MAX_PIECE_BYTES;
use super::disposition::Parameters;
use super::incoming::Incoming;
use crate::problem::Problem;

/// Longest boundary that RFC 2046 allows, in bytes.
const MAX_BOUNDARY_BYTES: usize = 70;
/// What may stand before the first boundary, in bytes.
const MAX_PREAMBLE_BYTES: usize = 4096;
/// Longest head of a part, in bytes.
const MAX_HEAD_BYTES: usize = 8192;

/// A form being read.
pub(super) struct Multipart {
    pub(super) incoming: Incoming,
    buffer: BytesMut,
    /// Line break, two dashes and the boundary.
    delimiter: memmem::Finder<'static>,
    has_begun: bool,
}

/// What a part says of itself.
pub(super) struct Head {
    pub(super) name: String,
    /// None where it is a field.
    pub(super) filename: Option<String>,
    /// As stated; empty where it is not.
    pub(super) content_type: String,
}

impl Head {
    /// A part with a file name is a file, and so is one that is called that.
    pub(super) fn is_file(&self) -> bool {
        self.filename.is_some() || self.name == "file"
    }
}

impl Multipart {
    pub(super) fn new(boundary: &str, incoming: Incoming) -> Result<Self, Problem> {
        let fits = (1..=MAX_BOUNDARY_BYTES).contains(&boundary.len())
            && boundary.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if !fits {
            return Err(malformed("has no boundary of 1 to 70 characters"));
        }
        Ok(Self {
            incoming,
            // With a line break before it the first boundary is like others.
            buffer: BytesMut::from(&b"\r\n"[..]),
            delimiter: memmem::Finder::new(&format!("\r\n--{boundary}")).into_owned(),
            has_begun: false,
        })
    }

    /// The next part's head; `None` after the last. The part before must have
    /// been read to its end.
    pub(super) async fn next_part(&mut self) -> Result<Option<Head>, Problem> {
        if !self.has_begun {
            self.has_begun = true;
            let mut skipped = 0;
            while let Some(piece) = self.next_piece().await? {
                skipped += piece.len();
                if skipped > MAX_PREAMBLE_BYTES {
                    return Err(malformed("does not begin with its boundary"));
                }
            }
        }
        self.need(2).await?;
        if self.buffer.starts_with(b"--") {
            return Ok(None);
        }
        let head = self.head().await?;
        parse_head(&head).map(Some)
    }

    /// The next bytes of the part; `None` at its end.
    pub(super) async fn next_piece(&mut self) -> Result<Option<Bytes>, Problem> {
        let length = self.delimiter.needle().len();
        loop {
            let found = self.delimiter.find(&self.buffer);
            if found == Some(0) {
                self.buffer.advance(length);
                return Ok(None);
            }
            // What may be the beginning of a boundary waits for its end.
            let sure = found.unwrap_or((self.buffer.len() + 1).saturating_sub(length));
            if sure > 0 {
                let piece = self.buffer.split_to(sure.min(MAX_PIECE_BYTES));
                return Ok(Some(piece.freeze()));
            }
            self.need(self.buffer.len() + 1).await?;
        }
    }

    /// Waits until the buffer has that many bytes.
    async fn need(&mut self, length: usize) -> Result<(), Problem> {
        while self.buffer.len() < length {
            match self.incoming.next().await? {
                Some(data) => self.buffer.extend_from_slice(&data),
                None => return Err(malformed("ends before its last boundary")),
            }
        }
        Ok(())
    }

    /// What stands between a boundary and the empty line after it.
    async fn head(&mut self) -> Result<Bytes, Problem> {
        loop {
            // The break that ends the boundary's line may be the first half
            // of the empty line already.
            if let Some(end) = memmem::find(&self.buffer, b"\r\n\r\n") {
                let mut head = self.buffer.split_to(end + 4);
                head.truncate(end);
                return Ok(head.freeze());
            }
            if self.buffer.len() > MAX_HEAD_BYTES {
                return Err(malformed("has a part whose head is too long"));
            }
            self.need(self.buffer.len() + 1).await?;
        }
    }
}

fn parse_head(bytes: &[u8]) -> Result<Head, Problem> {
    if bytes.len() > MAX_HEAD_BYTES {
        return Err(malformed("has a part whose head is too long"));
    }
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split("\r\n");
    // Blanks after a boundary are padding; anything else is not ours.
    let padding = lines.next().unwrap_or_default();
    if !padding.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
        return Err(malformed("has a line that only begins like its boundary"));
    }
    let (mut disposition, mut content_type) = (None, String::new());
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            return Err(malformed("has a part with a line that is no header"));
        };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "content-disposition" => disposition = Parameters::parse(value),
            "content-type" => value.clone_into(&mut content_type),
            "content-transfer-encoding" if !is_plain(value) => {
                return Err(malformed("has a part with a Content-Transfer-Encoding"));
            }
            _ => {}
        }
    }
    let named = disposition.filter(|found| found.word == "form-data");
    let Some((name, found)) = named.and_then(|found| Some((found.get("name")?.to_owned(), found)))
    else {
        return Err(malformed("has a part without a name"));
    };
    Ok(Head {
        name,
        filename: found.filename(),
        content_type,
    })
}

fn is_plain(encoding: &str) -> bool {
    ["7bit", "8bit", "binary"]
        .iter()
        .any(|plain| plain.eq_ignore_ascii_case(encoding))
}

pub(super) fn malformed(what: &str) -> Problem {
    Problem::invalid("MALFORMED_FORM", format!("The form {what}."))
}
