//! What goes before the emptying of a read model, and where its consumers go on
//! afterwards.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use covergen_events::{Error as LogError, Position, StreamInfo};
use covergen_store::Job;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Failure, Folding, LEASE_MS, Worker};
use crate::archive::{Shelf, Verified};

/// Attempts at a rebuild that has not emptied anything yet.
const ATTEMPTS: u32 = 5;

/// Time between two words while something else takes long.
const WORD: Duration = Duration::from_secs(10);

/// How a read model is rebuilt, and how far that came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rebuild {
    /// Also from an archive that is known to lack events.
    pub force: bool,
    /// Times that it was begun.
    pub attempts: u32,
    /// The tables have been emptied: what they held is only to be had by going
    /// through with it.
    pub emptied: bool,
}

impl Worker {
    /// Counts an attempt. One that has emptied nothing is given up after some,
    /// and the model goes on as it was; after that, the gate stays shut.
    pub(super) async fn attempt(&self, job: &Job, owner: &str) -> Result<Rebuild, Failure> {
        let mut asked = match job.arguments.as_str() {
            "" => Rebuild::default(),
            text => {
                serde_json::from_str(text).map_err(|error| Failure::Never(error.to_string()))?
            }
        };
        if asked.attempts >= ATTEMPTS && !asked.emptied {
            let why = format!("given up after {ATTEMPTS} attempts: {}", job.detail);
            return Err(Failure::Never(why));
        }
        asked.attempts += 1;
        let tx = self.store.begin().await?;
        let is_ours = tx
            .amend_job(&job.id, owner, &serde_json::to_string(&asked)?)
            .await?;
        tx.commit().await?;
        if is_ours { Ok(asked) } else { Err(lost()) }
    }

    /// Empties the tables, and notes it with them.
    pub(super) async fn empty(
        &self,
        folding: &Folding,
        job: &Job,
        owner: &str,
        emptied: &Rebuild,
    ) -> Result<(), Failure> {
        let tx = self.store.begin().await?.patient().await?;
        (folding.model.reset)(&tx).await?;
        if let Some(consumer) = folding.model.inbox {
            tx.forget(consumer).await?;
        }
        for subscription in &folding.subscriptions {
            tx.forget_attempts(subscription.consumer()).await?;
        }
        let noted = serde_json::to_string(emptied)?;
        if !tx.amend_job(&job.id, owner, &noted).await? {
            return Err(lost());
        }
        Ok(tx.commit().await?)
    }

    /// Does something that takes long, and keeps the job meanwhile.
    pub(super) async fn meanwhile<T>(
        &self,
        job: &Job,
        owner: &str,
        word: &str,
        work: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        let kept = async {
            loop {
                tokio::time::sleep(WORD).await;
                // The database may be busy with the work itself.
                let noted = self.store.note_job(&job.id, owner, LEASE_MS, word).await;
                if matches!(noted, Ok(false)) {
                    return;
                }
            }
        };
        tokio::select! {
            done = work => Ok(done),
            () = kept => Err(lost()),
        }
    }

    /// Reads every segment, and refuses to empty what the archive and the log
    /// cannot fill again.
    pub(super) async fn check(&self, folding: &Folding) -> Result<(), Failure> {
        for subscription in &folding.subscriptions {
            let stream = subscription.stream();
            let shelf = Shelf::new(Arc::clone(&self.objects), stream);
            let names = shelf.segments(None).await?;
            let archived = names.first().map(|name| name.first);
            let archived = archived.zip(names.iter().map(|name| name.last).max());
            let found = shelf.verify().await?;
            let info = match self.events.stream_info(stream).await {
                Err(LogError::UnknownStream(_)) => None,
                info => Some(info?),
            };
            let info = info.filter(|_| self.is_dense);
            if let Some(why) = lacking(&found, archived, info.as_ref()) {
                return Err(Failure::Never(format!(
                    "events of {stream} are missing: {why}; nothing was changed, and --force \
                     rebuilds from what there is"
                )));
            }
        }
        Ok(())
    }

    /// Where a stream's consumer goes on: behind the last archived event that
    /// the log holds where the archive has it. A log that was lost and began
    /// anew gives its numbers to other events; then all of it is told, since an
    /// event that comes twice does no harm. `None` where there is no stream.
    pub(super) async fn behind(
        &self,
        stream: &str,
        ends: &[(u64, Uuid)],
    ) -> Result<Option<Position>, Failure> {
        let info = match self.events.stream_info(stream).await {
            Err(LogError::UnknownStream(_)) => return Ok(None),
            info => info?,
        };
        let there = info.first_sequence..=info.last_sequence;
        for (sequence, id) in ends.iter().rev() {
            if info.messages == 0 || !there.contains(sequence) {
                continue;
            }
            let at = Position::Sequence(*sequence);
            let page = self.events.read(stream, at, 1).await?;
            if page
                .first()
                .is_some_and(|one| one.sequence == *sequence && one.record.id == *id)
            {
                return Ok(Some(Position::Sequence(sequence + 1)));
            }
        }
        Ok(Some(Position::Beginning))
    }
}

fn lost() -> Failure {
    Failure::Later("another process has the job".into())
}

/// What an archive with these first and last sequences, and a log behind it
/// that numbers without gaps, lack.
fn lacking(
    found: &Verified,
    archived: Option<(u64, u64)>,
    log: Option<&StreamInfo>,
) -> Option<String> {
    if let Some(problem) = found.problems.first() {
        let more = found.problems.len() - 1;
        return Some(format!("{problem} (and {more} more)"));
    }
    if found.started_late > 0 {
        let count = found.started_late;
        return Some(format!("{count} aggregates began before the archive"));
    }
    let log = log?;
    if let Some((first, _)) = archived
        && first > 1
    {
        return Some(format!("the archive begins with sequence {first}"));
    }
    let end = archived.map_or(0, |(_, last)| last);
    (log.first_sequence > end + 1).then(|| {
        let first = log.first_sequence;
        format!("the archive ends at sequence {end}, and the log begins with {first}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(first_sequence: u64, last_sequence: u64) -> StreamInfo {
        StreamInfo {
            messages: last_sequence + 1 - first_sequence,
            first_sequence,
            last_sequence,
            dead_letters: 0,
        }
    }

    #[test]
    fn what_archive_and_log_lack_is_seen() {
        let sound = Verified::default();
        let lacks = |archived, log: Option<StreamInfo>| {
            lacking(&sound, archived, log.as_ref()).unwrap_or_default()
        };
        assert_eq!(lacks(None, None), "");
        assert_eq!(lacks(None, Some(log(1, 4))), "");
        assert_eq!(lacks(Some((1, 4)), Some(log(5, 9))), "");
        // One that began anew.
        assert_eq!(lacks(Some((1, 40)), Some(log(1, 2))), "");
        assert!(lacks(None, Some(log(5, 9))).contains("ends at sequence 0"));
        assert!(lacks(Some((1, 4)), Some(log(6, 9))).contains("begins with 6"));
        assert!(lacks(Some((3, 4)), Some(log(5, 9))).contains("begins with sequence 3"));
        let late = Verified {
            started_late: 2,
            ..Verified::default()
        };
        assert!(lacking(&late, Some((1, 4)), None).is_some());
        let broken = Verified {
            problems: vec!["a byte".to_owned()],
            ..Verified::default()
        };
        assert!(lacking(&broken, Some((1, 4)), None).is_some());
    }
}
