use covergen_chassis::ServiceError;
use covergen_store::Refusal;
use tonic::Code;

use crate::domain::Violations;

/// What can go wrong in notification.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such webhook in the workspace.
    #[error("there is no such webhook")]
    WebhookNotFound,
    /// No such delivery of the webhook.
    #[error("there is no such delivery of this webhook")]
    DeliveryNotFound,
    /// No such notification of the caller's.
    #[error("there is no such notification")]
    NotificationNotFound,
    /// No such device of the caller's.
    #[error("there is no such push subscription")]
    PushSubscriptionNotFound,
    /// Another person's list.
    #[error("there is no such user")]
    UserNotFound,
    /// Something is to be sent to a webhook that is disabled.
    #[error("this webhook is disabled; enable it first")]
    WebhookDisabled,
    /// Fields that the contract cannot check, and what is wrong with each.
    #[error("{}", .0.iter().map(|(field, problem)| format!("{field} {problem}")).collect::<Vec<_>>().join("; "))]
    Invalid(Violations),
    /// The state is another one than the caller has.
    #[error("it was changed meanwhile; read it again")]
    EtagMismatch,
    /// Somebody else changed it at the same moment.
    #[error("it is being changed; try again")]
    Changed,
    /// There are as many as there may be.
    #[error("there may be at most {limit} {what}; {remedy}")]
    TooMany {
        /// What of.
        what: &'static str,
        /// How many there may be.
        limit: u32,
        /// What to do.
        remedy: &'static str,
    },
    /// A key or a secret cannot be made or used.
    #[error("{0}")]
    Crypto(&'static str),
    /// The database.
    #[error(transparent)]
    Store(#[from] covergen_store::Error),
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::WebhookNotFound
            | Self::DeliveryNotFound
            | Self::NotificationNotFound
            | Self::PushSubscriptionNotFound
            | Self::UserNotFound => Code::NotFound,
            Self::WebhookDisabled => Code::FailedPrecondition,
            Self::Invalid(_) => Code::InvalidArgument,
            Self::EtagMismatch | Self::Changed => Code::Aborted,
            Self::TooMany { .. } => Code::ResourceExhausted,
            Self::Crypto(_) => Code::Internal,
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::WebhookNotFound => "WEBHOOK_NOT_FOUND",
            Self::DeliveryNotFound => "DELIVERY_NOT_FOUND",
            Self::NotificationNotFound => "NOTIFICATION_NOT_FOUND",
            Self::PushSubscriptionNotFound => "PUSH_SUBSCRIPTION_NOT_FOUND",
            Self::UserNotFound => "USER_NOT_FOUND",
            Self::WebhookDisabled => "WEBHOOK_DISABLED",
            Self::Invalid(_) => "INVALID_REQUEST",
            Self::EtagMismatch => "ETAG_MISMATCH",
            Self::Changed => "CONCURRENT_CHANGE",
            Self::TooMany { .. } => "LIMIT_REACHED",
            Self::Crypto(_) => "INTERNAL",
            Self::Store(error) => covergen_chassis::store_reason(error),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooMany { limit, .. } => vec![("limit", limit.to_string())],
            _ => Vec::new(),
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
            Self::TooMany { what, remedy, .. } => Some(((*what).to_owned(), (*remedy).to_owned())),
            _ => None,
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
        match self {
            Self::Changed | Self::Crypto(_) => false,
            Self::Store(error) => error.is_definite(),
            _ => true,
        }
    }
}
