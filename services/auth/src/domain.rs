//! Rules without I/O.

pub(crate) mod language;
pub(crate) mod lockout;
pub(crate) mod recovery;
pub(crate) mod totp;
pub(crate) mod webauthn;

use covergen_identity::{Principal, Role};

use crate::error::Error;
use crate::store::entity::{account, refresh_token, session};

/// Statuses of an account, as its row writes them.
pub(crate) const ACTIVE: &str = "active";
pub(crate) const INACTIVE: &str = "inactive";
pub(crate) const SUSPENDED: &str = "suspended";

/// Whether an account lets its owner in. Asked only once a credential was
/// right, so that a stranger learns nothing.
pub(crate) fn check_status(account: &account::Model) -> Result<(), Error> {
    match account.status.as_str() {
        ACTIVE => Ok(()),
        SUSPENDED => Err(Error::AccountSuspended),
        _ => Err(Error::AccountInactive),
    }
}

/// What wrong passwords for an address are counted under, whether it has an
/// account or not.
pub(crate) fn password_subject(canonical_email: &str) -> String {
    format!("password:{}", crate::secrets::hash_text(canonical_email))
}

/// What wrong codes of an account are counted under: apart from passwords.
pub(crate) fn mfa_subject(user: covergen_ids::UserId) -> String {
    format!("mfa:{user}")
}

/// The form in which two spellings of one address are equal.
pub(crate) fn canonical_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A page of the web app that a sign-in may come back to: a path of our own,
/// or else the start page. Nothing that a browser could read as another host.
pub(crate) fn return_path<'a>(wanted: &'a str, otherwise: &'a str) -> &'a str {
    let own = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && wanted
            .bytes()
            .all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\');
    if own { wanted } else { otherwise }
}

/// Why a refresh token that did not win is answered as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replayed {
    /// Its holder lost a race, or never got the answer: the same successor.
    InGrace,
    /// Somebody presents a token that was traded in long ago.
    Reused,
    /// Its time is over, or its session's.
    Over,
}

/// Judges a token that could not be traded in.
pub(crate) fn judge_replay(
    token: &refresh_token::Model,
    session: &session::Model,
    now_ms: i64,
    grace_ms: i64,
) -> Replayed {
    if !is_alive(session, now_ms) {
        return Replayed::Over;
    }
    match token.used_at_ms {
        Some(used) if now_ms - used <= grace_ms => Replayed::InGrace,
        Some(_) => Replayed::Reused,
        None => Replayed::Over,
    }
}

/// Whether a session still lets its tokens in.
pub(crate) fn is_alive(session: &session::Model, now_ms: i64) -> bool {
    session.ended_at_ms.is_none()
        && now_ms < session.idle_until_ms
        && now_ms < session.expires_at_ms
}

/// Who an account is in its personal workspace.
pub(crate) fn principal(
    account: &account::Model,
    roles: Vec<Role>,
    session: Option<&session::Model>,
) -> Principal {
    Principal {
        user_id: account.id,
        workspace_id: account.workspace_id,
        roles,
        session_id: session.map(|session| session.id),
        scopes: None,
    }
}

#[cfg(test)]
mod tests {
    use covergen_ids::{Clock, SessionId, UserId, WorkspaceId};

    use super::{Replayed, canonical_email, judge_replay, return_path};
    use crate::store::entity::{refresh_token, session};

    fn session(ended_at_ms: Option<i64>) -> session::Model {
        let clock = Clock::system();
        session::Model {
            id: SessionId::new(&clock),
            user_id: UserId::new(&clock),
            workspace_id: WorkspaceId::new(&clock),
            created_at_ms: 0,
            last_seen_ms: 0,
            idle_until_ms: 1_000_000,
            expires_at_ms: 2_000_000,
            ended_at_ms,
            end_reason: None,
            ip_address: String::new(),
            user_agent: String::new(),
            method: "password".to_owned(),
            authenticated_at_ms: 0,
        }
    }

    fn token(used_at_ms: Option<i64>) -> refresh_token::Model {
        let session = session(None);
        refresh_token::Model {
            hash: vec![0; 32],
            session_id: session.id,
            workspace_id: session.workspace_id,
            created_at_ms: 0,
            used_at_ms,
        }
    }

    #[test]
    fn a_used_token_is_a_lost_race_within_the_grace_and_a_theft_after_it() {
        let judge = |now| judge_replay(&token(Some(100_000)), &session(None), now, 30_000);
        assert_eq!(judge(130_000), Replayed::InGrace);
        assert_eq!(judge(130_001), Replayed::Reused);
    }

    #[test]
    fn a_token_of_an_ended_session_is_over_and_no_theft() {
        let judged = judge_replay(&token(Some(0)), &session(Some(5)), 500_000, 30_000);
        assert_eq!(judged, Replayed::Over);
        let judged = judge_replay(&token(None), &session(None), 1_000_001, 30_000);
        assert_eq!(judged, Replayed::Over);
    }

    #[test]
    fn addresses_are_compared_without_case_and_spaces() {
        assert_eq!(canonical_email(" Ada@Example.ORG "), "ada@example.org");
    }

    #[test]
    fn a_sign_in_comes_back_to_our_own_pages_only() {
        assert_eq!(return_path("/library?x=1#y", "/"), "/library?x=1#y");
        for foreign in [
            "",
            "library",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/a\r\nSet-Cookie: b",
            "/\t/evil.example",
        ] {
            assert_eq!(return_path(foreign, "/"), "/", "{foreign:?}");
        }
    }
}
