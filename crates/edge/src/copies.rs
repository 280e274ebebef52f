use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use covergen_bff::{AnswerCopies, Copies, Problem, Surface};
use covergen_cache::Cache;
use futures::future::BoxFuture;

/// How long the mark of an event is kept: far longer than any copy.
const MARK_TTL: Duration = Duration::from_secs(30 * 24 * 3600);

/// Copies made in an hour, by all processes that share a cache; what is asked
/// for beyond that many is made each time.
const MOST_AN_HOUR: i64 = 20_000;

const HOUR: Duration = Duration::from_secs(3600);

/// Copies of public answers, in the cache.
///
/// Every event that ends copies has a mark there, a random word, and the key
/// of a copy holds the marks of its events. To end copies is to put another
/// mark in place: no copy needs to be found, an answer that was begun before
/// is stored where nobody looks, and replicas that share a cache share this.
///
/// While the events cannot be followed nothing is answered from a copy; when
/// they can be again, every mark is changed first, since what was missed is
/// unknown.
#[derive(Clone)]
pub struct EdgeCopies {
    cache: Cache,
    /// Streams that are not followed now.
    unfollowed: Arc<AtomicUsize>,
}

impl EdgeCopies {
    /// Keeps copies in `cache`, for a surface whose streams are yet to be
    /// followed.
    #[must_use]
    pub fn new(cache: &Cache, surface: &Surface) -> Self {
        Self {
            cache: cache.scope("answers"),
            unfollowed: Arc::new(AtomicUsize::new(streams(surface).len())),
        }
    }

    /// Ends every copy that one of these events would end.
    ///
    /// # Errors
    /// The cache is away.
    pub async fn purge(&self, events: &[&str]) -> covergen_cache::Result<()> {
        for event in events {
            self.cache.set(&mark_key(event), mark(), MARK_TTL).await?;
        }
        Ok(())
    }

    /// One more stream is followed.
    pub(crate) fn followed(&self) {
        self.unfollowed.fetch_sub(1, Ordering::SeqCst);
    }

    /// One less is.
    pub(crate) fn lost(&self) {
        self.unfollowed.fetch_add(1, Ordering::SeqCst);
    }

    /// Where a copy is now, as its events left it.
    async fn place(&self, key: &str, copies: &Copies) -> covergen_cache::Result<String> {
        let mut place = format!("copy:{key}");
        let keys: Vec<String> = copies.purge_on.iter().map(|e| mark_key(e)).collect();
        let asked: Vec<&str> = keys.iter().map(String::as_str).collect();
        let marks = self.cache.get_many(&asked).await?;
        for (key, found) in keys.iter().zip(marks) {
            let found = match found {
                Some(found) => found,
                None => self.first_mark(key).await?,
            };
            place.push(':');
            place.push_str(&String::from_utf8_lossy(&found));
        }
        Ok(place)
    }

    /// Whether another copy may be made: queries can be varied without end,
    /// and a shared cache has other things to hold.
    async fn has_room(&self) -> bool {
        let made = self.cache.incr("made", 1, HOUR).await;
        made.is_ok_and(|made| made <= MOST_AN_HOUR)
    }

    /// Makes the mark of an event that has none, or takes the one that
    /// somebody else made meanwhile.
    async fn first_mark(&self, key: &str) -> covergen_cache::Result<Bytes> {
        self.cache.set_if_absent(key, mark(), MARK_TTL).await?;
        // One that is gone again was evicted; a fresh one finds no copies.
        Ok(self.cache.get(key).await?.unwrap_or_else(mark))
    }
}

#[async_trait]
impl AnswerCopies for EdgeCopies {
    async fn answer(
        &self,
        key: &str,
        copies: &Copies,
        load: BoxFuture<'_, Result<Bytes, Problem>>,
    ) -> Result<Bytes, Problem> {
        if self.unfollowed.load(Ordering::SeqCst) > 0 {
            return load.await;
        }
        match self.place(key, copies).await {
            Ok(place) => {
                if let Ok(Some(copy)) = self.cache.get(&place).await {
                    return Ok(copy);
                }
                if !self.has_room().await {
                    return load.await;
                }
                let ttl = Duration::from_secs(copies.seconds.into());
                self.cache.get_or_load(&place, ttl, || load).await
            }
            Err(error) => {
                tracing::debug!(%error, "answering without copies");
                load.await
            }
        }
    }
}

fn mark_key(event: &str) -> String {
    format!("mark:{event}")
}

fn mark() -> Bytes {
    uuid::Uuid::new_v4().simple().to_string().into()
}

/// The events that end copies of a surface, each with its stream: the domain,
/// which is the second segment of the event's name.
pub(crate) fn events(surface: &Surface) -> BTreeSet<(&'static str, &'static str)> {
    let caches = surface.bindings.iter().filter_map(|b| b.route.cache);
    caches
        .filter_map(|cache| cache.copies)
        .flat_map(|copies| copies.purge_on)
        .filter_map(|event| Some((event.split('.').nth(1)?, *event)))
        .collect()
}

/// The streams to follow for a surface.
pub(crate) fn streams(surface: &Surface) -> BTreeSet<&'static str> {
    let events = events(surface);
    events.into_iter().map(|(stream, _)| stream).collect()
}
