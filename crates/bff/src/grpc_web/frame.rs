//! The one message of a request, checked for form but not decoded.

use bytes::Bytes;

use crate::problem::Problem;

/// Flag byte and length.
const HEADER_BYTES: usize = 5;

/// Refuses anything but exactly one whole message, as every exposed RPC takes
/// exactly one. `may_be_packed` where it is said how it is compressed.
pub(super) fn check_single(bytes: &Bytes, may_be_packed: bool) -> Result<(), Problem> {
    let Some(header) = bytes.get(..HEADER_BYTES) else {
        return Err(malformed("holds no message"));
    };
    if header[0] > 1 {
        return Err(malformed("begins with a frame that is not a message"));
    }
    if header[0] == 1 && !may_be_packed {
        return Err(malformed(
            "is compressed, and `grpc-encoding` does not say how",
        ));
    }
    let length = u32::from_be_bytes([header[1], header[2], header[3], header[4]]);
    if u64::from(length) != (bytes.len() - HEADER_BYTES) as u64 {
        return Err(malformed("does not hold exactly one message"));
    }
    Ok(())
}

fn malformed(what: &str) -> Problem {
    Problem::invalid("MALFORMED_GRPC", format!("The request body {what}."))
}
