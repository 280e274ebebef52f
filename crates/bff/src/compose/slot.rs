//! Where a part's answer waits for the parts that need it.

use tokio::sync::SetOnce;

/// Why there is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// There was nothing to ask for, or nobody wanted it.
    Nothing,
    /// The part that fills this field failed.
    Failed(&'static str),
}

/// One part's answer, once it is there.
#[derive(Debug)]
pub struct Slot<A>(SetOnce<Result<A, Absent>>);

impl<A> Default for Slot<A> {
    fn default() -> Self {
        Self(SetOnce::new())
    }
}

impl<A> Slot<A> {
    /// Waits until the part has ended.
    ///
    /// # Errors
    /// Why it has no answer.
    pub async fn get(&self) -> Result<&A, Absent> {
        self.0.wait().await.as_ref().map_err(|absent| *absent)
    }

    /// The answer, if there is one.
    #[must_use]
    pub fn take(self) -> Option<A> {
        self.0.into_inner().and_then(Result::ok)
    }

    pub(super) fn fill(&self, answer: Result<A, Absent>) {
        let filled = self.0.set(answer);
        debug_assert!(filled.is_ok(), "a part fills its slot once");
    }
}
