use covergen_chassis::ServiceError;
use covergen_store::Refusal;
use covergen_studio::StudioError;
use tonic::Code;

/// What can go wrong in cover.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Fields that the contract cannot check.
    #[error("the request is not valid")]
    Invalid(Vec<(String, String)>),
    /// A rule forbids the text.
    #[error("this text cannot stand on a cover ({category}); change it and try again")]
    ContentBlocked {
        /// Category of the worst match.
        category: String,
        /// Rule of the worst match.
        rule_id: String,
    },
    /// No such task among the caller's.
    #[error("there is no such task")]
    TaskNotFound,
    /// No such cover among the caller's.
    #[error("there is no such cover")]
    CoverNotFound,
    /// The task is not in the queue yet.
    #[error("the task is still on its way to the queue; try again in a moment")]
    NotSubmitted,
    /// The cover cannot be drawn.
    #[error("{0}")]
    Studio(#[from] StudioError),
    /// Another service.
    #[error("{0}")]
    Upstream(#[from] tonic::Status),
    /// The database.
    #[error(transparent)]
    Store(#[from] covergen_store::Error),
    /// A stored row cannot be read, which does not happen.
    #[error("a stored request cannot be read: {0}")]
    Corrupt(String),
}

impl Error {
    pub(crate) fn invalid(field: &str, problem: &(impl ToString + ?Sized)) -> Self {
        Self::Invalid(vec![(field.to_owned(), problem.to_string())])
    }
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::Invalid(_) => Code::InvalidArgument,
            Self::ContentBlocked { .. } => Code::FailedPrecondition,
            Self::TaskNotFound | Self::CoverNotFound => Code::NotFound,
            Self::NotSubmitted => Code::Aborted,
            Self::Studio(error) if error.is_input() => Code::InvalidArgument,
            Self::Studio(StudioError::Render(_)) => Code::FailedPrecondition,
            Self::Studio(_) | Self::Corrupt(_) => Code::Internal,
            Self::Upstream(status) => status.code(),
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "INVALID_REQUEST",
            Self::ContentBlocked { .. } => "CONTENT_BLOCKED",
            Self::TaskNotFound => "TASK_NOT_FOUND",
            Self::CoverNotFound => "COVER_NOT_FOUND",
            Self::NotSubmitted => "TASK_NOT_SUBMITTED",
            Self::Studio(_) => "COVER_NOT_DRAWABLE",
            Self::Corrupt(_) => "INTERNAL",
            Self::Upstream(_) => "UPSTREAM",
            Self::Store(error) => covergen_chassis::store_reason(error),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::ContentBlocked { category, rule_id } => {
                vec![("category", category.clone()), ("ruleId", rule_id.clone())]
            }
            _ => Vec::new(),
        }
    }

    fn violations(&self) -> Vec<(String, String)> {
        match self {
            Self::Invalid(violations) => violations.clone(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::NotSubmitted => Some(std::time::Duration::from_secs(1)),
            Self::Store(error) => covergen_chassis::store_retry_after(error),
            _ => None,
        }
    }

    fn upstream(&self) -> Option<&tonic::Status> {
        match self {
            Self::Upstream(status) => Some(status),
            _ => None,
        }
    }
}

impl Refusal for Error {
    fn is_definite(&self) -> bool {
        match self {
            Self::Upstream(status) => matches!(
                status.code(),
                Code::InvalidArgument
                    | Code::NotFound
                    | Code::FailedPrecondition
                    | Code::ResourceExhausted
            ),
            Self::Store(_) | Self::Corrupt(_) | Self::NotSubmitted => false,
            Self::Studio(error) => error.is_input(),
            _ => true,
        }
    }
}
