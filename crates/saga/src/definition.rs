use async_trait::async_trait;
use bytes::Bytes;

use crate::{Ahead, Failure, Run};

/// One step of a saga, as data. What it does stands in [`Saga::run`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Name in the journal; must not change within a version.
    pub name: &'static str,
    /// The point of no return. At most one step is it.
    pub pivot: bool,
    /// Whether [`Saga::compensate`] undoes it.
    pub compensated: bool,
    /// Progress in percent once it is done.
    pub progress_percent: i32,
}

impl Step {
    /// A step that its compensation undoes.
    #[must_use]
    pub const fn new(name: &'static str, progress_percent: i32) -> Self {
        Self {
            name,
            pivot: false,
            compensated: true,
            progress_percent,
        }
    }

    /// A step that leaves nothing to undo.
    #[must_use]
    pub const fn harmless(name: &'static str, progress_percent: i32) -> Self {
        Self {
            name,
            pivot: false,
            compensated: false,
            progress_percent,
        }
    }

    /// The point of no return.
    #[must_use]
    pub const fn pivot(name: &'static str, progress_percent: i32) -> Self {
        Self {
            name,
            pivot: true,
            compensated: false,
            progress_percent,
        }
    }
}

/// Why a step did not work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StepError {
    /// It may work later, and whether it took effect may be unknown.
    #[error("{0}")]
    Transient(String),
    /// It was refused for good and took no effect.
    #[error("{}", .0.message)]
    Fatal(Failure),
}

impl StepError {
    /// Refused for good.
    pub fn fatal(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Fatal(Failure {
            reason: reason.into(),
            message: message.into(),
        })
    }

    /// Judges another service's answer: what may be different next time is
    /// transient, what the request itself is at fault for is fatal.
    ///
    /// What services think of each other is not the task's fault: while keys or
    /// certificates are changed, or one of them is updated before the other, one
    /// may not know the other yet.
    #[must_use]
    pub fn from_status(status: &tonic::Status) -> Self {
        use tonic::Code;
        use tonic_types::StatusExt as _;
        match status.code() {
            Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::FailedPrecondition
            | Code::OutOfRange => {}
            Code::PermissionDenied if !is_of_callers(status) => {}
            // A quota that is used up stays so; a queue that is full does not,
            // and says so by telling when to come back.
            Code::ResourceExhausted if status.get_details_retry_info().is_none() => {}
            _ => return Self::Transient(format!("{:?}: {}", status.code(), status.message())),
        }
        let reason = status
            .get_details_error_info()
            .map_or_else(|| "STEP_REFUSED".to_owned(), |info| info.reason);
        Self::fatal(reason, status.message())
    }
}

/// Whether a refusal is about which service calls, and for whom.
fn is_of_callers(status: &tonic::Status) -> bool {
    use tonic_types::StatusExt as _;
    let reason = status.get_details_error_info().map(|info| info.reason);
    matches!(
        reason.as_deref(),
        Some("CALLER_NOT_PROVEN" | "PERMISSION_DENIED")
    )
}

/// A saga: its steps, and what each does and undoes.
#[async_trait]
pub trait Saga: Send + Sync + 'static {
    /// Kind of the tasks it works on, such as `cover.generate`.
    fn kind(&self) -> &'static str;

    /// Version of the steps. A task runs under the version it was submitted
    /// with; a saga says which steps each version still in the queue has.
    fn version(&self) -> i32;

    /// The steps of a version, in order; `None` when it is not known any more.
    fn steps(&self, version: i32) -> Option<&'static [Step]>;

    /// Begins work that has no effect outside this process, such as drawing,
    /// so that it goes on while the journal is written. The step it belongs to
    /// takes it from [`Run::ahead`], and must do without it as well: a later
    /// attempt may find other steps done.
    ///
    /// Called once an attempt, only if the attempt goes forward.
    fn ahead(&self, _run: &Run) -> Option<Ahead> {
        None
    }

    /// Does one step. Its output is kept in the journal and given to later
    /// steps, also after a restart.
    ///
    /// # Errors
    /// Transient or fatal; see [`StepError`].
    async fn run(&self, step: &'static str, run: &Run) -> Result<Bytes, StepError>;

    /// Undoes one step, whether or not it took effect.
    ///
    /// # Errors
    /// Transient ones are tried again later, for minutes; in the end, and at a
    /// fatal one, the task is left to an operator.
    async fn compensate(&self, step: &'static str, run: &Run) -> Result<(), StepError>;
}

#[cfg(test)]
mod tests {
    use tonic::{Code, Status};
    use tonic_types::{ErrorDetails, StatusExt as _};

    use super::StepError;

    fn refusal(code: Code, reason: &str) -> Status {
        let details = ErrorDetails::with_error_info(reason, "covergen", []);
        Status::with_error_details(code, "no", details)
    }

    /// While keys are changed a service may not know another for a while.
    #[test]
    fn what_services_think_of_each_other_may_be_different_next_time() {
        for (code, reason, passes) in [
            (Code::Unauthenticated, "TOKEN_INVALID", true),
            (Code::Unimplemented, "", true),
            (Code::PermissionDenied, "CALLER_NOT_PROVEN", true),
            (Code::PermissionDenied, "PERMISSION_DENIED", true),
            (Code::PermissionDenied, "NOT_YOURS", false),
            (Code::FailedPrecondition, "RESERVATION_NOT_HELD", false),
            (Code::ResourceExhausted, "QUOTA_EXHAUSTED", false),
            (Code::Unavailable, "", true),
        ] {
            let error = StepError::from_status(&refusal(code, reason));
            let is_transient = matches!(error, StepError::Transient(_));
            assert_eq!(is_transient, passes, "{code:?} {reason}");
        }
    }
}
