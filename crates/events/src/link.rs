use std::future::pending;

use tokio::sync::watch;

/// What a client knows of its connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Connection {
    /// There is one.
    pub(crate) is_up: bool,
    /// Connections so far.
    pub(crate) count: u64,
}

impl Connection {
    /// Takes in that there is one or not, and how many there have been; answers
    /// whether that is news. What is told twice, or late, counts once.
    pub(crate) fn learn(&mut self, is_up: bool, count: u64) -> bool {
        let before = *self;
        self.is_up = is_up;
        if is_up {
            self.count = self.count.max(count);
        }
        *self != before
    }
}

/// Whether an engine can be reached, as far as its client knows: whoever needs
/// it waits here, without asking again and again. An embedded engine always
/// can be.
#[derive(Debug, Clone, Default)]
pub struct Link {
    connection: Option<watch::Receiver<Connection>>,
    /// Connections that [`Link::renewed`] has told of.
    told: u64,
}

impl Link {
    pub(crate) fn of(connection: watch::Receiver<Connection>) -> Self {
        let told = connection.borrow().count;
        Self {
            connection: Some(connection),
            told,
        }
    }

    /// Whether it can be reached now.
    #[must_use]
    pub fn is_up(&self) -> bool {
        let connection = self.connection.as_ref();
        connection.is_none_or(|connection| connection.borrow().is_up)
    }

    /// Comes back once it can be reached: at once where it can be now.
    pub async fn up(&mut self) {
        if self.connection.is_some() {
            self.wait(|now| now.is_up).await;
        }
    }

    /// Comes back once it cannot be reached.
    pub(crate) async fn down(&mut self) {
        self.wait(|now| !now.is_up).await;
    }

    /// Comes back once it can be reached anew: when a connection was made that
    /// this link has not told of yet.
    pub async fn renewed(&mut self) {
        let told = self.told;
        self.told = self.wait(|now| now.is_up && now.count > told).await;
    }

    /// Waits until something holds; how many connections there were by then.
    async fn wait(&mut self, holds: impl FnMut(&Connection) -> bool) -> u64 {
        let Some(connection) = &mut self.connection else {
            return pending().await;
        };
        if let Ok(now) = connection.wait_for(holds).await {
            return now.count;
        }
        // The log is gone, and with it whoever would connect.
        pending().await
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_connection_made_meanwhile_is_told_once() {
        let connection = watch::Sender::new(Connection::default());
        let mut link = Link::of(connection.subscribe());
        assert!(!link.is_up());
        assert!(link.up().now_or_never().is_none());
        connection.send_if_modified(|now| now.learn(true, 1));
        connection.send_if_modified(|now| now.learn(false, 1));
        assert!(link.renewed().now_or_never().is_none(), "lost again");
        connection.send_if_modified(|now| now.learn(true, 2));
        assert!(link.up().now_or_never().is_some());
        assert!(link.renewed().now_or_never().is_some());
        assert!(link.renewed().now_or_never().is_none(), "told already");
        assert!(!connection.send_if_modified(|now| now.learn(true, 2)));
        assert!(
            link.renewed().now_or_never().is_none(),
            "it is the same one"
        );
    }

    #[tokio::test]
    async fn an_embedded_engine_is_always_there_and_never_comes_back() {
        let mut link = Link::default();
        assert!(link.is_up());
        assert!(link.up().now_or_never().is_some());
        assert!(link.down().now_or_never().is_none());
        assert!(link.renewed().now_or_never().is_none());
    }
}
