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
    /// An admin has shut the account.
    #[error("this account is suspended; write to support")]
    AccountSuspended,
    /// The account rests.
    #[error("this account is not active; write to support")]
    AccountInactive,
    /// Nobody shuts the account they sit in.
    #[error("you cannot change the status of your own account")]
    OwnStatus,
    /// A mailed token is unknown, used or over.
    #[error("this link does not work any more; ask for a new one")]
    TokenInvalid,
    /// The password of today is not the one given.
    #[error("the password is wrong")]
    PasswordWrong,
    /// The last proof that the caller is there is too old.
    #[error("confirm that it is you first: /auth/reauthenticate")]
    ReauthenticationRequired,
    /// A sign-in that waits for its second factor is unknown or over.
    #[error("this sign-in took too long or was tried too often; begin again")]
    MfaTokenInvalid,
    /// The second factor is wrong, used, or guessing is stopped: which of
    /// them is not told.
    #[error("the code is wrong or was used")]
    MfaCodeInvalid,
    /// A code of a person who is signed in is wrong or was used.
    #[error("the code is wrong or was used")]
    CodeInvalid,
    /// There is an authenticator app already.
    #[error("an authenticator app is set up; remove it first")]
    TotpEnabled,
    /// There is no authenticator app.
    #[error("no authenticator app is set up")]
    TotpNotEnrolled,
    /// A passkey's answer is not believed.
    #[error("the passkey was not accepted")]
    PasskeyRefused,
    /// A new passkey is not accepted.
    #[error("the passkey was not accepted: {0}")]
    PasskeyInvalid(#[source] crate::domain::webauthn::Refused),
    /// The passkey is known.
    #[error("this passkey is registered")]
    PasskeyExists,
    /// No such passkey among the caller's.
    #[error("there is no such passkey")]
    PasskeyNotFound,
    /// A bound on what one account may have.
    #[error("an account has at most {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        most: u64,
    },
    /// No such provider in the configuration.
    #[error("there is no such provider")]
    ProviderNotFound,
    /// The provider does not answer, or not as it should.
    #[error("the provider did not sign you in; try again")]
    Provider(#[from] crate::oauth::Error),
    /// The provider's answer belongs to no sign-in of this browser.
    #[error("this sign-in is over or began elsewhere; begin again")]
    OAuthState,
    /// The person said no, or the provider did.
    #[error("the sign-in was cancelled")]
    OAuthDenied,
    /// The provider has not proved the address.
    #[error("the provider has not confirmed your e-mail address")]
    OAuthEmailUnverified,
    /// The identity at the provider belongs to another account.
    #[error("this identity is linked with another account")]
    LinkTaken,
    /// The account is not linked with the provider.
    #[error("the account is not linked with this provider")]
    LinkNotFound,
    /// What is to be removed is the only way in.
    #[error("this is the only way into the account; set a password first")]
    LastWayIn,
    /// No such key among the caller's.
    #[error("there is no such API key")]
    ApiKeyNotFound,
    /// The key has ended or has a successor.
    #[error("this API key has ended or was replaced")]
    ApiKeyEnded,
    /// A nonce of a signed request was used before.
    #[error("a request with this nonce was sent before")]
    NonceUsed,
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
    /// Mails in the folder could not be removed.
    #[error("mails could not be removed")]
    Mail,
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
            Self::InvalidCredentials
            | Self::SessionEnded
            | Self::RefreshTokenReused
            | Self::MfaTokenInvalid
            | Self::MfaCodeInvalid
            | Self::PasskeyRefused
            | Self::OAuthState
            | Self::OAuthDenied => Code::Unauthenticated,
            Self::AccountSuspended
            | Self::AccountInactive
            | Self::ReauthenticationRequired
            | Self::OAuthEmailUnverified => Code::PermissionDenied,
            Self::EmailTaken | Self::PasskeyExists | Self::LinkTaken | Self::NonceUsed => {
                Code::AlreadyExists
            }
            Self::SessionNotFound
            | Self::AccountNotFound
            | Self::PasskeyNotFound
            | Self::ProviderNotFound
            | Self::LinkNotFound
            | Self::ApiKeyNotFound => Code::NotFound,
            Self::TokenInvalid
            | Self::PasswordWrong
            | Self::CodeInvalid
            | Self::PasskeyInvalid(_)
            | Self::Invalid { .. } => Code::InvalidArgument,
            Self::OwnStatus
            | Self::TotpEnabled
            | Self::TotpNotEnrolled
            | Self::TooMany { .. }
            | Self::LastWayIn
            | Self::ApiKeyEnded => Code::FailedPrecondition,
            Self::Provider(_) => Code::Unavailable,
            Self::Hashing | Self::Mail | Self::Token(_) => Code::Internal,
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
            Self::AccountSuspended => "ACCOUNT_SUSPENDED",
            Self::AccountInactive => "ACCOUNT_INACTIVE",
            Self::OwnStatus => "OWN_STATUS",
            Self::TokenInvalid => "TOKEN_INVALID",
            Self::PasswordWrong => "PASSWORD_WRONG",
            Self::ReauthenticationRequired => "REAUTHENTICATION_REQUIRED",
            Self::MfaTokenInvalid => "MFA_TOKEN_INVALID",
            Self::MfaCodeInvalid => "MFA_CODE_INVALID",
            Self::CodeInvalid => "CODE_INVALID",
            Self::TotpEnabled => "TOTP_ENABLED",
            Self::TotpNotEnrolled => "TOTP_NOT_ENROLLED",
            Self::PasskeyRefused => "PASSKEY_REFUSED",
            Self::PasskeyInvalid(_) => "PASSKEY_INVALID",
            Self::PasskeyExists => "PASSKEY_EXISTS",
            Self::PasskeyNotFound => "PASSKEY_NOT_FOUND",
            Self::TooMany { .. } => "TOO_MANY",
            Self::ProviderNotFound => "PROVIDER_NOT_FOUND",
            Self::Provider(crate::oauth::Error::Unavailable(_)) => "PROVIDER_UNAVAILABLE",
            Self::Provider(crate::oauth::Error::Refused(_)) => "PROVIDER_REFUSED",
            Self::OAuthState => "OAUTH_STATE_INVALID",
            Self::OAuthDenied => "OAUTH_DENIED",
            Self::OAuthEmailUnverified => "OAUTH_EMAIL_UNVERIFIED",
            Self::LinkTaken => "LINK_TAKEN",
            Self::LinkNotFound => "LINK_NOT_FOUND",
            Self::LastWayIn => "LAST_WAY_IN",
            Self::ApiKeyNotFound => "API_KEY_NOT_FOUND",
            Self::ApiKeyEnded => "API_KEY_ENDED",
            Self::NonceUsed => "NONCE_USED",
            Self::Invalid { .. } => "INVALID_REQUEST",
            Self::Hashing | Self::Mail | Self::Token(_) => "INTERNAL",
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
            Self::TokenInvalid => violation("token", "is unknown, used or over"),
            Self::CodeInvalid => violation("code", "is wrong or was used"),
            Self::PasskeyInvalid(why) => violation("credential", &why.to_string()),
            _ => Vec::new(),
        }
    }
}

fn violation(field: &str, problem: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), problem.to_owned())]
}

impl Refusal for Error {
    fn is_definite(&self) -> bool {
        !matches!(
            self,
            Self::Hashing | Self::Mail | Self::Token(_) | Self::Store(_) | Self::Provider(_)
        )
    }
}
