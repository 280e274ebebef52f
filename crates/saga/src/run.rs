use std::any::Any;
use std::collections::HashMap;

use bytes::Bytes;
use covergen_proto::task::v1::LeasedTask;
use tokio_util::sync::CancellationToken;

/// Why a task ends without success, as its owner will read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable reason, such as `QUOTA_EXHAUSTED`.
    pub reason: String,
    /// A sentence for people.
    pub message: String,
}

/// Work begun before its step: whatever the saga needs to find it again. It is
/// dropped with the attempt, and dropping it must end the work.
pub type Ahead = Box<dyn Any + Send + Sync>;

/// One task in a worker's hands.
pub struct Run {
    task: LeasedTask,
    outputs: HashMap<&'static str, Bytes>,
    failure: Option<Failure>,
    stop: CancellationToken,
    ahead: Option<Ahead>,
}

impl Run {
    pub(crate) fn new(task: LeasedTask, stop: CancellationToken) -> Self {
        Self {
            task,
            outputs: HashMap::new(),
            failure: None,
            stop,
            ahead: None,
        }
    }

    /// The task as it was leased.
    #[must_use]
    pub const fn task(&self) -> &LeasedTask {
        &self.task
    }

    /// Task id.
    #[must_use]
    pub fn task_id(&self) -> &str {
        &self.task.task_id
    }

    /// The payload it was submitted with.
    #[must_use]
    pub const fn payload(&self) -> &Bytes {
        &self.task.payload
    }

    /// What an earlier step left.
    #[must_use]
    pub fn output(&self, step: &str) -> Option<&Bytes> {
        self.outputs.get(step)
    }

    /// Why the task is being undone; `None` while it goes forward.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Cancelled when the work is to stop: somebody asked, or the lease is
    /// lost. A step need not look: it is dropped then; long work on other
    /// threads should.
    #[must_use]
    pub const fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// What [`crate::Saga::ahead`] began, if it began something of this type.
    #[must_use]
    pub fn ahead<T: 'static>(&self) -> Option<&T> {
        self.ahead.as_ref()?.downcast_ref()
    }

    pub(crate) fn begin(&mut self, ahead: Option<Ahead>) {
        self.ahead = ahead;
    }

    pub(crate) fn keep(&mut self, step: &'static str, output: Bytes) {
        self.outputs.insert(step, output);
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }
}
