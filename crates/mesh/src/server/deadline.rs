//! No call takes longer than its caller waits, or than the server allows.

use std::{pin::pin, time::Duration};

use tokio::time::timeout;
use tonic::Status;

use super::{
    Answer, Inbound, ServerConfig,
    config::millis,
    watchdog::{Activity, Watchdog},
};
use crate::{MethodFacts, hop::Hop, timeout};

/// Enforces `grpc-timeout` and the server's own bounds.
///
/// Unary calls: the earlier of the two. Streams: the timeout if there is one,
/// an idle limit and a lifetime. A method of no known contract is watched like
/// a stream, but has to begin its answer within the time of a unary call.
pub(crate) struct Deadline<H> {
    unary: Duration,
    idle: Duration,
    lifetime: Duration,
    inner: H,
}

impl<H: Hop<Inbound, Answer = Answer, Failure = Status>> Deadline<H> {
    pub(crate) fn new(config: &ServerConfig, inner: H) -> Self {
        Self {
            unary: millis(config.unary_timeout_ms),
            idle: millis(config.stream_idle_ms),
            lifetime: millis(config.stream_lifetime_ms),
            inner,
        }
    }

    async fn unary(&self, mut inbound: Inbound, asked: Option<Duration>) -> Result<Answer, Status> {
        let end = inbound.at + asked.map_or(self.unary, |asked| asked.min(self.unary));
        inbound.context = inbound.context.with_deadline(Some(end));
        let mut watchdog = Watchdog::new(end, deadline_passed);
        // Pinned here, since moving it costs as much as a layer.
        let answering = pin!(self.inner.call(inbound));
        let mut answer = watchdog.over(answering).await?;
        answer.tail.watchdog = Some(watchdog);
        Ok(answer)
    }

    async fn stream(
        &self,
        mut inbound: Inbound,
        asked: Option<Duration>,
    ) -> Result<Answer, Status> {
        let now = inbound.at;
        let (end, at_end): (_, fn() -> Status) = match asked {
            Some(asked) if asked < self.lifetime => (now + asked, deadline_passed),
            _ => (now + self.lifetime, lifetime_over),
        };
        let deadline = asked.map(|_| end);
        inbound.context = inbound.context.with_deadline(deadline);
        let activity = Activity::start(now);
        let draining = inbound.draining.take();
        let mut watchdog =
            Watchdog::new(end, at_end).of_stream(self.idle, activity.clone(), draining.as_deref());
        inbound.content = std::mem::take(&mut inbound.content).watched(activity);
        let uploads = inbound.facts.is_some_and(|facts| facts.client_streaming);
        let answering = pin!(self.inner.call(inbound));
        let answering = watchdog.over(answering);
        let mut answer = if uploads {
            // It answers when the upload is done, which has no set length.
            answering.await?
        } else {
            let begun = timeout(self.unary, answering).await;
            begun.map_err(|_| deadline_passed())??
        };
        answer.tail.watchdog = Some(watchdog);
        Ok(answer)
    }
}

fn deadline_passed() -> Status {
    Status::deadline_exceeded("the deadline passed before the call was finished")
}

fn lifetime_over() -> Status {
    Status::unavailable("the stream has lived long enough; open it again")
}

impl<H: Hop<Inbound, Answer = Answer, Failure = Status>> Hop<Inbound> for Deadline<H> {
    type Answer = Answer;
    type Failure = Status;

    async fn call(&self, inbound: Inbound) -> Result<Answer, Status> {
        let asked = match inbound.ends_at {
            Some(ends_at) => Some(ends_at.saturating_duration_since(inbound.at)),
            None => timeout::read(&inbound.head.headers)
                .map_err(|malformed| Status::invalid_argument(malformed.to_string()))?,
        };
        if inbound.facts.is_some_and(MethodFacts::is_unary) {
            self.unary(inbound, asked).await
        } else {
            self.stream(inbound, asked).await
        }
    }
}
