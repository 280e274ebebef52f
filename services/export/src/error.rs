use covergen_chassis::ServiceError;
use covergen_store::Refusal;
use tonic::Code;

use crate::design::DesignError;

/// What can go wrong in export.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such export in the caller's workspace.
    #[error("there is no such export")]
    ExportNotFound,
    /// No such cover in the caller's workspace.
    #[error("there is no such cover")]
    CoverNotFound,
    /// Download of an export that has no file.
    #[error("this export is {0}; there is a file once it has SUCCEEDED")]
    NotReady(&'static str),
    /// A range of a download that lies past its end.
    #[error("the range lies past the end: there are {0} bytes")]
    RangePastEnd(u64),
    /// A file that this service keeps is not as it was written down.
    #[error("{0}")]
    Corrupt(String),
    /// The cover cannot be set in another size.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// Fields that the contract cannot check, and what is wrong with each.
    #[error("{}", .0.iter().map(|(field, problem)| format!("{field} {problem}")).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<(String, String)>),
    /// Another service's answer.
    #[error("{0}")]
    Upstream(#[from] tonic::Status),
    /// The database.
    #[error(transparent)]
    Store(#[from] covergen_store::Error),
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::ExportNotFound | Self::CoverNotFound => Code::NotFound,
            Self::NotReady(_) | Self::Design(_) => Code::FailedPrecondition,
            Self::Invalid(_) => Code::InvalidArgument,
            Self::RangePastEnd(_) => Code::OutOfRange,
            Self::Corrupt(_) => Code::DataLoss,
            Self::Upstream(status) => status.code(),
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::ExportNotFound => "EXPORT_NOT_FOUND",
            Self::CoverNotFound => "COVER_NOT_FOUND",
            Self::NotReady(_) => "EXPORT_NOT_READY",
            Self::Design(_) => "DESIGN_NOT_EXPORTABLE",
            Self::Invalid(_) => "INVALID_REQUEST",
            Self::RangePastEnd(_) => "RANGE_NOT_SATISFIABLE",
            Self::Corrupt(_) => "EXPORT_CORRUPT",
            Self::Upstream(_) => "UPSTREAM",
            Self::Store(error) => covergen_chassis::store_reason(error),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotReady(status) => vec![("status", (*status).to_owned())],
            Self::RangePastEnd(size) => vec![("size", size.to_string())],
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
            Self::Store(error) => error.is_definite(),
            Self::Upstream(status) => matches!(
                status.code(),
                Code::NotFound | Code::InvalidArgument | Code::FailedPrecondition
            ),
            _ => true,
        }
    }
}
