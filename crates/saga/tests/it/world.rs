//! A queue, a saga and the world it changes, in memory and deterministic.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use bytes::Bytes;
use covergen_proto::task::v1::journal_entry::State;
use covergen_proto::task::v1::{JournalEntry, LeasedTask};
use covergen_saga::{
    Beat, Ended, Failure, Finish, Journal, JournalError, Run, Saga, Step, StepError, execute,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub(crate) const STEPS: &[Step] = &[
    Step::new("reserve", 10),
    Step::harmless("look", 20),
    Step::new("upload", 60),
    Step::pivot("commit", 80),
    Step::harmless("publish", 100),
];

/// Steps that leave something behind.
pub(crate) const EFFECTS: [&str; 4] = ["reserve", "upload", "commit", "publish"];

/// What happens at one point of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process is gone.
    Crash,
    /// The call fails; whether it took effect depends on the point.
    Error,
    /// Somebody asks for the task to stop.
    Cancel,
}

/// One thing that was done, in the order it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    Ran(&'static str),
    Undid(&'static str),
}

/// How the steps behave besides the injected faults.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// Faults by point; points count up through all attempts.
    pub(crate) faults: BTreeMap<usize, Fault>,
    /// A step that is refused for good, this many times.
    pub(crate) refused: Option<(&'static str, usize)>,
    /// A step that fails and may work later, this many times.
    pub(crate) failing: Option<(&'static str, usize)>,
    /// A step that panics, every time.
    pub(crate) panics: Option<&'static str>,
    /// A compensation that does not work, this many times.
    pub(crate) stuck: Option<(&'static str, usize)>,
    /// Entries that the journal loses: the planted bug.
    pub(crate) lost: Option<Lost>,
    pub(crate) max_attempts: i32,
}

/// Which entries a broken journal loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// That a step was begun.
    Started,
    /// That the task is to be undone.
    Decision,
}

/// The whole of one task's story.
#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) journal: Vec<JournalEntry>,
    pub(crate) attempt: i32,
    pub(crate) fencing: u64,
    pub(crate) cancel_requested: bool,
    pub(crate) pivoted: bool,
    pub(crate) end: Option<Finish>,
    pub(crate) progress: i32,
    /// What the world holds: one effect per step, however often it ran.
    pub(crate) effects: BTreeSet<&'static str>,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) points: usize,
    refusals: usize,
    failures: usize,
    stuck: usize,
    stop: CancellationToken,
}

/// Journal, saga and world in one; clones share them.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) script: Arc<Script>,
    inner: Arc<Mutex<Inner>>,
    crashed: Arc<Notify>,
}

impl World {
    pub(crate) fn new(script: Script) -> Self {
        Self {
            script: Arc::new(script),
            inner: Arc::default(),
            crashed: Arc::default(),
        }
    }

    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Somebody asks for the task to stop; past the pivot nobody listens. The
    /// worker learns it by its heartbeat, which is the token here.
    pub(crate) fn cancel(&self) {
        let mut inner = self.inner();
        if inner.end.is_none() && !inner.pivoted {
            inner.cancel_requested = true;
            inner.stop.cancel();
        }
    }

    /// A point where something may go wrong. `true`: the call fails here.
    async fn point(&self) -> bool {
        let fault = {
            let mut inner = self.inner();
            inner.points += 1;
            self.script.faults.get(&inner.points).copied()
        };
        match fault {
            None => false,
            Some(Fault::Error) => true,
            Some(Fault::Cancel) => {
                self.cancel();
                false
            }
            Some(Fault::Crash) => {
                self.crashed.notify_one();
                std::future::pending().await
            }
        }
    }

    /// The next lease.
    pub(crate) fn lease_one(&self) -> (LeasedTask, CancellationToken) {
        let mut inner = self.inner();
        inner.attempt += 1;
        inner.fencing += 1;
        inner.stop = CancellationToken::new();
        let task = LeasedTask {
            task_id: "tsk_1".to_owned(),
            kind: "test.saga".to_owned(),
            attempt: inner.attempt,
            fencing_token: inner.fencing,
            lease_ms: 10_000,
            saga_version: 1,
            journal: inner.journal.clone(),
            cancel_requested: inner.cancel_requested && !inner.pivoted,
            max_attempts: self.script.max_attempts.max(1),
            ..LeasedTask::default()
        };
        (task, inner.stop.clone())
    }

    /// One process's attempt; `None`: it crashed.
    pub(crate) async fn attempt(&self) -> Option<Ended> {
        let (task, stop) = self.lease_one();
        let shutdown = CancellationToken::new();
        tokio::select! {
            biased;
            () = self.crashed.notified() => None,
            ended = execute(self, self, task, stop, &shutdown) => Some(ended),
        }
    }

    /// Attempts, each by a fresh process, until the task has ended.
    pub(crate) async fn to_the_end(&self) -> Finish {
        for _ in 0..40 {
            self.attempt().await;
            if let Some(end) = self.inner().end.clone() {
                return end;
            }
        }
        panic!("no end after 40 attempts: {:?}", self.inner().deeds);
    }

