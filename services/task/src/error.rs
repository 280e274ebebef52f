use covergen_chassis::ServiceError;
use covergen_store::Refusal;
use tonic::Code;

/// What can go wrong in task.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such task in the caller's workspace.
    #[error("there is no such task")]
    TaskNotFound,
    /// The fencing token is not the latest, or the task is not running.
    #[error("this lease is over: another worker has the task, or it has ended")]
    LeaseLost,
    /// The task id is taken by a different task.
    #[error("this task id belongs to another task")]
    TaskIdTaken,
    /// A service named a kind that is another's.
    #[error("tasks of kind `{0}` belong to another service")]
    ForeignKind(String),
    /// Retry of a task that has not failed.
    #[error("only a failed or cancelled task can be retried; this one is {0}")]
    NotRetryable(&'static str),
    /// Delete of a task that has not ended.
    #[error("only a task that has ended can be deleted; this one is {0}")]
    NotEnded(&'static str),
    /// A field that the contract cannot check.
    #[error("{field}: {problem}")]
    Invalid {
        /// In proto3 JSON.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The event log does not answer.
    #[error("live updates are not available")]
    Live(#[from] covergen_events::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] covergen_store::Error),
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::TaskNotFound => Code::NotFound,
            Self::LeaseLost | Self::NotRetryable(_) | Self::NotEnded(_) => Code::FailedPrecondition,
            Self::TaskIdTaken => Code::AlreadyExists,
            Self::ForeignKind(_) | Self::Invalid { .. } => Code::InvalidArgument,
            Self::Live(_) => Code::Unavailable,
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::TaskNotFound => "TASK_NOT_FOUND",
            Self::LeaseLost => "LEASE_LOST",
            Self::TaskIdTaken => "TASK_ID_TAKEN",
            Self::ForeignKind(_) => "FOREIGN_KIND",
            Self::NotRetryable(_) => "TASK_NOT_RETRYABLE",
            Self::NotEnded(_) => "TASK_NOT_ENDED",
            Self::Invalid { .. } => "INVALID_REQUEST",
            Self::Live(_) => "LIVE_UPDATES_UNAVAILABLE",
            Self::Store(error) => covergen_chassis::store_reason(error),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Store(error) => covergen_chassis::store_retry_after(error),
            _ => None,
        }
    }

    fn violations(&self) -> Vec<(String, String)> {
        match self {
            Self::Invalid { field, problem } => vec![((*field).to_owned(), problem.clone())],
            _ => Vec::new(),
        }
    }
}

impl Refusal for Error {
    fn is_definite(&self) -> bool {
        !matches!(self, Self::Store(_) | Self::Live(_))
    }
}
