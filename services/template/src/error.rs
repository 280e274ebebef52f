use covergen_chassis::ServiceError;
use covergen_store::Refusal;
use tonic::Code;

/// The tier that lifts the bar before premium templates.
const UPGRADE: &str = "pro";

/// What can go wrong in template.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such template, or none that may be chosen.
    #[error("there is no such template")]
    TemplateNotFound,
    /// The caller's tier goes without premium templates.
    #[error("{name} is a premium template; upgrade to {UPGRADE}, or choose another")]
    TemplatePremium {
        /// Slug.
        id: String,
        /// Name for people.
        name: String,
    },
    /// The sample could not be drawn: a fault of this build.
    #[error(transparent)]
    Render(#[from] covergen_render::Error),
    /// The sample could not be written as a file: a fault of this build.
    #[error(transparent)]
    Encode(#[from] covergen_imaging::Error),
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
            Self::TemplateNotFound => Code::NotFound,
            Self::TemplatePremium { .. } => Code::FailedPrecondition,
            Self::Render(_) | Self::Encode(_) | Self::Interrupted => Code::Internal,
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::TemplateNotFound => "TEMPLATE_NOT_FOUND",
            Self::TemplatePremium { .. } => "TEMPLATE_PREMIUM",
            Self::Render(_) | Self::Encode(_) => "RENDER_FAILED",
            Self::Interrupted => "INTERNAL",
            Self::Store(error) => covergen_chassis::store_reason(error),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TemplatePremium { id, .. } => vec![
                ("templateId", id.clone()),
                ("upgradeTo", UPGRADE.to_owned()),
            ],
            _ => Vec::new(),
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
        matches!(self, Self::TemplateNotFound | Self::TemplatePremium { .. })
    }
}
