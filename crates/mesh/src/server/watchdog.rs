//! Ends calls that take too long, and streams on which nothing happens.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::Status;

use super::Answer;
use crate::body::BodyWatch;

/// Watches one call, first while it is answered and then, as part of the
/// body, while the answer is sent.
pub(crate) struct Watchdog {
    end: Instant,
    /// Set only once something has to be waited for.
    alarm: Option<Pin<Box<Sleep>>>,
    at_end: fn() -> Status,
    /// Whether an answer has begun to pass.
    passing: bool,
    /// What a stream ends for besides.
    stream: Option<Box<Stream>>,
}

struct Stream {
    idle_limit: Duration,
    idle_alarm: Pin<Box<Sleep>>,
    activity: Activity,
    draining: Option<(CancellationToken, Pin<Box<WaitForCancellationFutureOwned>>)>,
}

/// When a message last passed, either way.
#[derive(Clone)]
pub(crate) struct Activity {
    began: Instant,
    last_ms: Arc<AtomicU64>,
}

impl Activity {
    pub(crate) fn start(began: Instant) -> Self {
        Self {
            began,
            last_ms: Arc::default(),
        }
    }

    fn note(&self) {
        let elapsed_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(elapsed_ms, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.began + Duration::from_millis(self.last_ms.load(Ordering::Relaxed))
    }
}

/// The stream of requests is watched for signs of life.
impl BodyWatch for Activity {
    fn frame(&mut self, _frame: &mut Frame<Bytes>) -> Result<(), Status> {
        self.note();
        Ok(())
    }
}

impl Watchdog {
    /// Ends the call at `end` with what `at_end` says.
    pub(crate) fn new(end: Instant, at_end: fn() -> Status) -> Self {
        Self {
            end,
            alarm: None,
            at_end,
            passing: false,
            stream: None,
        }
    }

    /// Ends it also once nothing has passed for `idle_limit`, and when its
    /// connection is about to close.
    pub(crate) fn of_stream(
        mut self,
        idle_limit: Duration,
        activity: Activity,
        draining: Option<&CancellationToken>,
    ) -> Self {
        let draining = draining.cloned();
        self.stream = Some(Box::new(Stream {
            idle_limit,
            idle_alarm: Box::pin(sleep_until(activity.last() + idle_limit)),
            activity,
            draining: draining.map(|token| (token.clone(), Box::pin(token.cancelled_owned()))),
        }));
        self
    }

    /// Waits for `answer`, at most as long as it may take.
    pub(crate) async fn over(
        &mut self,
        answer: Pin<&mut impl Future<Output = Result<Answer, Status>>>,
    ) -> Result<Answer, Status> {
        tokio::select! {
            biased;
            answer = answer => answer,
            // The clock, too: one that computes without end leaves no turn for an alarm.
            status = poll_fn(|cx| match self.cut() {
                Some(status) => Poll::Ready(status),
                None => self.poll_cut(cx),
            }) => Err(status),
        }
    }
}

fn going() -> Status {
    Status::unavailable("the server is going; open the stream again")
}

fn nothing_passed() -> Status {
    Status::deadline_exceeded("nothing passed on the stream")
}

impl BodyWatch for Watchdog {
    fn cut(&mut self) -> Option<Status> {
        if self.passing && self.stream.is_none() {
            // The trailers of a unary answer come with its message.
            return None;
        }
        let now = Instant::now();
        if now >= self.end {
            return Some((self.at_end)());
        }
        let stream = self.stream.as_ref()?;
        if let Some((token, _)) = &stream.draining
            && token.is_cancelled()
        {
            return Some(going());
        }
        (stream.activity.last() + stream.idle_limit <= now).then(nothing_passed)
    }

    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<Status> {
        let end = self.end;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if alarm.as_mut().poll(cx).is_ready() {
            return Poll::Ready((self.at_end)());
        }
        let Some(stream) = &mut self.stream else {
            return Poll::Pending;
        };
        if let Some((_, draining)) = &mut stream.draining
            && draining.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(going());
        }
        while stream.idle_alarm.as_mut().poll(cx).is_ready() {
            // Messages move the alarm only when it rings: most never make it.
            let due = stream.activity.last() + stream.idle_limit;
            if due <= Instant::now() {
                return Poll::Ready(nothing_passed());
            }
            stream.idle_alarm.as_mut().reset(due);
        }
        Poll::Pending
    }

    fn frame(&mut self, _frame: &mut Frame<Bytes>) -> Result<(), Status> {
        self.passing = true;
        if let Some(stream) = &self.stream {
            stream.activity.note();
        }
        Ok(())
    }
}
