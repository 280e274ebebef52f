use std::time::Duration;

use covergen_chassis::ServiceError;
use covergen_imaging::FileFormat;
use covergen_store::Refusal;
use tonic::Code;

/// What can go wrong in media.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such asset in the caller's workspace.
    #[error("there is no such asset")]
    AssetNotFound,
    /// The address was not signed here, is spelled otherwise, or its asset is
    /// gone: which of these is not told.
    #[error("there is no such image")]
    ImageNotFound,
    /// The asset id is taken by other content.
    #[error("this asset id belongs to another asset")]
    AssetIdTaken,
    /// The content is of another type than declared.
    #[error("the content is {found}, not {declared}")]
    TypeMismatch {
        /// As the header said.
        declared: FileFormat,
        /// As the content says.
        found: FileFormat,
    },
    /// More bytes than an asset may have.
    #[error("an asset may have {limit_bytes} bytes; this one is longer")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// Not a picture, or one beyond the caps.
    #[error(transparent)]
    Picture(#[from] covergen_imaging::Error),
    /// A field that the contract cannot check.
    #[error("{field}: {problem}")]
    Invalid {
        /// In proto3 JSON.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The same content is being deleted, again and again.
    #[error("the same content is being deleted right now; try again")]
    Contended,
    /// The caller's own status, such as UNAUTHENTICATED.
    #[error("{0}")]
    Status(#[from] tonic::Status),
    /// The object store.
    #[error(transparent)]
    Objects(#[from] covergen_objects::Error),
    /// Work on another thread did not end.
    #[error("the work was interrupted")]
    Interrupted,
    /// The database.
    #[error(transparent)]
    Store(#[from] covergen_store::Error),
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        use covergen_objects::Error as Objects;
        match self {
            Self::AssetNotFound | Self::ImageNotFound => Code::NotFound,
            Self::AssetIdTaken => Code::AlreadyExists,
            Self::TypeMismatch { .. }
            | Self::TooLarge { .. }
            | Self::Picture(_)
            | Self::Invalid { .. } => Code::InvalidArgument,
            Self::Contended => Code::Aborted,
            Self::Status(status) => status.code(),
            Self::Objects(Objects::Unavailable(_)) => Code::Unavailable,
            Self::Objects(Objects::Full) => Code::ResourceExhausted,
            Self::Objects(_) | Self::Interrupted => Code::Internal,
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        use covergen_imaging::Error as Imaging;
        use covergen_objects::Error as Objects;
        match self {
            Self::AssetNotFound => "ASSET_NOT_FOUND",
            Self::ImageNotFound => "IMAGE_NOT_FOUND",
            Self::AssetIdTaken => "ASSET_ID_TAKEN",
            Self::TypeMismatch { .. } => "CONTENT_TYPE_MISMATCH",
            Self::TooLarge { .. } | Self::Picture(Imaging::FileTooLarge { .. }) => {
                "ASSET_TOO_LARGE"
            }
            Self::Picture(Imaging::PictureTooLarge { .. } | Imaging::TooManyFrames { .. }) => {
                "IMAGE_TOO_LARGE"
            }
            Self::Picture(_) => "IMAGE_INVALID",
            Self::Invalid { .. } => "INVALID_REQUEST",
            Self::Contended => "CONCURRENT_CHANGE",
            Self::Status(_) => "UNAUTHENTICATED",
            Self::Objects(Objects::Unavailable(_)) => "OBJECTS_UNAVAILABLE",
            Self::Objects(Objects::Full) => "STORE_FULL",
            Self::Objects(_) | Self::Interrupted => "INTERNAL",
            Self::Store(error) => covergen_chassis::store_reason(error),
        }
    }

    fn violations(&self) -> Vec<(String, String)> {
        match self {
            Self::Invalid { field, problem } => vec![((*field).to_owned(), problem.clone())],
            Self::TypeMismatch { .. } => {
                vec![("header.contentType".to_owned(), self.to_string())]
            }
            Self::TooLarge { .. } | Self::Picture(_) => {
                vec![("chunk".to_owned(), self.to_string())]
            }
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Objects(error) if error.is_transient() => Some(Duration::from_secs(5)),
            _ => None,
        }
    }

    fn upstream(&self) -> Option<&tonic::Status> {
        match self {
            Self::Status(status) => Some(status),
            _ => None,
        }
    }
}

impl Refusal for Error {
    fn is_definite(&self) -> bool {
        !matches!(
            self,
            Self::Store(_)
                | Self::Objects(_)
                | Self::Interrupted
                | Self::Contended
                | Self::Status(_)
        )
    }
}