    fn held(&self, task: &LeasedTask) -> Result<MutexGuard<'_, Inner>, JournalError> {
        let inner = self.inner();
        if inner.fencing == task.fencing_token && inner.end.is_none() {
            Ok(inner)
        } else {
            Err(JournalError::LeaseLost)
        }
    }
}

fn lost() -> JournalError {
    JournalError::Unavailable("injected".to_owned())
}

fn beat_of(inner: &Inner) -> Beat {
    Beat {
        cancel_requested: inner.cancel_requested && !inner.pivoted,
    }
}

#[async_trait]
impl Journal for World {
    async fn lease(
        &self,
        _: &[String],
        _: usize,
        _: &str,
    ) -> Result<Vec<LeasedTask>, JournalError> {
        if self.inner().end.is_some() {
            return std::future::pending().await;
        }
        Ok(vec![self.lease_one().0])
    }

    async fn beat(&self, task: &LeasedTask, _: i32, _: &str) -> Result<Beat, JournalError> {
        Ok(beat_of(&*self.held(task)?))
    }

    async fn record(
        &self,
        task: &LeasedTask,
        entries: Vec<JournalEntry>,
        progress_percent: i32,
        _: &str,
        pivot: bool,
    ) -> Result<Beat, JournalError> {
        if self.point().await {
            return Err(lost());
        }
        let beat = {
            let mut inner = self.held(task)?;
            if !(pivot && inner.cancel_requested && !inner.pivoted) {
                for entry in entries {
                    if self.script.loses(&entry) {
                        continue;
                    }
                    inner.journal.retain(|known| known.step != entry.step);
                    inner.journal.push(entry);
                }
                inner.pivoted |= pivot;
                inner.progress = inner.progress.max(progress_percent);
            }
            beat_of(&inner)
        };
        if self.point().await {
            return Err(lost());
        }
        Ok(beat)
    }

    async fn finish(&self, task: &LeasedTask, finish: Finish) -> Result<(), JournalError> {
        if self.point().await {
            return Err(lost());
        }
        {
            let mut inner = self.inner();
            if inner.fencing != task.fencing_token {
                return Err(JournalError::LeaseLost);
            }
            match &finish {
                Finish::Transient { burn_attempt, .. } => {
                    inner.attempt -= i32::from(!burn_attempt);
                }
                _ if inner.end.is_none() => inner.end = Some(finish),
                _ => assert_eq!(inner.end, Some(finish), "a task ends once"),
            }
        }
        if self.point().await {
            return Err(lost());
        }
        Ok(())
    }
}

impl Script {
    fn loses(&self, entry: &JournalEntry) -> bool {
        let step = STEPS.iter().any(|step| step.name == entry.step);
        match self.lost {
            None => false,
            Some(Lost::Started) => step && entry.state() == State::Started,
            Some(Lost::Decision) => !step,
        }
    }
}

#[async_trait]
impl Saga for World {
    fn kind(&self) -> &'static str {
        "test.saga"
    }

    fn version(&self) -> i32 {
        1
    }

    fn steps(&self, version: i32) -> Option<&'static [Step]> {
        (version == 1).then_some(STEPS)
    }

    async fn run(&self, step: &'static str, run: &Run) -> Result<Bytes, StepError> {
        let transient = || StepError::Transient("injected".to_owned());
        if step == "upload" {
            assert_eq!(run.output("reserve"), Some(&Bytes::from("reserve done")));
        }
        if self.point().await {
            return Err(transient());
        }
        assert_ne!(self.script.panics, Some(step), "injected");
        {
            let mut inner = self.inner();
            if let Some((refused, times)) = self.script.refused
                && refused == step
                && inner.refusals < times
            {
                inner.refusals += 1;
                return Err(StepError::fatal("REFUSED", "not this one"));
            }
            if let Some((failing, times)) = self.script.failing
                && failing == step
                && inner.failures < times
            {
                inner.failures += 1;
                return Err(transient());
            }
            if EFFECTS.contains(&step) {
                inner.effects.insert(step);
            }
            inner.deeds.push(Deed::Ran(step));
        }
        if self.point().await {
            return Err(transient());
        }
        Ok(Bytes::from(format!("{step} done")))
    }

    async fn compensate(&self, step: &'static str, run: &Run) -> Result<(), StepError> {
        assert!(run.failure().is_some(), "a compensation knows why");
        let transient = || StepError::Transient("injected".to_owned());
        if self.point().await {
            return Err(transient());
        }
        {
            let mut inner = self.inner();
            if let Some((stuck, times)) = self.script.stuck
                && stuck == step
                && inner.stuck < times
            {
                inner.stuck += 1;
                return Err(transient());
            }
            inner.effects.remove(step);
            inner.deeds.push(Deed::Undid(step));
        }
        if self.point().await {
            return Err(transient());
        }
        Ok(())
    }
}

/// A failure for comparing by reason.
pub(crate) fn reason(finish: &Finish) -> &str {
    match finish {
        Finish::Succeeded => "",
        Finish::Transient {
            failure: Failure { reason, .. },
            ..
        }
        | Finish::Fatal(Failure { reason, .. })
        | Finish::Cancelled(Failure { reason, .. })
        | Finish::NeedsOperator(Failure { reason, .. }) => reason,
    }
}
