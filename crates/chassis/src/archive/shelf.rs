use std::sync::Arc;

use covergen_objects::{Key, ObjectStore, PutMode};

use super::segment::{self, Archive, SegmentName};
use covergen_events::Stored;

/// Segments named by one listing.
const PAGE: usize = 1_000;

/// Why the archive could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The event log's.
    #[error("the event log: {0}")]
    Log(#[from] covergen_events::Error),
    /// The object store's.
    #[error("the object store: {0}")]
    Objects(#[from] covergen_objects::Error),
    /// A segment cannot be packed or unpacked.
    #[error("a segment: {0}")]
    Packing(#[from] std::io::Error),
    /// Whether this process still leads cannot be told.
    #[error("the lead in archiving: {0}")]
    Lead(#[from] covergen_store::Error),
    /// Another process took the lead over.
    #[error("another process archives this stream by now")]
    Superseded,
    /// A segment does not hold what it should.
    #[error("{0}")]
    Broken(String),
}

/// The segments of one stream.
#[derive(Debug, Clone)]
pub struct Shelf {
    objects: Arc<dyn ObjectStore>,
    stream: String,
}

impl Shelf {
    /// The archive of a stream.
    pub fn new(objects: Arc<dyn ObjectStore>, stream: impl Into<String>) -> Self {
        Self {
            objects,
            stream: stream.into(),
        }
    }

    /// The stream's name.
    #[must_use]
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// Every segment behind a key (all for `None`), oldest first.
    ///
    /// # Errors
    /// The object store's.
    pub async fn segments(&self, after: Option<&Key>) -> Result<Vec<SegmentName>, ArchiveError> {
        let folder = segment::folder(&self.stream);
        let mut after = after.cloned();
        let mut names = Vec::new();
        loop {
            let page = self.objects.list(&folder, after.as_ref(), PAGE).await?;
            names.extend(
                page.objects
                    .iter()
                    .filter_map(|meta| SegmentName::parse(&self.stream, &meta.key)),
            );
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(names),
            }
        }
    }

    /// Reads a segment and checks it against its name.
    ///
    /// # Errors
    /// The object store's; [`ArchiveError::Broken`] for one that was changed.
    pub async fn read(&self, name: &SegmentName) -> Result<Archive, ArchiveError> {
        let bytes = self.objects.get(&name.key, None).await?.bytes().await?;
        segment::decode(&self.stream, name, &bytes)
    }

    /// Stores a segment, under a name behind that of the one before it.
    pub(super) async fn write(
        &self,
        before: Option<&SegmentName>,
        after: u64,
        events: &[Stored],
    ) -> Result<SegmentName, ArchiveError> {
        let (name, bytes) = segment::encode(&self.stream, before, after, events)?;
        let put = self
            .objects
            .put(
                &name.key,
                bytes.into(),
                "application/gzip",
                PutMode::IfAbsent,
            )
            .await;
        match put {
            // The name has the hash of the bytes: it is there already.
            Ok(_) | Err(covergen_objects::Error::AlreadyExists(_)) => Ok(name),
            Err(error) => Err(error.into()),
        }
    }
}
