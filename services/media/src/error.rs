use std::time::Duration;

use covergen_chassis::ServiceError;
use covergen_imaging::FileFormat;
use covergen_store::Refusal;
use tonic::Code;

use crate::archive::{Refused, Unreadable};

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
    /// An upload that is no picture of a kind that is taken.
    #[error("{0}")]
    Unsupported(covergen_imaging::Error),
    /// A picture that its decoder broke down over, as it would again.
    #[error("the picture cannot be read")]
    Undecodable,
    /// A person's file that cannot be read, or is beyond the caps.
    #[error("{0}")]
    Upload(covergen_imaging::Error),
    /// No such upload of the caller's.
    #[error("there is no such upload")]
    UploadNotFound,
    /// It was not gone on with for too long.
    #[error("this upload has expired; begin a new one")]
    UploadExpired,
    /// Bytes for another place than where the upload stands.
    #[error("{stored_bytes} bytes are stored; go on there")]
    OffsetMismatch {
        /// Bytes that are stored.
        stored_bytes: i64,
    },
    /// Somebody else sends to the same upload by now.
    #[error("another request has taken this upload over; ask how much is stored and go on there")]
    TakenOver,
    /// Bytes that are not those that were meant.
    #[error("the bytes do not have the checksum that was sent along; send them again")]
    ChecksumMismatch,
    /// More bytes than were announced.
    #[error("the upload has {total_bytes} bytes; more were sent")]
    UploadTooLong {
        /// Length of the whole.
        total_bytes: i64,
    },
    /// Many small parts.
    #[error("an upload may come in {limit} parts; begin a new one with larger parts")]
    TooManyParts {
        /// The limit.
        limit: i32,
    },
    /// As many uploads are coming in as a person may have.
    #[error(
        "{limit} uploads of {limit_bytes} bytes together may be coming in; finish or delete one first"
    )]
    TooManyUploads {
        /// How many.
        limit: u64,
        /// How long together.
        limit_bytes: i64,
    },
    /// An upload that came in whole and is no picture that is taken.
    #[error("{message}")]
    UploadFailed {
        /// As the same file sent at once would be refused.
        reason: String,
        /// For people.
        message: String,
    },
    /// An archive of which nothing can be taken.
    #[error("{0}")]
    Archive(Unreadable),
    /// A file in an archive that is not taken.
    #[error("{0}")]
    Entry(Refused),
    /// No file in an archive became an asset.
    #[error("none of the {entries} files in the archive is a picture that is taken")]
    NoPictures {
        /// Files there are.
        entries: i32,
    },
    /// The same archive is being worked on.
    #[error("this archive is being worked on")]
    UnderWay,
    /// Decoding took too long; on another day it may not.
    #[error("the picture took longer than {limit_ms} ms to process; try again, or a smaller one")]
    TooSlow {
        /// The limit.
        limit_ms: u64,
    },
    /// Uploads beyond what is received at once.
    #[error("too many uploads are coming in; try again in a moment")]
    Busy,
    /// The uploads of a workspace have reached a limit.
    #[error(
        "uploads take {used_bytes} of {limit_bytes} bytes and number {uploads} of {limit_uploads}; delete some first"
    )]
    StorageFull {
        /// Bytes taken.
        used_bytes: i64,
        /// Bytes that may be taken.
        limit_bytes: i64,
        /// Uploads there are.
        uploads: i32,
        /// Uploads there may be.
        limit_uploads: i32,
    },
    /// The workspace's owner has left.
    #[error("this workspace is closed")]
    WorkspaceClosed,
    /// Somebody else's asset in one's own workspace.
    #[error("only who uploaded it may delete it")]
    NotOwner,
    /// A picture that belongs to something else.
    #[error("this picture belongs to a cover or an export, and goes with it")]
    AssetInUse,
    /// The file that an upload comes into.
    #[error("an upload could not be received: {0}")]
    Spool(#[from] std::io::Error),
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
    /// Whoever sends it was not there when it was undone.
    #[error("this asset was deleted; nothing is stored under its id any more")]
    AssetDeleted,
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
            Self::AssetNotFound
            | Self::ImageNotFound
            | Self::UploadNotFound
            | Self::UploadExpired => Code::NotFound,
            Self::AssetIdTaken => Code::AlreadyExists,
            Self::TypeMismatch { .. }
            | Self::TooLarge { .. }
            | Self::Picture(_)
            | Self::Upload(_)
            | Self::Unsupported(_)
            | Self::Undecodable
            | Self::ChecksumMismatch
            | Self::UploadTooLong { .. }
            | Self::Archive(_)
            | Self::Entry(_)
            | Self::NoPictures { .. }
            | Self::Invalid { .. } => Code::InvalidArgument,
            Self::TooSlow { .. }
            | Self::Busy
            | Self::TooManyParts { .. }
            | Self::TooManyUploads { .. }
            | Self::StorageFull { .. } => Code::ResourceExhausted,
            Self::UploadFailed { reason, .. } => failed(reason).0,
            Self::WorkspaceClosed | Self::AssetInUse | Self::AssetDeleted => {
                Code::FailedPrecondition
            }
            Self::NotOwner => Code::PermissionDenied,
            Self::Spool(error) if disk_full(error) => Code::ResourceExhausted,
            Self::Contended | Self::UnderWay | Self::TakenOver | Self::OffsetMismatch { .. } => {
                Code::Aborted
            }
            Self::Status(status) => status.code(),
            Self::Objects(Objects::Unavailable(_)) => Code::Unavailable,
            Self::Objects(Objects::Full) => Code::ResourceExhausted,
            Self::Objects(_) | Self::Interrupted | Self::Spool(_) => Code::Internal,
            Self::Store(error) => covergen_chassis::store_code(error),
        }
    }

    fn reason(&self) -> &'static str {
        use covergen_imaging::Error as Imaging;
        use covergen_objects::Error as Objects;
        match self {
            Self::AssetNotFound => "ASSET_NOT_FOUND",
            Self::ImageNotFound => "IMAGE_NOT_FOUND",
            Self::UploadNotFound => "UPLOAD_NOT_FOUND",
            Self::UploadExpired => "UPLOAD_EXPIRED",
            Self::OffsetMismatch { .. } => "UPLOAD_OFFSET_MISMATCH",
            Self::TakenOver => "UPLOAD_TAKEN_OVER",
            Self::ChecksumMismatch => "UPLOAD_CHECKSUM_MISMATCH",
            Self::UploadTooLong { .. } => "UPLOAD_TOO_LONG",
            Self::TooManyParts { .. } => "UPLOAD_PARTS_LIMIT_REACHED",
            Self::TooManyUploads { .. } => "UPLOADS_LIMIT_REACHED",
            Self::UploadFailed { reason, .. } => failed(reason).1,
            Self::Archive(Unreadable::TooManyEntries { .. }) => "ARCHIVE_TOO_MANY_ENTRIES",
            Self::Archive(_) => "ARCHIVE_INVALID",
            Self::Entry(refused) => refused.reason(),
            Self::NoPictures { .. } => "ARCHIVE_WITHOUT_PICTURES",
            Self::AssetIdTaken => "ASSET_ID_TAKEN",
            Self::AssetDeleted => "ASSET_DELETED",
            Self::TypeMismatch { .. } => "CONTENT_TYPE_MISMATCH",
            Self::TooLarge { .. }
            | Self::Picture(Imaging::FileTooLarge { .. })
            | Self::Upload(Imaging::FileTooLarge { .. }) => "ASSET_TOO_LARGE",
            Self::Picture(Imaging::PictureTooLarge { .. } | Imaging::TooManyFrames { .. })
            | Self::Upload(Imaging::PictureTooLarge { .. } | Imaging::TooManyFrames { .. }) => {
                "IMAGE_TOO_LARGE"
            }
            Self::Picture(_) | Self::Upload(_) | Self::Undecodable => "IMAGE_INVALID",
            Self::Unsupported(_) => "IMAGE_FORMAT_UNSUPPORTED",
            Self::TooSlow { .. } => "IMAGE_TOO_SLOW",
            Self::Busy => "UPLOADS_BUSY",
            Self::StorageFull { .. } => "STORAGE_LIMIT_REACHED",
            Self::WorkspaceClosed => "WORKSPACE_CLOSED",
            Self::NotOwner => "NOT_OWNER",
            Self::AssetInUse => "ASSET_IN_USE",
            Self::Spool(error) if disk_full(error) => "STORE_FULL",
            Self::Invalid { .. } => "INVALID_REQUEST",
            Self::Contended | Self::UnderWay => "CONCURRENT_CHANGE",
            Self::Status(_) => "UNAUTHENTICATED",
            Self::Objects(Objects::Unavailable(_)) => "OBJECTS_UNAVAILABLE",
            Self::Objects(Objects::Full) => "STORE_FULL",
            Self::Objects(_) | Self::Interrupted | Self::Spool(_) => "INTERNAL",
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
            Self::Upload(_) | Self::Unsupported(_) | Self::Undecodable => {
                vec![("file".to_owned(), self.to_string())]
            }
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Objects(error) if error.is_transient() => Some(Duration::from_secs(5)),
            Self::Busy => Some(Duration::from_secs(1)),
            Self::TooSlow { .. } => Some(Duration::from_secs(10)),
            Self::Store(error) => covergen_chassis::store_retry_after(error),
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
                | Self::UnderWay
                | Self::Status(_)
                | Self::Spool(_)
                | Self::AssetIdTaken
        )
    }
}

