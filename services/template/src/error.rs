use covergen_chassis::ServiceError;
use covergen_store::Refusal;
use covergen_studio::StudioError;
use tonic::{Code, Status};

/// The tier that lifts the bar before premium templates.
const UPGRADE: &str = "pro";

/// What can go wrong in template.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such template, or none that may be chosen.
    #[error("there is no such template")]
    TemplateNotFound,
    /// The template has no such version.
    #[error("the template has no such version")]
    VersionNotFound,
    /// No such brand kit in the workspace.
    #[error("there is no such brand kit")]
    BrandKitNotFound,
    /// The caller's tier goes without premium templates.
    #[error("{name} is a premium template; upgrade to {UPGRADE}, or choose another")]
    TemplatePremium {
        /// Slug.
        id: String,
        /// Name for people.
        name: String,
    },
    /// The caller's tier goes without this.
    #[error("{what} need the tier {upgrade_to}; upgrade to use them")]
    TierRequired {
        /// What is missing, in words.
        what: &'static str,
        /// The entitlement's name.
        entitlement: &'static str,
        /// The tier that has it.
        upgrade_to: &'static str,
    },
    /// Only somebody who is signed in has something of their own.
    #[error("sign in to see templates of your own")]
    SignInRequired,
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
    /// The caller's copy is not the newest.
    #[error("it was changed since you read it; read it again and repeat your change")]
    EtagMismatch,
    /// Somebody else changed it at the same moment.
    #[error("somebody else changed it at the same moment; try again")]
    Changed,
    /// A bound is reached.
    #[error("there are {limit} {what} already, which is the limit; {remedy}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// The bound.
        limit: u32,
        /// What makes room.
        remedy: &'static str,
    },
    /// It cannot be drawn.
    #[error("{0}")]
    Studio(#[from] StudioError),
    /// Another service.
    #[error("{0}")]
    Upstream(#[from] Status),
    /// A stored row cannot be read, which does not happen.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] covergen_store::Error),
}

impl Error {
    pub(crate) fn invalid(field: &str, problem: &(impl ToString + ?Sized)) -> Self {
        Self::Invalid(vec![(field.to_owned(), problem.to_string())])
    }

    /// Custom templates are not part of the tier.
    pub(crate) const fn no_custom_templates() -> Self {
        Self::TierRequired {
            what: "templates of your own",
            entitlement: "custom_templates",
            upgrade_to: "pro_plus",
        }
    }

    /// Brand kits are not part of the tier.
    pub(crate) const fn no_brand_kits() -> Self {
        Self::TierRequired {
            what: "brand kits",
            entitlement: "brand_kits",
            upgrade_to: "pro",
        }
    }
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::TemplateNotFound | Self::VersionNotFound | Self::BrandKitNotFound => {
                Code::NotFound
            }
            Self::TemplatePremium { .. }
            | Self::TierRequired { .. }
            | Self::ContentBlocked { .. } => Code::FailedPrecondition,
            Self::SignInRequired => Code::Unauthenticated,
            Self::Invalid(_) => Code::InvalidArgument,
            Self::EtagMismatch | Self::Changed => Code::Aborted,
            Self::TooMany { .. } => Code::ResourceExhausted,
            Self::Studio(error) if error.is_input() => Code::InvalidArgument,
            Self::Studio(StudioError::Render(_)) => Code::FailedPrecondition,
            Self::Studio(_) | Self::Corrupt(_) => Code::Internal,
            Self::Upstream(status) => status.code(),
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::TemplateNotFound => "TEMPLATE_NOT_FOUND",
            Self::VersionNotFound => "TEMPLATE_VERSION_NOT_FOUND",
            Self::BrandKitNotFound => "BRAND_KIT_NOT_FOUND",
            Self::TemplatePremium { .. } => "TEMPLATE_PREMIUM",
            Self::TierRequired { .. } => "TIER_REQUIRED",
            Self::SignInRequired => "UNAUTHENTICATED",
            Self::Invalid(_) => "INVALID_REQUEST",
            Self::ContentBlocked { .. } => "CONTENT_BLOCKED",
            Self::EtagMismatch => "ETAG_MISMATCH",
            Self::Changed => "CONCURRENT_CHANGE",
            Self::TooMany { .. } => "LIMIT_REACHED",
            Self::Studio(_) => "RENDER_FAILED",
            Self::Upstream(_) => "UPSTREAM",
            Self::Corrupt(_) => "INTERNAL",
            Self::Store(error) => covergen_chassis::store_reason(error),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TemplatePremium { id, .. } => vec![
                ("templateId", id.clone()),
                ("upgradeTo", UPGRADE.to_owned()),
            ],
            Self::TierRequired {
                entitlement,
                upgrade_to,
                ..
            } => vec![
                ("entitlement", (*entitlement).to_owned()),
                ("upgradeTo", (*upgrade_to).to_owned()),
            ],
            Self::ContentBlocked { category, rule_id } => {
                vec![("category", category.clone()), ("ruleId", rule_id.clone())]
            }
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

    fn upstream(&self) -> Option<&Status> {
        match self {
            Self::Upstream(status) => Some(status),
            _ => None,
        }
    }
}

impl Refusal for Error {
    fn is_definite(&self) -> bool {
        match self {
            Self::Upstream(_) | Self::Corrupt(_) | Self::Changed => false,
            Self::Studio(error) => error.is_input(),
            Self::Store(error) => error.is_definite(),
            _ => true,
        }
    }
}
