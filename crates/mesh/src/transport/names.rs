//! Names that every request of a connection has.

use std::sync::atomic::{AtomicU32, Ordering};

use http::{HeaderMap, HeaderName};

use crate::{request_id::REQUEST_ID, timeout::GRPC_TIMEOUT, trace::TRACEPARENT};

/// Headers whose values never come again, and which both ends therefore keep
/// out of the table of headers (RFC 7541, section 6.2.3).
const NAMES: [HeaderName; 3] = [TRACEPARENT, REQUEST_ID, GRPC_TIMEOUT];

/// Requests from one introduction to the next: what others put into the table
/// meanwhile pushes the names out at last. Seldom, since the table is looked
/// through from the first of a name to its last.
const EVERY: u32 = 4_096;

/// A header that is kept out of the table is written with its whole name,
/// which costs both ends more than its value, unless the table has the name
/// from another one. So some requests put theirs in.
#[derive(Debug, Default)]
pub(crate) struct Names(AtomicU32);

impl Names {
    /// Lets the first request of a connection, and every so many after it, put
    /// its names into the table.
    pub(crate) fn introduce(&self, headers: &mut HeaderMap) {
        if !self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(EVERY) {
            return;
        }
        for name in NAMES {
            if let Some(value) = headers.get_mut(name) {
                value.set_sensitive(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::request_id::once;

    #[test]
    fn names_are_introduced_by_the_first_request_and_by_some_later_and_nothing_else_is() {
        let names = Names::default();
        let introduced: Vec<u32> = (0..10_000)
            .filter(|_| {
                let mut headers = HeaderMap::new();
                headers.insert(TRACEPARENT, once(HeaderValue::from_static("00-1-1-01")));
                headers.insert("authorization", once(HeaderValue::from_static("secret")));
                names.introduce(&mut headers);
                assert!(headers["authorization"].is_sensitive());
                !headers[TRACEPARENT].is_sensitive()
            })
            .collect();
        assert_eq!(introduced, [0, 4_096, 8_192]);
    }
}
