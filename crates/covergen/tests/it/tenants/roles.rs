//! Who asks, and what their contract lets them ask for.

use covergen_identity::{AccessTokens, EDGES, InternalTokens, Principal, Role};
use covergen_proto::Method;

/// Somebody who asks for what is not theirs.
pub(super) struct Asker {
    pub(super) name: String,
    pub(super) token: Option<String>,
    pub(super) rank: Rank,
}

/// What kind of caller it is.
pub(super) enum Rank {
    Nobody,
    Person {
        role: Role,
        scopes: Option<Vec<String>>,
    },
    Service(&'static str),
}

impl Asker {
    pub(super) fn nobody() -> Self {
        Self {
            name: "nobody".to_owned(),
            token: None,
            rank: Rank::Nobody,
        }
    }

    /// The same person in a role.
    pub(super) fn person(tokens: &AccessTokens, who: &Principal, role: Role) -> Self {
        Self::with(tokens, who, role, role.to_string(), None)
    }

    /// A key of the person's, a creator.
    pub(super) fn key(tokens: &AccessTokens, who: &Principal, name: &str, scopes: &[&str]) -> Self {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Self::with(tokens, who, Role::Creator, name.to_owned(), Some(scopes))
    }

    fn with(
        tokens: &AccessTokens,
        who: &Principal,
        role: Role,
        name: String,
        scopes: Option<Vec<String>>,
    ) -> Self {
        let principal = Principal {
            roles: vec![role],
            scopes: scopes.clone(),
            ..who.clone()
        };
        Self {
            name,
            token: Some(tokens.issue(&principal).expect("a token")),
            rank: Rank::Person { role, scopes },
        }
    }

    /// A creator as a BFF brings them.
    pub(super) fn through_an_edge(tokens: &InternalTokens, who: &Principal) -> Self {
        let principal = Principal {
            roles: vec![Role::Creator],
            ..who.clone()
        };
        Self {
            name: "a creator through an edge".to_owned(),
            token: Some(tokens.issue(EDGES[0], Some(&principal)).expect("a token")),
            rank: Rank::Person {
                role: Role::Creator,
                scopes: None,
            },
        }
    }

    /// A service that acts for the person.
    pub(super) fn service(tokens: &InternalTokens, who: &Principal, name: &'static str) -> Self {
        Self {
            name: format!("{name} for somebody"),
            token: Some(tokens.issue(name, Some(who)).expect("a token")),
            rank: Rank::Service(name),
        }
    }

    /// Whether the contract lets them in; whose things it is about is another
    /// question.
    pub(super) fn may(&self, method: &Method) -> bool {
        if method.public {
            return true;
        }
        match &self.rank {
            Rank::Nobody => false,
            Rank::Service(name) => method.callers.contains(name),
            Rank::Person { role, scopes } => {
                let offered = !method.exposed.is_empty() || method.admin;
                let scoped = scopes.as_ref().is_none_or(|held| {
                    let holds = |scope: &&str| held.iter().any(|it| it == *scope);
                    method.scopes.iter().any(holds)
                });
                offered
                    && role.grants(method.permission)
                    && (!method.admin || *role == Role::Admin)
                    && scoped
            }
        }
    }
}