/// The code and reason of a refusal that was written down.
fn failed(reason: &str) -> (Code, &'static str) {
    match reason {
        "ASSET_TOO_LARGE" => (Code::InvalidArgument, "ASSET_TOO_LARGE"),
        "IMAGE_TOO_LARGE" => (Code::InvalidArgument, "IMAGE_TOO_LARGE"),
        "IMAGE_FORMAT_UNSUPPORTED" => (Code::InvalidArgument, "IMAGE_FORMAT_UNSUPPORTED"),
        "IMAGE_TOO_SLOW" => (Code::ResourceExhausted, "IMAGE_TOO_SLOW"),
        "ARCHIVE_INVALID" => (Code::InvalidArgument, "ARCHIVE_INVALID"),
        "ARCHIVE_TOO_MANY_ENTRIES" => (Code::InvalidArgument, "ARCHIVE_TOO_MANY_ENTRIES"),
        "ARCHIVE_WITHOUT_PICTURES" => (Code::InvalidArgument, "ARCHIVE_WITHOUT_PICTURES"),
        "UPLOAD_LOST" => (Code::FailedPrecondition, "UPLOAD_LOST"),
        "STORAGE_LIMIT_REACHED" => (Code::ResourceExhausted, "STORAGE_LIMIT_REACHED"),
        "WORKSPACE_CLOSED" => (Code::FailedPrecondition, "WORKSPACE_CLOSED"),
        _ => (Code::InvalidArgument, "IMAGE_INVALID"),
    }
}

impl Error {
    /// The reason to write down, which may be one that was written down before.
    pub(crate) fn told_reason(&self) -> &str {
        match self {
            Self::UploadFailed { reason, .. } => reason,
            other => other.reason(),
        }
    }

    /// What to say of work on another thread that brought no result: a panic
    /// would come again, and the thread's end with the process would not.
    pub(crate) fn of_join(error: &tokio::task::JoinError, panicked: Self) -> Self {
        if error.is_panic() {
            tracing::error!(%error, "what a person sent was too much for its reader");
            panicked
        } else {
            Self::Interrupted
        }
    }

    /// What was wrong with a person's file.
    pub(crate) fn of_upload(error: covergen_imaging::Error) -> Self {
        use covergen_imaging::Error as Imaging;
        match error {
            Imaging::UnknownFormat | Imaging::Unsupported { .. } => Self::Unsupported(error),
            error => Self::Upload(error),
        }
    }
}

fn disk_full(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
    )
}
