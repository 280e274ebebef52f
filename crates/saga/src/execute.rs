//! One attempt at one task: forward step by step, and back if it must be.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use bytes::Bytes;
use covergen_proto::task::v1::journal_entry::State;
use covergen_proto::task::v1::{JournalEntry, LeasedTask};
use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;
use tracing::Span;

use crate::decision::Decision;
use crate::journal::persistently;
use crate::trace::traced;
use crate::{Beat, Failure, Finish, Journal, JournalError, Run, Saga, Step, StepError};

/// How often a compensation is tried in one attempt.
const COMPENSATION_ATTEMPTS: u32 = 5;
/// Attempts beyond those that count before an operator is called for a
/// compensation that may still work: the queue's pauses between them outlast
/// the restart of whoever it needs.
const COMPENSATION_ROUNDS: i32 = 12;

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The journal has the outcome.
    Finished(Finish),
    /// The lease was lost, or the journal stayed away: somebody else goes on
    /// once the lease has run out.
    Abandoned,
}

/// Where a step stands, by the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Untouched,
    Started,
    Done,
    Compensated,
}

struct Attempt<'a, S: ?Sized, J: ?Sized> {
    saga: &'a S,
    journal: &'a J,
    steps: &'static [Step],
    standing: Vec<Standing>,
    /// That the task is to be undone, once somebody has decided so.
    decision: Option<Decision>,
    run: Run,
    shutdown: &'a CancellationToken,
}

/// Runs a leased task until it is finished, undone, or has to wait.
///
/// `stop` is cancelled when somebody asked for the task to stop or the lease
/// is lost; `shutdown` when the process ends: the step at hand is finished and
/// the task given back without counting the attempt.
pub async fn execute<S, J>(
    saga: &S,
    journal: &J,
    task: LeasedTask,
    stop: CancellationToken,
    shutdown: &CancellationToken,
) -> Ended
where
    S: Saga + ?Sized,
    J: Journal + ?Sized,
{
    let Some(steps) = saga.steps(task.saga_version) else {
        // Whether anything must be undone cannot be known without the steps.
        let failure = Failure {
            reason: "SAGA_VERSION_UNKNOWN".to_owned(),
            message: format!(
                "no worker knows version {} of {}",
                task.saga_version, task.kind
            ),
        };
        return finish(journal, &task, Finish::NeedsOperator(failure)).await;
    };
    let mut attempt = Attempt {
        saga,
        journal,
        steps,
        standing: vec![Standing::Untouched; steps.len()],
        decision: None,
        run: Run::new(task, stop),
        shutdown,
    };
    attempt.read_journal();
    match attempt.drive().await {
        Ok(outcome) => finish(journal, attempt.run.task(), outcome).await,
        Err(_) => Ended::Abandoned,
    }
}

async fn finish<J: Journal + ?Sized>(journal: &J, task: &LeasedTask, outcome: Finish) -> Ended {
    covergen_failpoint::pass("saga", "before-finish");
    let finished = persistently(|| journal.finish(task, outcome.clone())).await;
    covergen_failpoint::pass("saga", "finished");
    match finished {
        Ok(()) => Ended::Finished(outcome),
        Err(_) => Ended::Abandoned,
    }
}

