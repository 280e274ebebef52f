//! Workers and sagas: leases, steps, compensation.
//!
//! The service that owns the work holds the saga's definition and runs its
//! workers; the task service keeps the queue, the leases and the journal. A
//! worker leases a task, reads its journal, and goes on where it ends.
//!
//! Invariants:
//! - A step is in the journal before it runs, so its compensation is
//!   registered before it can have had an effect.
//! - Steps and compensations are idempotent: each may run again after a crash,
//!   and a compensation may run for a step that never took effect.
//! - The decision to undo is in the journal before the first compensation
//!   runs, and it stands: nobody goes forward on effects that are gone.
//! - Compensations run in reverse order, cannot be cancelled, and are retried;
//!   one that keeps failing leaves the task to an operator.
//! - Once the pivot has begun there is no cancelling; once it is done there is
//!   no going back: what follows is retried until it works.
//! - Whoever lost the lease writes nothing more: the fencing token sees to it.
//!
//! Modules in reading order: `definition`, `run`, `journal`, `decision`,
//! `execute`, `trace`, `worker`, `remote`.

mod decision;
mod definition;
mod execute;
mod journal;
mod remote;
mod run;
mod trace;
mod worker;

pub use definition::{Saga, Step, StepError};
pub use execute::{Ended, execute};
pub use journal::{Beat, Finish, Journal, JournalError};
pub use remote::RemoteJournal;
pub use run::{Ahead, Failure, Run};
pub use worker::{Worker, WorkerOptions};
