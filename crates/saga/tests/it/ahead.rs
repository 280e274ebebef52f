//! Work that is begun before its step.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use covergen_saga::{Ahead, Ended, Finish, Run, Saga, Step, StepError, execute};
use tokio_util::sync::CancellationToken;

use crate::world::{Fault, Script, World};

/// A world whose saga begins its upload early.
struct Hasty {
    world: World,
    begun: Arc<AtomicUsize>,
    /// Begun and not given up yet.
    alive: Arc<()>,
    /// How often its step took it.
    taken: AtomicUsize,
}

/// What was begun: alive until it is dropped.
struct Begun(#[allow(dead_code)] Arc<()>); // Held for its count alone.

impl Hasty {
    fn new(script: Script) -> Self {
        Self {
            world: World::new(script),
            begun: Arc::default(),
            alive: Arc::default(),
            taken: AtomicUsize::new(0),
        }
    }

    async fn attempt(&self) -> Ended {
        let (task, stop) = self.world.lease_one();
        execute(self, &self.world, task, stop, &CancellationToken::new()).await
    }
}

#[async_trait]
impl Saga for Hasty {
    fn kind(&self) -> &'static str {
        self.world.kind()
    }

    fn version(&self) -> i32 {
        self.world.version()
    }

    fn steps(&self, version: i32) -> Option<&'static [Step]> {
        self.world.steps(version)
    }

    fn ahead(&self, _: &Run) -> Option<Ahead> {
        assert!(self.world.inner().deeds.is_empty(), "it comes first");
        self.begun.fetch_add(1, Ordering::Relaxed);
        Some(Box::new(Begun(Arc::clone(&self.alive))))
    }

    async fn run(&self, step: &'static str, run: &Run) -> Result<Bytes, StepError> {
        if step == "upload" && run.ahead::<Begun>().is_some() {
            self.taken.fetch_add(1, Ordering::Relaxed);
        }
        assert!(run.ahead::<String>().is_none(), "only what was begun");
        self.world.run(step, run).await
    }

    async fn compensate(&self, step: &'static str, run: &Run) -> Result<(), StepError> {
        self.world.compensate(step, run).await
    }
}

#[tokio::test(start_paused = true)]
async fn work_begun_ahead_reaches_its_step_and_ends_with_the_attempt() {
    let saga = Hasty::new(Script::default());
    assert_eq!(saga.attempt().await, Ended::Finished(Finish::Succeeded));
    assert_eq!(saga.begun.load(Ordering::Relaxed), 1);
    assert_eq!(saga.taken.load(Ordering::Relaxed), 1);
    assert_eq!(Arc::strong_count(&saga.alive), 1, "nothing is left behind");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_to_be_undone_begins_nothing() {
    let saga = Hasty::new(Script {
        faults: [(1, Fault::Cancel)].into(),
        ..Script::default()
    });
    saga.world.cancel();
    assert!(matches!(
        saga.attempt().await,
        Ended::Finished(Finish::Cancelled(_))
    ));
    assert_eq!(saga.begun.load(Ordering::Relaxed), 0);
}