impl<S: Saga + ?Sized, J: Journal + ?Sized> Attempt<'_, S, J> {
    fn read_journal(&mut self) {
        for entry in self.run.task().journal.clone() {
            if let Some(decision) = Decision::read(&entry) {
                self.decision = Some(decision);
                continue;
            }
            let Some(at) = self.steps.iter().position(|step| step.name == entry.step) else {
                continue;
            };
            self.standing[at] = match entry.state() {
                State::Done => Standing::Done,
                State::Compensated => Standing::Compensated,
                State::Started => Standing::Started,
                State::Unspecified => continue,
            };
            if self.standing[at] == Standing::Done {
                self.run.keep(self.steps[at].name, entry.output);
            }
        }
    }

    async fn drive(&mut self) -> Result<Finish, JournalError> {
        // What was once decided stands: a compensation may have taken effect
        // without the journal knowing, so there is no way forward any more.
        if let Some(decision) = self.decision.take() {
            return self.carry_out(decision).await;
        }
        let task = self.run.task();
        let exhausted = task.attempt > task.max_attempts.max(1);
        if exhausted && !self.committed() {
            return self.undo(attempts_exhausted(), false).await;
        }
        if task.cancel_requested && !self.committed() {
            return self.undo(cancelled(), true).await;
        }
        let ahead = self.saga.ahead(&self.run);
        self.run.begin(ahead);
        self.forward().await
    }

    /// Whether the pivot has begun: whether it took effect cannot be known
    /// without running it again, so there is no way back.
    fn committed(&self) -> bool {
        self.steps
            .iter()
            .zip(&self.standing)
            .any(|(step, standing)| step.pivot && *standing != Standing::Untouched)
    }

    async fn forward(&mut self) -> Result<Finish, JournalError> {
        // What the journal does not have yet: it goes out together with the
        // next step's beginning, one commit for both.
        let mut unwritten: Vec<JournalEntry> = Vec::new();
        for at in 0..self.steps.len() {
            let step = self.steps[at];
            if self.standing[at] == Standing::Done {
                continue;
            }
            if self.shutdown.is_cancelled() {
                return self.give_back(unwritten, at).await;
            }
            if self.standing[at] == Standing::Untouched {
                unwritten.push(entry(step.name, State::Started, Bytes::new()));
            }
            if !unwritten.is_empty() {
                covergen_failpoint::pass(step.name, "before-record");
                let beat = self
                    .record(std::mem::take(&mut unwritten), at, step.pivot)
                    .await?;
                let stop = beat.cancel_requested && !self.committed();
                // Refused entries of a pivot were not written; all others
                // were, and whoever takes over undoes what the journal has.
                if !(stop && step.pivot) {
                    self.standing[at] = Standing::Started;
                }
                if stop {
                    return self.undo(cancelled(), true).await;
                }
            }
            covergen_failpoint::pass(step.name, "before-effect");
            match self.run_step(&step).await {
                Ok(output) => {
                    covergen_failpoint::pass(step.name, "after-effect");
                    self.standing[at] = Standing::Done;
                    unwritten.push(entry(step.name, State::Done, output.clone()));
                    self.run.keep(step.name, output);
                }
                Err(None) => return self.stopped().await,
                Err(Some(error)) => return self.failed(at, error).await,
            }
        }
        Ok(Finish::Succeeded)
    }

    /// Runs one step; `Err(None)` means it was told to stop in the middle.
    async fn run_step(&self, step: &Step) -> Result<Bytes, Option<StepError>> {
        let span = self.span("step", step);
        let work = traced(span, calm(self.saga.run(step.name, &self.run)));
        if self.committed() {
            // Nothing may interrupt what follows the pivot but a lost lease,
            // and its writes are fenced off anyway.
            return work.await.map_err(Some);
        }
        tokio::select! {
            biased;
            done = work => done.map_err(Some),
            () = self.run.stop().cancelled() => Err(None),
        }
    }

    fn span(&self, what: &str, step: &Step) -> Span {
        let task = self.run.task();
        tracing::info_span!(
            "step",
            otel.name = format!("{what} {}", step.name),
            step = step.name,
            taskId = task.task_id,
            attempt = task.attempt,
        )
    }

    /// Stopped from outside: find out whether somebody asked or the lease is lost.
    async fn stopped(&mut self) -> Result<Finish, JournalError> {
        let beat = self.journal.beat(self.run.task(), 0, "cancelling").await?;
        if !beat.cancel_requested {
            // Whoever stopped us takes the lease for lost; nobody asked for
            // the work to be undone.
            return Err(JournalError::LeaseLost);
        }
        self.undo(cancelled(), true).await
    }

    async fn failed(&mut self, at: usize, error: StepError) -> Result<Finish, JournalError> {
        let step = &self.steps[at];
        let past_pivot = self.committed() && !step.pivot;
        match error {
            StepError::Fatal(failure) if past_pivot => Ok(Finish::NeedsOperator(failure)),
            StepError::Fatal(failure) => {
                // It took no effect: nothing of this step needs undoing, and a
                // pivot that was refused is not one.
                if step.pivot {
                    self.standing[at] = Standing::Untouched;
                }
                self.undo(failure, false).await
            }
            StepError::Transient(message) => {
                let task = self.run.task();
                let last = task.attempt >= task.max_attempts.max(1);
                tracing::warn!(
                    task = task.task_id,
                    step = step.name,
                    message,
                    "a step will be tried again"
                );
                if last && !self.committed() {
                    let mut failure = attempts_exhausted();
                    failure.message = format!("{}: {message}", failure.message);
                    return self.undo(failure, false).await;
                }
                Ok(Finish::Transient {
                    failure: Failure {
                        reason: "STEP_FAILED".to_owned(),
                        message,
                    },
                    burn_attempt: true,
                })
            }
        }
    }

    /// The process ends: what is done is written down, and the task waits for
    /// the next worker without losing an attempt.
    async fn give_back(
        &mut self,
        unwritten: Vec<JournalEntry>,
        at: usize,
    ) -> Result<Finish, JournalError> {
        if !unwritten.is_empty() {
            self.record(unwritten, at, false).await?;
        }
        Ok(Finish::Transient {
            failure: Failure {
                reason: "SHUTDOWN".to_owned(),
                message: "the worker shut down".to_owned(),
            },
            burn_attempt: false,
        })
    }

    /// Decides that the task is undone. That is written down before the first
    /// compensation runs: a worker that takes over must not go forward on steps
    /// whose effects are gone.
    async fn undo(&mut self, failure: Failure, asked: bool) -> Result<Finish, JournalError> {
        let decision = Decision { failure, asked };
        persistently(|| {
            self.journal
                .record(self.run.task(), vec![decision.entry()], 0, "undoing", false)
        })
        .await?;
        covergen_failpoint::pass("saga", "undoing");
        self.carry_out(decision).await
    }

    /// Runs the compensations in reverse. Nothing but a lost lease stops it.
    async fn carry_out(&mut self, decision: Decision) -> Result<Finish, JournalError> {
        let Decision { failure, asked } = decision;
        self.run.fail(failure.clone());
        // The first step stands for the task itself: its compensation runs even
        // if nothing was begun, so that the owner always learns of the end.
        if let Some(first @ Standing::Untouched) = self.standing.first_mut() {
            *first = Standing::Started;
        }
        for at in (0..self.steps.len()).rev() {
            let step = self.steps[at];
            let touched = matches!(self.standing[at], Standing::Started | Standing::Done);
            if !touched || !step.compensated {
                continue;
            }
            covergen_failpoint::pass(step.name, "before-undoing");
            if let Err(error) = self.compensate(&step).await {
                return Ok(self.not_undone(&step, &error));
            }
            covergen_failpoint::pass(step.name, "undone");
            self.standing[at] = Standing::Compensated;
            self.record(
                vec![entry(step.name, State::Compensated, Bytes::new())],
                at,
                false,
            )
            .await?;
        }
        Ok(if asked {
            Finish::Cancelled(failure)
        } else {
            Finish::Fatal(failure)
        })
    }

    /// Whether a compensation that does not work is tried again later, which a
    /// peer that is away for a while is no reason not to, or left to somebody.
    fn not_undone(&self, step: &Step, error: &StepError) -> Finish {
        let task = self.run.task();
        let failure = Failure {
            reason: "COMPENSATION_FAILED".to_owned(),
            message: format!("{}: {error}", step.name),
        };
        let rounds = task.max_attempts.max(1) + COMPENSATION_ROUNDS;
        if matches!(error, StepError::Transient(_)) && task.attempt < rounds {
            return Finish::Transient {
                failure,
                burn_attempt: true,
            };
        }
        tracing::error!(task = task.task_id, step = step.name, %error, "a step could not be undone");
        Finish::NeedsOperator(failure)
    }

    async fn compensate(&self, step: &Step) -> Result<(), StepError> {
        let mut pause = Duration::from_millis(50);
        for attempt in 1.. {
            let undoing = calm(self.saga.compensate(step.name, &self.run));
            match traced(self.span("undo", step), undoing).await {
                Ok(()) => break,
                Err(error) if attempt >= COMPENSATION_ATTEMPTS => return Err(error),
                Err(error) => {
                    tracing::warn!(step = step.name, %error, "a compensation is tried again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(1));
                }
            }
        }
        Ok(())
    }

    async fn record(
        &self,
        entries: Vec<JournalEntry>,
        at: usize,
        pivot: bool,
    ) -> Result<Beat, JournalError> {
        // Progress is that of the steps done, which the one at hand is not.
        let progress = at
            .checked_sub(1)
            .map_or(0, |before| self.steps[before].progress_percent);
        let stage = self.steps[at].name;
        persistently(|| {
            self.journal
                .record(self.run.task(), entries.clone(), progress, stage, pivot)
        })
        .await
    }
}

/// A panic may have come of what passes, and counts as an attempt: unsettled,
/// the task would come again for ever.
async fn calm<T>(work: impl Future<Output = Result<T, StepError>>) -> Result<T, StepError> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(_) => Err(StepError::Transient("the step panicked".to_owned())),
    }
}

fn entry(step: &str, state: State, output: Bytes) -> JournalEntry {
    JournalEntry {
        step: step.to_owned(),
        state: state.into(),
        output,
    }
}

fn cancelled() -> Failure {
    Failure {
        reason: "CANCELLED".to_owned(),
        message: "the task was cancelled".to_owned(),
    }
}

fn attempts_exhausted() -> Failure {
    Failure {
        reason: "ATTEMPTS_EXHAUSTED".to_owned(),
        message: "the task failed too often and was undone".to_owned(),
    }
}
