use crate::Caller;

/// The services that speak for people: the generated BFFs.
pub const EDGES: &[&str] = &["bff-web", "bff-mobile", "bff-partner"];

/// Who may call a method, as its contract declares.
#[derive(Debug, Clone, Copy, Default)]
pub struct Requirement<'a> {
    /// Anybody may.
    pub public: bool,
    /// A role must grant this.
    pub permission: &'a str,
    /// Or an API key must bear one of these.
    pub scopes: &'a [&'a str],
    /// Only a platform admin may.
    pub admin: bool,
    /// Some BFF offers it.
    pub exposed: bool,
    /// Services that may call it in their own name.
    pub callers: &'a [&'a str],
}

/// Why a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody is signed in.
    #[error("sign in first: send `Authorization: Bearer <token>`")]
    Unauthenticated,
    /// Somebody is, and may not.
    #[error("you lack the permission for this call")]
    Forbidden,
}

/// Decides whether a caller may call. Denied unless something grants it.
///
/// # Errors
/// [`Denied`], when nothing grants the call.
pub fn authorize(requirement: &Requirement<'_>, caller: &Caller) -> Result<(), Denied> {
    if requirement.public {
        return Ok(());
    }
    if let Caller::Service { name, on_behalf_of } = caller
        && requirement.callers.contains(&name.as_str())
        // An edge that speaks for somebody lends them none of its own rights.
        && !(on_behalf_of.is_some() && EDGES.contains(&name.as_str()))
    {
        return Ok(());
    }
    // From here on only a person can be let in: with a token of their own, or
    // through an edge. Another service does not inherit its user's rights.
    let principal = match caller {
        Caller::Anonymous => return Err(Denied::Unauthenticated),
        Caller::User(principal) => principal,
        Caller::Service { name, on_behalf_of } if EDGES.contains(&name.as_str()) => {
            on_behalf_of.as_ref().ok_or(Denied::Unauthenticated)?
        }
        Caller::Service { .. } => return Err(Denied::Forbidden),
    };
    if !(requirement.exposed || requirement.admin) {
        return Err(Denied::Forbidden);
    }
    if requirement.admin && !principal.is_admin() {
        return Err(Denied::Forbidden);
    }
    let by_scope = |scopes: &Vec<String>| {
        scopes
            .iter()
            .any(|scope| requirement.scopes.contains(&scope.as_str()))
    };
    // A key never reaches further than its owner's roles.
    let granted =
        principal.may(requirement.permission) && principal.scopes.as_ref().is_none_or(by_scope);
    if granted {
        Ok(())
    } else {
        Err(Denied::Forbidden)
    }
}

#[cfg(test)]
mod tests {
    use covergen_ids::{Clock, UserId, WorkspaceId};

    use super::{Denied, Requirement, authorize};
    use crate::{Caller, Principal, Role};

    fn person(role: Role, scopes: Option<Vec<String>>) -> Principal {
        let clock = Clock::system();
        Principal {
            user_id: UserId::new(&clock),
            workspace_id: WorkspaceId::new(&clock),
            roles: vec![role],
            session_id: None,
            scopes,
        }
    }

    fn service(name: &str, on_behalf_of: Option<Principal>) -> Caller {
        Caller::Service {
            name: name.to_owned(),
            on_behalf_of,
        }
    }

    const GENERATE: Requirement<'_> = Requirement {
        public: false,
        permission: "covers.write",
        scopes: &["covers:write"],
        admin: false,
        exposed: true,
        callers: &[],
    };
    const COMMIT: Requirement<'_> = Requirement {
        public: false,
        permission: "",
        scopes: &[],
        admin: false,
        exposed: false,
        callers: &["cover"],
    };

    #[test]
    fn a_creator_may_call_what_a_bff_exposes_directly_and_through_an_edge() {
        let creator = person(Role::Creator, None);
        assert_eq!(authorize(&GENERATE, &Caller::User(creator.clone())), Ok(()));
        assert_eq!(
            authorize(&GENERATE, &service("bff-web", Some(creator))),
            Ok(())
        );
    }

    #[test]
    fn an_internal_method_takes_its_named_callers_and_nobody_else() {
        assert_eq!(authorize(&COMMIT, &service("cover", None)), Ok(()));
        let admin = person(Role::Admin, None);
        for caller in [
            Caller::User(admin.clone()),
            service("bff-web", Some(admin.clone())),
            service("export", Some(admin)),
        ] {
            assert_eq!(
                authorize(&COMMIT, &caller),
                Err(Denied::Forbidden),
                "{caller:?}"
            );
        }
        assert_eq!(
            authorize(&COMMIT, &Caller::Anonymous),
            Err(Denied::Unauthenticated)
        );
    }

    #[test]
    fn an_edge_asks_in_its_own_name_and_lends_that_to_nobody() {
        let resolve = Requirement {
            callers: &["bff-web"],
            ..Requirement::default()
        };
        assert_eq!(authorize(&resolve, &service("bff-web", None)), Ok(()));
        for role in [Role::Creator, Role::Admin] {
            let person = service("bff-web", Some(person(role, None)));
            assert_eq!(authorize(&resolve, &person), Err(Denied::Forbidden));
        }
    }

    #[test]
    fn a_service_does_not_inherit_its_users_rights() {
        let creator = person(Role::Creator, None);
        assert_eq!(
            authorize(&GENERATE, &service("safety", Some(creator))),
            Err(Denied::Forbidden)
        );
    }

    #[test]
    fn a_key_needs_the_scope_and_its_owner_the_role() {
        let scoped = |role, scope: &str| Caller::User(person(role, Some(vec![scope.to_owned()])));
        assert_eq!(
            authorize(&GENERATE, &scoped(Role::Partner, "covers:write")),
            Ok(())
        );
        assert_eq!(
            authorize(&GENERATE, &scoped(Role::Partner, "covers:read")),
            Err(Denied::Forbidden)
        );
        assert_eq!(
            authorize(&GENERATE, &scoped(Role::Consumer, "covers:write")),
            Err(Denied::Forbidden)
        );
    }

    #[test]
    fn an_admin_method_refuses_everybody_else() {
        let requirement = Requirement {
            permission: "tasks.admin",
            admin: true,
            ..Requirement::default()
        };
        let call = |role| authorize(&requirement, &Caller::User(person(role, None)));
        assert_eq!(call(Role::Admin), Ok(()));
        assert_eq!(call(Role::Creator), Err(Denied::Forbidden));
    }
}
