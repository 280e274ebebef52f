use std::collections::HashMap;

use covergen_proto::events::v1::Envelope;
use prost::Message as _;

use super::{ArchiveError, Shelf};

/// Problems that are told; there may be more.
const MAX_PROBLEMS: usize = 100;

/// What a look at every segment of a stream found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// Segments there are.
    pub segments: usize,
    /// Events in them; one that is in two counts twice.
    pub events: u64,
    /// Events that are in more than one segment, which does no harm.
    pub repeated: u64,
    /// Aggregates whose first events are older than the archive.
    pub started_late: u64,
    /// What is wrong, a line each.
    pub problems: Vec<String>,
}

impl Shelf {
    /// Reads every segment: the bytes must match the hash in the name, each
    /// segment must follow the one before it, and no version of an aggregate
    /// may be missing between its first and its last.
    ///
    /// # Errors
    /// The object store's.
    pub async fn verify(&self) -> Result<Verified, ArchiveError> {
        let mut found = Verified::default();
        let mut versions: HashMap<String, u64> = HashMap::new();
        let mut before = 0;
        for name in self.segments(None).await? {
            found.segments += 1;
            let archive = match self.read(&name).await {
                Ok(archive) => archive,
                Err(error @ ArchiveError::Objects(_)) => return Err(error),
                Err(error) => {
                    found.tell(error.to_string());
                    // What follows it names its end, so the chain goes on.
                    before = before.max(name.last);
                    continue;
                }
            };
            // A log that lost its end steps back; it never skips.
            if archive.after > before {
                found.tell(format!(
                    "{}: it follows sequence {}, but the segment before it ends at {}",
                    name.key, archive.after, before
                ));
            }
            before = before.max(name.last);
            for event in archive.events {
                found.events += 1;
                match Envelope::decode(event.record.payload.clone()) {
                    Ok(envelope) => found.follow(&mut versions, envelope),
                    Err(error) => found.tell(format!(
                        "{}: event {} holds no envelope: {error}",
                        name.key, event.record.id
                    )),
                }
            }
        }
        Ok(found)
    }
}

impl Verified {
    fn follow(&mut self, versions: &mut HashMap<String, u64>, envelope: Envelope) {
        let version = envelope.aggregate_version;
        let Some(known) = versions.get_mut(&envelope.aggregate) else {
            self.started_late += u64::from(version > 1);
            versions.insert(envelope.aggregate, version);
            return;
        };
        if version <= *known {
            self.repeated += 1;
        } else if version == *known + 1 {
            *known = version;
        } else {
            let expected = std::mem::replace(known, version) + 1;
            self.tell(format!(
                "{}: version {expected} is missing before {version}",
                envelope.aggregate
            ));
        }
    }

    fn tell(&mut self, problem: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }
}
