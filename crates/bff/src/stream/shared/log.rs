//! What a stream has said of late.

use std::collections::VecDeque;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use tonic::{Code, Status};

use super::Framed;
use crate::problem::Problem;

/// Messages kept for those who have not seen them yet.
const MAX_MESSAGES: usize = 32;
/// Bytes that they may have together. The latest is kept whatever its size.
const MAX_BYTES: usize = 256 * 1024;

/// The last messages of a stream, and what stands before and after them.
#[derive(Default)]
pub(super) struct Log {
    /// The metadata before the first message, once the service has answered.
    head: Option<HeaderMap>,
    recent: VecDeque<Framed>,
    bytes: usize,
    /// Number of the message that comes next.
    next: u64,
    end: Option<End>,
}

/// What comes next for a watcher.
pub(crate) enum Next {
    Message(Framed),
    End(End),
}

/// How a stream ended.
#[derive(Clone)]
pub(crate) enum End {
    /// As the service said, in these trailers, or in headers if it refused.
    Told(HeaderMap),
    /// Otherwise.
    Broken(Status),
}

impl End {
    pub(super) fn of(problem: &Problem) -> Self {
        Self::Told(trailers(problem))
    }

    /// The status; OK at a good end.
    pub(crate) fn into_status(self) -> Status {
        match self {
            Self::Told(trailers) => Status::from_header_map(&trailers)
                .unwrap_or_else(|| Status::internal("a stream ended without a status")),
            Self::Broken(status) => status,
        }
    }

    pub(super) fn is_good(&self) -> bool {
        self.clone().into_status().code() == Code::Ok
    }

    pub(super) fn is_unauthenticated(&self) -> bool {
        self.clone().into_status().code() == Code::Unauthenticated
    }
}

/// A problem as the trailers of a gRPC answer.
pub(crate) fn trailers(problem: &Problem) -> HeaderMap {
    let (mut told, ()) = problem.to_status().into_http().into_parts();
    told.headers.remove(CONTENT_TYPE);
    told.headers
}

impl Log {
    pub(super) fn begin(&mut self, head: HeaderMap) {
        self.head = Some(head);
    }

    pub(super) fn push(&mut self, message: Framed) {
        self.next += 1;
        self.bytes += message.len();
        self.recent.push_back(message);
        while self.recent.len() > MAX_MESSAGES || (self.bytes > MAX_BYTES && self.recent.len() > 1)
        {
            let oldest = self.recent.pop_front();
            self.bytes -= oldest.map_or(0, |message| message.len());
        }
    }

    pub(super) fn end(&mut self, end: End) {
        self.end = Some(end);
    }

    pub(super) fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// The metadata before the messages, or why there will be none.
    pub(super) fn head(&self) -> Option<Result<HeaderMap, End>> {
        match (&self.head, &self.end) {
            (Some(head), _) => Some(Ok(head.clone())),
            (None, Some(end)) => Some(Err(end.clone())),
            (None, None) => None,
        }
    }

    /// Where one begins who comes now: with the latest message, if there is one.
    pub(super) fn position(&self) -> u64 {
        self.next.saturating_sub(1)
    }

    /// What comes next for one who has seen what is before `position`, which
    /// moves on.
    pub(super) fn after(&self, position: &mut u64) -> Option<Next> {
        let unseen = usize::try_from(self.next - *position).unwrap_or(usize::MAX);
        if unseen == 0 {
            return self.end.clone().map(Next::End);
        }
        // What was lost on the way is contained in the latest.
        let at = self.recent.len().checked_sub(unseen);
        let at = at.unwrap_or(self.recent.len() - 1);
        *position = self.next - (self.recent.len() - at) as u64 + 1;
        self.recent.get(at).cloned().map(Next::Message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(number: u64, padding: usize) -> Framed {
        let text = format!("{number}{}", "x".repeat(padding));
        Framed::of(text.into())
    }

    fn first(next: Option<Next>) -> Option<String> {
        match next? {
            Next::Message(message) => String::from_utf8(message.into_bytes().to_vec()).ok(),
            Next::End(_) => Some("end".to_owned()),
        }
    }

    #[test]
    fn who_keeps_up_sees_all_and_who_comes_late_begins_with_the_latest() {
        let mut log = Log::default();
        let mut early = log.position();
        assert!(log.after(&mut early).is_none());
        log.push(framed(1, 0));
        log.push(framed(2, 0));
        let mut late = log.position();
        log.push(framed(3, 0));
        log.end(End::Told(HeaderMap::new()));
        for expected in ["1", "2", "3", "end", "end"] {
            assert_eq!(first(log.after(&mut early)).unwrap(), expected);
        }
        for expected in ["2", "3", "end"] {
            assert_eq!(first(log.after(&mut late)).unwrap(), expected);
        }
    }

    #[test]
    fn who_is_too_slow_goes_on_with_the_latest() {
        let mut log = Log::default();
        let mut slow = log.position();
        for number in 0..1_000 {
            log.push(framed(number, 0));
        }
        assert_eq!(log.recent.len(), MAX_MESSAGES);
        assert_eq!(first(log.after(&mut slow)).unwrap(), "999");
        assert!(log.after(&mut slow).is_none());
        log.push(framed(1_000, 0));
        assert_eq!(first(log.after(&mut slow)).unwrap(), "1000");
    }

    #[test]
    fn large_messages_are_kept_no_longer_than_there_is_room() {
        let mut log = Log::default();
        let mut slow = log.position();
        for number in 0..5 {
            log.push(framed(number, 2 * MAX_BYTES));
            assert_eq!(log.recent.len(), 1);
        }
        assert!(first(log.after(&mut slow)).unwrap().starts_with('4'));
        log.push(framed(5, 0));
        assert_eq!((log.recent.len(), log.bytes), (1, 1));
    }
}
