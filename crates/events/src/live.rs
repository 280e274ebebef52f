use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use futures::StreamExt;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

use crate::Live;

/// Messages a listener may fall behind before it misses the oldest.
pub(crate) const LIVE_BACKLOG: usize = 256;

/// Topics after which abandoned ones are swept out.
const SWEEP_AT: usize = 1024;

/// Unpersisted fan-out inside one process.
#[derive(Debug, Default)]
pub(crate) struct Topics {
    senders: Mutex<HashMap<String, broadcast::Sender<Bytes>>>,
}

impl Topics {
    /// Hands a message to whoever listens now.
    pub(crate) fn broadcast(&self, topic: &str, message: Bytes) {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = senders.get(topic)
            && sender.send(message).is_err()
        {
            senders.remove(topic);
        }
    }

    /// Listens to one topic.
    pub(crate) fn listen(&self, topic: &str) -> Live {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        // A topic nobody ever broadcasts to again would stay forever.
        if senders.len() >= SWEEP_AT {
            senders.retain(|_, sender| sender.receiver_count() > 0);
        }
        let receiver = senders
            .entry(topic.to_owned())
            .or_insert_with(|| broadcast::Sender::new(LIVE_BACKLOG))
            .subscribe();
        BroadcastStream::new(receiver)
            .filter_map(|message| async move { message.ok() })
            .boxed()
    }

    /// Ends every listener's stream.
    pub(crate) fn close(&self) {
        self.senders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_listener_misses_the_oldest_and_goes_on() {
        let topics = Topics::default();
        let mut live = topics.listen("task.a");
        for n in 0..LIVE_BACKLOG + 10 {
            topics.broadcast("task.a", Bytes::from(n.to_string()));
        }
        assert_eq!(live.next().await.unwrap(), "10");
    }

    #[tokio::test]
    async fn a_topic_that_everybody_left_is_forgotten() {
        let topics = Topics::default();
        drop(topics.listen("task.a"));
        topics.broadcast("task.a", Bytes::from_static(b"x"));
        assert!(topics.senders.lock().unwrap().is_empty());
    }
}
