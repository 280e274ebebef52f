//! What the contracts say about each RPC.

use crate::METHODS;

/// One RPC and the policy that its contract states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// Path on the wire: `/covergen.cover.v1.CoverService/Generate`.
    pub path: &'static str,
    /// Domain whose service answers: `cover`.
    pub service: &'static str,
    /// Full name of the gRPC service: `covergen.cover.v1.CoverService`.
    pub rpc_service: &'static str,
    /// Name of the RPC: `Generate`.
    pub name: &'static str,
    /// Full name of the request message.
    pub input: &'static str,
    /// Full name of the answer message.
    pub output: &'static str,
    /// Anybody may call; no principal is needed.
    pub public: bool,
    /// Permission that the caller's role must grant; empty for none.
    pub permission: &'static str,
    /// API-key scopes of which one must be held by a key.
    pub scopes: &'static [&'static str],
    /// Only an admin token may call.
    pub admin: bool,
    /// BFFs that carry a route.
    pub exposed: Audiences,
    /// Services that may call with their own identity.
    pub callers: &'static [&'static str],
    /// A second delivery has the effect of one, so it may be retried.
    pub idempotent: bool,
    /// What a request key does.
    pub idempotency: Idempotency,
    /// Deadline inside the mesh where the caller set none, in milliseconds; 0
    /// where the contract states none: then the mesh's default holds.
    pub deadline_ms: u32,
    /// Longest time a BFF waits for a unary answer, in milliseconds.
    pub bff_deadline_ms: u32,
    /// Rate class, by name in configuration.
    pub rate: &'static str,
    /// The client sends a stream.
    pub client_streaming: bool,
    /// The server sends a stream.
    pub server_streaming: bool,
    /// The request holds a field that must not be logged.
    pub sensitive_request: bool,
    /// The answer holds a field that must not be logged or stored in clear.
    pub sensitive_response: bool,
}

impl Method {
    /// The RPC with this path, if a contract has it.
    #[must_use]
    pub fn find(path: &str) -> Option<&'static Self> {
        let found = METHODS.binary_search_by(|method| method.path.cmp(path));
        found.ok().map(|index| &METHODS[index])
    }

    /// A contract has a gRPC service of this full name.
    #[must_use]
    pub fn is_service(name: &str) -> bool {
        METHODS.iter().any(|method| method.rpc_service == name)
    }

    /// The service of a domain of this name answers RPCs of a contract.
    #[must_use]
    pub fn is_owner(name: &str) -> bool {
        METHODS.iter().any(|method| method.service == name)
    }
}

/// What a BFF does with a request key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// No mutation, or naturally idempotent: a key is ignored.
    None,
    /// A key is taken, and made where it is absent.
    Optional,
    /// A key must be given.
    Required,
}

/// A set of BFFs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Audiences(u8);

impl Audiences {
    /// None: the RPC is internal.
    pub const NONE: Self = Self(0);
    /// Browsers.
    pub const WEB: Self = Self(1);
    /// Phones.
    pub const MOBILE: Self = Self(2);
    /// Partners' servers.
    pub const PARTNER: Self = Self(4);

    /// A set from the bits of its members. For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// All of `others` are in the set.
    #[must_use]
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// The set has no member.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Members of either set.
    #[must_use]
    pub const fn union(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}
