//! What a contract declares about a method.

/// What the layers need to know of one RPC, read from its contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodFacts {
    /// Calling twice leaves the state that calling once leaves.
    pub idempotent: bool,
    /// The deadline the method declares, in milliseconds.
    pub deadline_ms: Option<u32>,
    /// The caller sends a stream of messages.
    pub client_streaming: bool,
    /// The answer is a stream of messages.
    pub server_streaming: bool,
}

impl MethodFacts {
    /// One message each way.
    pub fn is_unary(self) -> bool {
        !self.client_streaming && !self.server_streaming
    }
}

/// Finds the facts of a path such as `/covergen.cover.v1.CoverService/Get`.
///
/// `None` (health, reflection, anything unheard of) takes the cautious side
/// everywhere: the call may be a stream, is never retried, and shares the
/// metric label `other`, so that a flood of invented paths cannot grow memory.
pub type MethodLookup = fn(&str) -> Option<MethodFacts>;

/// Tells whether a contract has a service of this full name, such as
/// `covergen.cover.v1.CoverService`.
pub type ServiceLookup = fn(&str) -> bool;
