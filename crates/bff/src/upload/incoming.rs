//! The bytes of a body, as they arrive.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt as _;

use super::multipart::malformed;
use crate::body;
use crate::problem::Problem;

/// What may stand after a form, in bytes.
const MAX_EPILOGUE_BYTES: usize = 4096;

/// A body that must keep coming.
pub(super) struct Incoming {
    body: Body,
    /// Longest wait for the next piece.
    timeout: Duration,
    is_over: bool,
}

impl Incoming {
    pub(super) fn new(body: Body, timeout: Duration) -> Self {
        Self {
            body,
            timeout,
            is_over: false,
        }
    }

    /// The next bytes, never none of them; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        while !self.is_over {
            match tokio::time::timeout(self.timeout, self.body.frame()).await {
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Ok(Some(data)),
                    _ => {}
                },
                Ok(Some(Err(_))) => {
                    self.is_over = true;
                    return Err(body::incomplete());
                }
                Ok(None) => self.is_over = true,
                Err(_) => {
                    self.is_over = true;
                    return Err(body::late());
                }
            }
        }
        Ok(None)
    }

    /// Reads what follows a file to the body's end and forgets it.
    pub(super) async fn finish(&mut self) -> Result<(), Problem> {
        let mut forgotten = 0;
        while let Some(data) = self.next().await? {
            forgotten += data.len();
            if forgotten > MAX_EPILOGUE_BYTES {
                return Err(malformed("goes on after its last boundary"));
            }
        }
        Ok(())
    }

    /// Reads on and forgets, within bounds, so that a client which is still
    /// sending sees the answer.
    pub(super) async fn drain(&mut self) {
        if !self.is_over {
            self.is_over = true;
            body::drain(&mut self.body, self.timeout).await;
        }
    }
}
