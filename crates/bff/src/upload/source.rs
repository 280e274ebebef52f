//! The one file of a request, in pieces.

use bytes::Bytes;

use super::MAX_PIECE_BYTES;
use super::incoming::Incoming;
use super::multipart::Multipart;
use crate::body::too_large;
use crate::problem::Problem;

/// Where the pieces come from.
pub(super) enum Origin {
    /// A form whose file part has begun.
    Form(Box<Multipart>),
    /// A body that is the file.
    Bare(Incoming, Bytes),
}

/// A file that is being received.
pub(crate) struct Source {
    origin: Origin,
    limit_bytes: u64,
    received: u64,
    is_whole: bool,
    may_be_empty: bool,
}

impl Source {
    pub(super) fn new(origin: Origin, limit_bytes: u64) -> Self {
        Self {
            origin,
            limit_bytes,
            received: 0,
            is_whole: false,
            may_be_empty: false,
        }
    }

    /// The same, where no bytes at all are fine as well.
    pub(super) fn which_may_be_empty(mut self) -> Self {
        self.may_be_empty = true;
        self
    }

    /// The next piece, at most 1 MiB; `None` once the file is whole and the
    /// request in order.
    ///
    /// # Errors
    /// When the file is too large, empty or cut short, or the form goes on in
    /// a way it may not.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        if self.is_whole {
            return Ok(None);
        }
        let piece = match &mut self.origin {
            Origin::Form(form) => form.next_piece().await?,
            Origin::Bare(incoming, rest) => {
                if rest.is_empty() {
                    *rest = incoming.next().await?.unwrap_or_default();
                }
                let length = rest.len().min(MAX_PIECE_BYTES);
                (length > 0).then(|| rest.split_to(length))
            }
        };
        if let Some(piece) = piece {
            self.received += piece.len() as u64;
            if self.received > self.limit_bytes {
                return Err(too_large(self.limit_bytes));
            }
            return Ok(Some(piece));
        }
        if self.received == 0 && !self.may_be_empty {
            return Err(Problem::invalid_field("EMPTY_FILE", "file", "is empty"));
        }
        if let Origin::Form(form) = &mut self.origin
            && let Some(head) = form.next_part().await?
        {
            return Err(stray(head.is_file(), head.name));
        }
        // Not before the body has ended is it known to be in order: that a
        // signed one is the one that was signed, its end tells.
        self.incoming().finish().await?;
        self.is_whole = true;
        Ok(None)
    }

    fn incoming(&mut self) -> &mut Incoming {
        match &mut self.origin {
            Origin::Form(form) => &mut form.incoming,
            Origin::Bare(incoming, _) => incoming,
        }
    }

    /// Reads what is left and forgets it.
    pub(crate) async fn drain(&mut self) {
        self.incoming().drain().await;
    }
}

fn stray(is_file: bool, name: String) -> Problem {
    if is_file {
        return Problem::invalid_field("SECOND_FILE", name, "is a second file: send one a request");
    }
    Problem::invalid_field(
        "FIELD_AFTER_FILE",
        name,
        "must stand before the file in the form",
    )
}
