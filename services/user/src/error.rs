use covergen_chassis::ServiceError;
use covergen_store::Refusal;
use tonic::Code;

/// What can go wrong in user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such user, or not the caller.
    #[error("there is no such user")]
    UserNotFound,
    /// The allowance is used up.
    #[error("{}", exhausted_sentence(.upgrade.as_deref(), *.remaining))]
    QuotaExhausted {
        /// Units left, fewer than were asked for.
        remaining: i32,
        /// When the period ends, in Unix milliseconds.
        resets_at_ms: i64,
        /// The least tier that would grant the request, if one would.
        upgrade: Option<String>,
    },
    /// Commit, release or refund of what is not held.
    #[error("there is no such reservation to {0}")]
    ReservationNotHeld(&'static str),
    /// Commit or refund of more than there is.
    #[error("at most {most} units can be {verb}, not {asked}")]
    TooMany {
        /// What was asked for.
        asked: i32,
        /// The bound.
        most: i32,
        /// What was to happen.
        verb: &'static str,
    },
    /// The user name is taken.
    #[error("this user name is taken; choose another")]
    UsernameTaken,
    /// The preferences were changed meanwhile.
    #[error("the preferences are not the ones that the etag names any more")]
    EtagMismatch,
    /// Deleting an account needs to be meant.
    #[error("to delete the account with everything in it, set `confirmation` to `{0}`")]
    NotConfirmed(&'static str),
    /// No such copy, or it is over.
    #[error("there is no such copy of your data any more; ask for a new one")]
    DataExportNotFound,
    /// Too many at once.
    #[error("copies are being made already; try again shortly")]
    Busy,
    /// A copy that cannot be written.
    #[error("the copy cannot be written: {0}")]
    Copy(covergen_archive::ZipError),
    /// An administrator shutting themselves out.
    #[error("you cannot suspend your own account")]
    OwnAccount,
    /// Fields that the contract cannot check.
    #[error("the request is not valid")]
    Invalid(Vec<(String, String)>),
    /// Another service.
    #[error("{0}")]
    Upstream(#[from] tonic::Status),
    /// The database.
    #[error(transparent)]
    Store(#[from] covergen_store::Error),
}

fn exhausted_sentence(upgrade: Option<&str>, remaining: i32) -> String {
    let lift = upgrade
        .map(|next| format!(", or upgrade to {next}"))
        .unwrap_or_default();
    format!("this month's covers are used up: {remaining} left; wait until the month ends{lift}")
}

impl Error {
    pub(crate) fn invalid(field: &str, problem: &(impl ToString + ?Sized)) -> Self {
        Self::Invalid(vec![(field.to_owned(), problem.to_string())])
    }
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::UserNotFound | Self::DataExportNotFound => Code::NotFound,
            Self::QuotaExhausted { .. } | Self::Busy => Code::ResourceExhausted,
            Self::ReservationNotHeld(_)
            | Self::TooMany { .. }
            | Self::NotConfirmed(_)
            | Self::OwnAccount => Code::FailedPrecondition,
            Self::EtagMismatch => Code::Aborted,
            Self::Copy(_) => Code::Internal,
            Self::UsernameTaken => Code::AlreadyExists,
            Self::Invalid(_) => Code::InvalidArgument,
            Self::Upstream(status) => status.code(),
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::UserNotFound => "USER_NOT_FOUND",
            Self::QuotaExhausted { .. } => "QUOTA_EXHAUSTED",
            Self::ReservationNotHeld(_) => "RESERVATION_NOT_HELD",
            Self::TooMany { .. } => "TOO_MANY_UNITS",
            Self::UsernameTaken => "USERNAME_TAKEN",
            Self::EtagMismatch => "ETAG_MISMATCH",
            Self::NotConfirmed(_) => "CONFIRMATION_NEEDED",
            Self::DataExportNotFound => "DATA_EXPORT_NOT_FOUND",
            Self::Busy => "BUSY",
            Self::Copy(_) => "INTERNAL",
            Self::OwnAccount => "OWN_ACCOUNT",
            Self::Invalid(_) => "INVALID_REQUEST",
            Self::Upstream(_) => "UPSTREAM",
            Self::Store(error) => covergen_chassis::store_reason(error),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::QuotaExhausted {
                remaining,
                resets_at_ms,
                upgrade,
            } => {
                let mut facts = vec![
                    ("bucket", "covers".to_owned()),
                    ("remaining", remaining.to_string()),
                    (
                        "resetsAt",
                        covergen_chassis::timestamp(*resets_at_ms).to_string(),
                    ),
                ];
                facts.extend(upgrade.clone().map(|next| ("upgradeTo", next)));
                facts
            }
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Busy => Some(std::time::Duration::from_secs(10)),
            Self::Store(error) => covergen_chassis::store_retry_after(error),
            _ => None,
        }
    }

    fn violations(&self) -> Vec<(String, String)> {
        match self {
            Self::Invalid(violations) => violations.clone(),
            _ => Vec::new(),
        }
    }

    fn quota(&self) -> Option<(String, String)> {
        match self {
            Self::QuotaExhausted { .. } => Some(("covers".to_owned(), self.to_string())),
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
        !matches!(self, Self::Busy | Self::Upstream(_) | Self::Store(_))
    }
}
