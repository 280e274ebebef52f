use covergen_chassis::ServiceError;
use covergen_store::Refusal;
use tonic::Code;

use crate::domain::pattern::PatternError;

/// What can go wrong in safety.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A rule in force cannot be matched with.
    #[error("the rules cannot be used: {0}")]
    Pattern(#[from] PatternError),
    /// Work on another thread did not end.
    #[error("the work was interrupted")]
    Interrupted,
    /// Too many pictures are being looked at.
    #[error("too many pictures are being checked; try again shortly")]
    Busy,
    /// A picture cannot be read.
    #[error("the picture cannot be read: {problem}")]
    Picture {
        /// JSON name of the field.
        field: String,
        /// What the decoder objects to.
        problem: String,
    },
    /// Fields that the contract cannot check.
    #[error("the request is not valid")]
    Invalid(Vec<(String, String)>),
    /// Something that is not there, or not the caller's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A rule id or a hash that is taken.
    #[error("{0}")]
    Exists(&'static str),
    /// The rule was changed by somebody else meanwhile.
    #[error("the rule has version {current} by now")]
    VersionMismatch {
        /// Its newest version.
        current: i32,
    },
    /// A bound is reached.
    #[error("{0}")]
    TooMany(&'static str),
    /// Not in this state.
    #[error("{1}")]
    State(&'static str, &'static str),
    /// Only moderators may.
    #[error("only moderators may {0}")]
    NotModerator(&'static str),
    /// Who made a decision does not judge it.
    #[error("another reviewer must decide this: {0}")]
    NotIndependent(&'static str),
    /// Another service.
    #[error("{0}")]
    Upstream(#[from] tonic::Status),
    /// The database.
    #[error(transparent)]
    Store(#[from] covergen_store::Error),
}

impl Error {
    pub(crate) fn invalid(field: &str, problem: &(impl ToString + ?Sized)) -> Self {
        Self::Invalid(vec![(field.to_owned(), problem.to_string())])
    }
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::Pattern(_) | Self::Interrupted => Code::Internal,
            Self::Busy | Self::TooMany(_) => Code::ResourceExhausted,
            Self::Picture { .. } | Self::Invalid(_) => Code::InvalidArgument,
            Self::NotFound(_) => Code::NotFound,
            Self::Exists(_) => Code::AlreadyExists,
            Self::VersionMismatch { .. } => Code::Aborted,
            Self::State(..) => Code::FailedPrecondition,
            Self::NotModerator(_) | Self::NotIndependent(_) => Code::PermissionDenied,
            Self::Upstream(status) => status.code(),
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Pattern(_) => "RULES_INVALID",
            Self::Interrupted => "INTERNAL",
            Self::Busy => "BUSY",
            Self::Picture { .. } => "IMAGE_INVALID",
            Self::Invalid(_) => "INVALID_REQUEST",
            Self::NotFound(_) => "NOT_FOUND",
            Self::Exists(_) => "ALREADY_EXISTS",
            Self::VersionMismatch { .. } => "ETAG_MISMATCH",
            Self::TooMany(_) => "LIMIT_REACHED",
            Self::State(reason, _) => reason,
            Self::NotModerator(_) => "MODERATORS_ONLY",
            Self::NotIndependent(_) => "REVIEWER_NOT_INDEPENDENT",
            Self::Upstream(_) => "UPSTREAM",
            Self::Store(error) => covergen_chassis::store_reason(error),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::VersionMismatch { current } => vec![("currentVersion", current.to_string())],
            _ => Vec::new(),
        }
    }

    fn violations(&self) -> Vec<(String, String)> {
        match self {
            Self::Invalid(violations) => violations.clone(),
            Self::Picture { field, problem } => vec![(field.clone(), problem.clone())],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Busy => Some(std::time::Duration::from_secs(1)),
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
        !matches!(
            self,
            Self::Pattern(_) | Self::Interrupted | Self::Busy | Self::Upstream(_) | Self::Store(_)
        )
    }
}
