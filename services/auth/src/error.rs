use covergen_chassis::ServiceError;
use covergen_store::Refusal;
use tonic::Code;

/// What can go wrong in auth.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// E-mail or password do not match; which of the two is not told.
    #[error("e-mail or password is wrong")]
    InvalidCredentials,
    /// Registration with an address that has an account.
    #[error("an account with this e-mail exists; sign in instead")]
    EmailTaken,
    /// The refresh token is unknown, or its time is over.
    #[error("this session has ended; sign in again")]
    SessionEnded,
    /// The refresh token was traded in long ago: its session is ended.
    #[error("this session was ended because its refresh token was used twice; sign in again")]
    RefreshTokenReused,
    /// No such session among the caller's.
    #[error("there is no such session")]
    SessionNotFound,
    /// No such account.
    #[error("there is no such account")]
    AccountNotFound,
    /// A field that the contract cannot check.
    #[error("{field}: {problem}")]
    Invalid {
        /// In proto3 JSON.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Hashing failed, which it does not.
    #[error("a password could not be hashed")]
    Hashing,
    /// A token could not be signed.
    #[error("a token could not be signed: {0}")]
    Token(#[from] covergen_identity::TokenError),
    /// The database.
    #[error(transparent)]
    Store(#[from] covergen_store::Error),
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::InvalidCredentials | Self::SessionEnded | Self::RefreshTokenReused => {
                Code::Unauthenticated
            }
            Self::EmailTaken => Code::AlreadyExists,
            Self::SessionNotFound | Self::AccountNotFound => Code::NotFound,
            Self::Invalid { .. } => Code::InvalidArgument,
            Self::Hashing | Self::Token(_) => Code::Internal,
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::InvalidCredentials => "INVALID_CREDENTIALS",
            Self::EmailTaken => "EMAIL_TAKEN",
            Self::SessionEnded => "SESSION_ENDED",
            Self::RefreshTokenReused => "REFRESH_TOKEN_REUSED",
            Self::SessionNotFound => "SESSION_NOT_FOUND",
            Self::AccountNotFound => "ACCOUNT_NOT_FOUND",
            Self::Invalid { .. } => "INVALID_REQUEST",
            Self::Hashing | Self::Token(_) => "INTERNAL",
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
        !matches!(self, Self::Hashing | Self::Token(_) | Self::Store(_))
    }
}
