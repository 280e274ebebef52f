//! The one message of a request, checked for form but not decoded.

use bytes::Bytes;
use covergen_grpc::{PREFIX_BYTES, Prefix};

use crate::problem::Problem;

/// Refuses anything but exactly one whole message, as every exposed RPC takes
/// exactly one. `may_be_packed` where it is said how it is compressed.
pub(super) fn check_single(bytes: &Bytes, may_be_packed: bool) -> Result<(), Problem> {
    let Some(Prefix { flag, length }) = Prefix::of(bytes) else {
        return Err(malformed("holds no message"));
    };
    if flag > 1 {
        return Err(malformed("begins with a frame that is not a message"));
    }
    if flag == 1 && !may_be_packed {
        return Err(malformed(
            "is compressed, and `grpc-encoding` does not say how",
        ));
    }
    if length != bytes.len() - PREFIX_BYTES {
        return Err(malformed("does not hold exactly one message"));
    }
    Ok(())
}

fn malformed(what: &str) -> Problem {
    Problem::invalid("MALFORMED_GRPC", format!("The request body {what}."))
}
