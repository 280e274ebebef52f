//! Violations as a gRPC status.

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::validate::Violations;

/// Domain of every reason that Covergen's services give.
pub const ERROR_DOMAIN: &str = "covergen";
/// Reason of a request that breaks the rules of its contract.
pub const INVALID_REQUEST: &str = "INVALID_REQUEST";

/// Text of violations that a status carries, in bytes. Details travel as
/// base64 in a header, and peers refuse headers above 16 KiB.
const MAX_TEXT_BYTES: usize = 6 * 1024;

impl Violations {
    /// `INVALID_ARGUMENT` with a `BadRequest` that lists every violation and
    /// an `ErrorInfo` whose reason is [`INVALID_REQUEST`].
    ///
    /// A list too long for a header is cut; the message tells the full count.
    #[must_use]
    pub fn into_status(self) -> Status {
        let message = match self.len() {
            1 => format!("{}: {}", self[0].field, self[0].description),
            count => format!("the request breaks {count} rules"),
        };
        let mut room = MAX_TEXT_BYTES;
        let mut fields = Vec::with_capacity(self.len());
        for violation in self.iter() {
            let mut field = FieldViolation::new(&*violation.field, &*violation.description);
            field.reason = violation.reason();
            let text = field.field.len() + field.description.len() + field.reason.len();
            let Some(rest) = room.checked_sub(text) else {
                break;
            };
            room = rest;
            fields.push(field);
        }
        let mut details = ErrorDetails::with_error_info(INVALID_REQUEST, ERROR_DOMAIN, []);
        details.set_bad_request(fields);
        Status::with_error_details(Code::InvalidArgument, message, details)
    }
}

impl From<Violations> for Status {
    fn from(violations: Violations) -> Self {
        violations.into_status()
    }
}

/// Bytes that are no message of the expected type.
pub(crate) fn undecodable(error: &prost::DecodeError) -> Status {
    let details = ErrorDetails::with_error_info(INVALID_REQUEST, ERROR_DOMAIN, []);
    let message = format!("the request cannot be decoded: {error}");
    Status::with_error_details(Code::InvalidArgument, message, details)
}
