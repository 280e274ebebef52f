use futures::future::BoxFuture;
use tokio::sync::oneshot;

use super::writer::Writer;
use crate::{Error, Result};

/// Where an answer goes once its transaction is committed.
pub(super) type Reply<T> = oneshot::Sender<Result<T>>;

/// Told to the caller of an operation once its transaction ended.
pub(super) type Finish = Box<dyn FnOnce(Result<()>) + Send>;

/// What the writer is asked to do.
pub(super) enum Command {
    /// One operation inside the next transaction.
    Work(Box<dyn Work>),
    /// End after what came before.
    Close(Reply<()>),
}

/// How much an operation's commit must survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Survive {
    /// Power loss: the commit waits for the disk. For whatever is promised.
    PowerLoss,
    /// The end of this process. Enough for claims and settlements: if a power
    /// cut takes them, a message comes again, which consumers must bear anyway.
    Crash,
}

/// An operation with its caller.
pub(super) trait Work: Send {
    /// What its commit must survive.
    fn survive(&self) -> Survive;
    /// Runs it inside the open transaction. The error, if any, is one that
    /// fails the whole transaction.
    fn run(self: Box<Self>, writer: &mut Writer) -> BoxFuture<'_, (Finish, Result<()>)>;
    /// Tells the caller that it was not run.
    fn refuse(self: Box<Self>, error: Error);
}

/// The one kind of [`Work`]: a closure over the writer.
pub(super) struct Job<T, F> {
    pub(super) survive: Survive,
    pub(super) operation: F,
    pub(super) reply: Reply<T>,
}

impl<T, F> Work for Job<T, F>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut Writer) -> BoxFuture<'a, Result<T>> + Send + 'static,
{
    fn survive(&self) -> Survive {
        self.survive
    }

    fn run(self: Box<Self>, writer: &mut Writer) -> BoxFuture<'_, (Finish, Result<()>)> {
        let Self {
            operation, reply, ..
        } = *self;
        let running = operation(writer);
        Box::pin(async move {
            let result = running.await;
            let failure = match &result {
                Err(error) if fails_transaction(error) => Err(error.clone()),
                _ => Ok(()),
            };
            let finish: Finish = Box::new(move |committed| {
                // A caller that went away does not need an answer.
                let _ = reply.send(committed.and(result));
            });
            (finish, failure)
        })
    }

    fn refuse(self: Box<Self>, error: Error) {
        let _ = self.reply.send(Err(error));
    }
}

/// Storage errors undo everything; a refusal (unknown name and the like) is
/// found before anything is written and concerns its caller alone.
fn fails_transaction(error: &Error) -> bool {
    matches!(
        error,
        Error::Unavailable(_) | Error::Full(_) | Error::Corrupt(_)
    )
}
