use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::OnceCell;

type Cell = Arc<OnceCell<Bytes>>;

/// Loads that are under way, by key.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    cells: Mutex<HashMap<String, Cell>>,
}

impl Flights {
    /// Runs `load`, or waits for the one that runs for this key already. If
    /// that fails or is abandoned, the next in line runs its own.
    pub(crate) async fn join<E, F, Fut>(&self, key: &str, load: F) -> Result<Bytes, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Bytes, E>>,
    {
        let seat = Seat {
            flights: self,
            key,
            cell: self.board(key),
        };
        seat.cell.get_or_try_init(load).await.cloned()
    }

    fn board(&self, key: &str) -> Cell {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(key.to_owned()).or_default())
    }
}

/// A caller's part in a flight; the last to leave clears it away, also when
/// callers are cancelled.
struct Seat<'a> {
    flights: &'a Flights,
    key: &'a str,
    cell: Cell,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut cells = self
            .flights
            .cells
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A flight that landed takes nobody more aboard: whoever comes now
        // must look into the cache, or a long queue would serve a stale value.
        let landed = self.cell.initialized();
        if let Some(cell) = cells.get(self.key)
            && Arc::ptr_eq(cell, &self.cell)
            // The map's own and this one.
            && (landed || Arc::strong_count(cell) == 2)
        {
            cells.remove(self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn callers_at_the_same_time_share_one_load() {
        let (flights, loads) = (Flights::default(), AtomicU32::new(0));
        let load = || async {
            loads.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok::<_, ()>(Bytes::from_static(b"x"))
        };
        let (a, b, c) = tokio::join!(
            flights.join("k", load),
            flights.join("k", load),
            flights.join("k", load)
        );
        assert_eq!((a, b.clone(), b), (c.clone(), c.clone(), c));
        assert_eq!(loads.load(Ordering::Relaxed), 1);
        assert!(flights.cells.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_failed_load_is_tried_by_the_next_and_told_to_its_caller_only() {
        let flights = Flights::default();
        let fail = || async {
            tokio::task::yield_now().await;
            Err("boom")
        };
        let work = || async { Ok::<_, &str>(Bytes::from_static(b"x")) };
        let (a, b) = tokio::join!(flights.join("k", fail), flights.join("k", work));
        assert_eq!(a, Err("boom"));
        assert_eq!(b, Ok(Bytes::from_static(b"x")));
        assert!(flights.cells.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_abandoned_load_is_taken_over() {
        let flights = Flights::default();
        let never = Notify::new();
        let stuck = flights.join("k", || async {
            never.notified().await;
            Ok::<_, ()>(Bytes::new())
        });
        let work = flights.join("k", || async { Ok::<_, ()>(Bytes::from_static(b"x")) });
        {
            tokio::pin!(stuck);
            let first = futures_poll_once(stuck.as_mut()).await;
            assert!(!first);
        }
        assert_eq!(work.await, Ok(Bytes::from_static(b"x")));
        assert!(flights.cells.lock().unwrap().is_empty());
    }

    /// Polls a future once; whether it was ready.
    async fn futures_poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> bool {
        let mut future = Some(future);
        std::future::poll_fn(|cx| {
            let ready = future
                .take()
                .is_some_and(|future| future.poll(cx).is_ready());
            std::task::Poll::Ready(ready)
        })
        .await
    }
}
