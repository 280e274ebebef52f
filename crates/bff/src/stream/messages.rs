//! The messages of a stream, however it came to be watched.

use tonic::{Code, Status, Streaming};

use super::{Next, Watcher};

/// A stream of the service's messages: one of the caller's own, or one that
/// others watch as well.
pub struct Messages<T>(Source<T>);

enum Source<T> {
    Own(Box<Streaming<T>>),
    Shared(Box<Watcher>),
}

impl<T> From<Streaming<T>> for Messages<T> {
    fn from(stream: Streaming<T>) -> Self {
        Self(Source::Own(Box::new(stream)))
    }
}

impl<T> From<Watcher> for Messages<T> {
    fn from(watcher: Watcher) -> Self {
        Self(Source::Shared(Box::new(watcher)))
    }
}

impl<T: prost::Message + Default + 'static> Messages<T> {
    /// The next message; none at a good end.
    pub(super) async fn message(&mut self) -> Result<Option<T>, Status> {
        let watcher = match &mut self.0 {
            Source::Own(stream) => return stream.message().await,
            Source::Shared(watcher) => watcher,
        };
        match watcher.next().await {
            Next::Message(framed) => T::decode(framed.message()).map(Some).map_err(|error| {
                Status::internal(format!("what a stream sent is not its message: {error}"))
            }),
            Next::End(end) => match end.into_status() {
                status if status.code() == Code::Ok => Ok(None),
                status => Err(status),
            },
        }
    }
}

impl<T> std::fmt::Debug for Messages<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Messages")
    }
}
