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
    /// The database.
    #[error(transparent)]
    Store(#[from] covergen_store::Error),
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::Pattern(_) | Self::Interrupted => Code::Internal,
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Pattern(_) => "RULES_INVALID",
            Self::Interrupted => "INTERNAL",
            Self::Store(error) => covergen_chassis::store_reason(error),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Store(error) => covergen_chassis::store_retry_after(error),
            _ => None,
        }
    }
}

impl Refusal for Error {
    fn is_definite(&self) -> bool {
        false
    }
}
