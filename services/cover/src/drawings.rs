//! Drawings begun before their turn.
//!
//! A drawing has no effect outside the process and is the same every time, so
//! it need not wait for the commits that lead to it: it begins when a core is
//! idle and is picked up by its step. Nothing depends on it: a step that finds
//! no drawing makes its own.
//!
//! Where several replicas work on one queue, a request's drawing may have begun
//! in a process that does not get the task. It costs what was idle, and is
//! given up after [`KEPT`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use covergen_ids::TaskId;
use covergen_studio::{File, Pictures, Studio, StudioError};
use tokio::task::JoinHandle;

use crate::order::Order;

/// Tasks whose drawings are kept at once; each holds the files of one size.
const MOST: usize = 8;

/// How long a drawing waits for its step.
const KEPT: Duration = Duration::from_secs(10);

/// One drawing under way: the first variant in the first size.
struct Begun {
    work: JoinHandle<Result<Vec<File>, StudioError>>,
    at: Instant,
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// The drawings of this process that nobody has picked up yet.
pub(crate) struct Drawings {
    studio: Arc<Studio>,
    begun: Mutex<HashMap<TaskId, Begun>>,
}

impl Drawings {
    pub(crate) fn new(studio: Arc<Studio>) -> Self {
        Self {
            studio,
            begun: Mutex::default(),
        }
    }

    /// Begins with the first picture of an order, if there is room and a core
    /// is idle.
    pub(crate) fn begin(&self, task: TaskId, order: &Order, quality: u8) {
        let Some(size) = order.sizes.first() else {
            return;
        };
        // Pictures would have to be read first, which is the step's own work.
        if !order.look.assets().is_empty() || !self.studio.is_idle() {
            return;
        }
        let mut begun = self.begun();
        begun.retain(|_, drawing| drawing.at.elapsed() < KEPT);
        // Two may see the same idle core; more would keep others from it.
        let busy = begun.values().filter(|drawing| !drawing.work.is_finished());
        if busy.count() > 1 || begun.len() >= MOST || begun.contains_key(&task) {
            return;
        }
        let studio = Arc::clone(&self.studio);
        let encodings = order
            .formats
            .iter()
            .map(|format| format.encoding(quality))
            .collect();
        let design = order.design(0, size, &Pictures::new());
        let work = tokio::spawn(async move { studio.draw(design, encodings).await });
        let at = Instant::now();
        begun.insert(task, Begun { work, at });
    }

    /// The files of an order's first picture, if they were begun; waits for
    /// them. `None`: draw them yourself.
    pub(crate) async fn take(&self, task: TaskId) -> Option<Result<Vec<File>, StudioError>> {
        let mut begun = self.begun().remove(&task)?;
        (&mut begun.work).await.ok()
    }

    /// Gives up what was begun for a task.
    pub(crate) fn forget(&self, task: TaskId) {
        self.begun().remove(&task);
    }

    fn begun(&self) -> MutexGuard<'_, HashMap<TaskId, Begun>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
