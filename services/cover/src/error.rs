use covergen_chassis::ServiceError;
use covergen_store::Refusal;
use covergen_studio::StudioError;
use tonic::Code;

use crate::bulk::Findings;

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
    /// Changes from so long ago are not remembered any more.
    #[error("this cursor is too old: begin anew without one, and replace what you have")]
    CursorExpired,
    /// No such bulk among the caller's.
    #[error("there is no such bulk")]
    BulkNotFound,
    /// Many rows, and what is wrong with them.
    #[error("the rows are not valid: {total} problems, of which {} are listed", listed.len())]
    BulkInvalid {
        /// The first of them.
        listed: Vec<(String, String)>,
        /// How many there are.
        total: usize,
    },
    /// The caller's tier has no bulks.
    #[error("covers are made in bulk with the tier pro_plus")]
    TierRequired,
    /// The caller has too many bulks under way.
    #[error("{0} bulks are under way already; wait for one to end")]
    TooManyBulks(u64),
    /// A photo or logo cannot be used.
    #[error("the picture cannot be used: {0}")]
    PictureUnreadable(String),
    /// Nobody can be told at once.
    #[error("live updates are not to be had now")]
    Live(#[from] covergen_events::Error),
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

    /// The sentence for whoever reads it much later, with the fields at fault.
    pub(crate) fn told(&self) -> String {
        let Self::Invalid(found) = self else {
            return self.to_string();
        };
        let problems: Vec<String> = found
            .iter()
            .map(|(field, problem)| format!("{field}: {problem}"))
            .collect();
        problems.join("; ")
    }
}

impl From<Findings> for Error {
    fn from(found: Findings) -> Self {
        Self::BulkInvalid {
            listed: found.listed,
            total: found.total,
        }
    }
}

/// The stable reason of an error.
pub(crate) fn reason_of(error: &Error) -> &'static str {
    error.reason()
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::Invalid(_) | Self::BulkInvalid { .. } | Self::PictureUnreadable(_) => {
                Code::InvalidArgument
            }
            Self::ContentBlocked { .. } | Self::TierRequired | Self::CursorExpired => {
                Code::FailedPrecondition
            }
            Self::TaskNotFound | Self::CoverNotFound | Self::BulkNotFound => Code::NotFound,
            Self::TooManyBulks(_) => Code::ResourceExhausted,
            Self::Live(_) => Code::Unavailable,
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
            Self::Invalid(_) | Self::BulkInvalid { .. } => "INVALID_REQUEST",
            Self::BulkNotFound => "BULK_NOT_FOUND",
            Self::CursorExpired => "CURSOR_EXPIRED",
            Self::TierRequired => "TIER_REQUIRED",
            Self::TooManyBulks(_) => "TOO_MANY_BULKS",
            Self::PictureUnreadable(_) => "PICTURE_UNREADABLE",
            Self::Live(_) => "UNAVAILABLE",
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
            Self::TierRequired => vec![("requiredTier", "pro_plus".to_owned())],
            Self::BulkInvalid { total, .. } => vec![("violationCount", total.to_string())],
            _ => Vec::new(),
        }
    }

    fn violations(&self) -> Vec<(String, String)> {
        match self {
            Self::Invalid(violations) => violations.clone(),
            Self::BulkInvalid { listed, .. } => listed.clone(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::NotSubmitted | Self::Live(_) => Some(std::time::Duration::from_secs(1)),
            Self::TooManyBulks(_) => Some(std::time::Duration::from_secs(30)),
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
            Self::Store(_) | Self::Corrupt(_) | Self::NotSubmitted | Self::Live(_) => false,
            Self::Studio(error) => error.is_input(),
            _ => true,
        }
    }
}
