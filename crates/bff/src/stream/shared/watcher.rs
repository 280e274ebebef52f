//! One caller who watches a stream.

use std::sync::Arc;

use http::HeaderMap;
use tokio::sync::watch;
use tokio::time::Instant;
use tonic::Status;

use super::log::{End, Log, Next};
use super::{Ask, Stream, Watches};
use crate::deadline;

/// Sees what a shared stream says. Dropping it stops watching.
pub(crate) struct Watcher {
    watches: Watches,
    ask: Ask,
    log: watch::Receiver<Log>,
    /// Number of the message that comes next for this one.
    position: u64,
    /// The stream bears this one's own name.
    is_opener: bool,
    /// When this caller has had enough, as it said.
    until: Option<Instant>,
    /// Kept open by those who watch.
    stream: Arc<Stream>,
}

impl Watcher {
    pub(super) fn new(watches: Watches, ask: Ask, stream: Arc<Stream>, is_opener: bool) -> Self {
        let log = stream.log.clone();
        let position = begins_at(&log, is_opener);
        Self {
            watches,
            ask,
            log,
            position,
            is_opener,
            until: None,
            stream,
        }
    }

    /// The same, ending by a deadline of its own, of which the service and the
    /// other watchers know nothing.
    pub(crate) fn until(mut self, deadline: Option<Instant>) -> Self {
        self.until = deadline;
        self
    }

    /// The metadata before the messages.
    ///
    /// # Errors
    /// What came instead of a stream.
    pub(crate) async fn opened(&mut self) -> Result<HeaderMap, End> {
        loop {
            let head = self.log.borrow_and_update().head();
            match head {
                Some(Err(end)) if self.is_for_another(&end) => self.ask_anew(),
                Some(head) => return head,
                None => self.changed().await?,
            }
        }
    }

    /// The next message, or the end, again and again. Giving up the wait loses
    /// nothing.
    pub(crate) async fn next(&mut self) -> Next {
        loop {
            if let Err(problem) = (self.ask.sight.standing)() {
                return Next::End(End::of(&problem));
            }
            if self.until.is_some_and(|until| until <= Instant::now()) {
                return Next::End(End::of(&deadline::over()));
            }
            let next = self.log.borrow_and_update().after(&mut self.position);
            match next {
                Some(Next::End(end)) if self.is_for_another(&end) => self.ask_anew(),
                Some(next) => return next,
                None => {
                    if let Err(end) = self.changed().await {
                        return Next::End(end);
                    }
                }
            }
        }
    }

    /// Whether an end concerns the caller in whose name the stream was opened,
    /// whose session may have ended, and says nothing about this one. Services
    /// that ask others do not pass on what those say of it.
    fn is_for_another(&self, end: &End) -> bool {
        !self.is_opener
            && (end.is_unauthenticated() || !end.is_good() && (self.stream.opener)().is_err())
    }

    /// Watches in this caller's own name, or that of another who may. The state
    /// may be told twice. Each time one goes who was refused by name, so this
    /// comes to an end.
    fn ask_anew(&mut self) {
        let (stream, is_opener) = self.watches.stream(&self.ask);
        self.log = stream.log.clone();
        self.position = begins_at(&self.log, is_opener);
        self.is_opener = is_opener;
        self.stream = stream;
    }

    async fn changed(&mut self) -> Result<(), End> {
        let changed = self.log.changed();
        let changed = match self.until {
            None => changed.await,
            Some(until) => match tokio::time::timeout_at(until, changed).await {
                Ok(changed) => changed,
                Err(_) => return Err(End::of(&deadline::over())),
            },
        };
        changed.map_err(|_| End::Broken(Status::unavailable("a stream broke off")))
    }
}

/// Whoever opens a stream sees all of it, also what came before they looked;
/// others begin with the latest state.
fn begins_at(log: &watch::Receiver<Log>, is_opener: bool) -> u64 {
    if is_opener {
        0
    } else {
        log.borrow().position()
    }
}
