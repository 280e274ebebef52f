//! Queries. What belongs to a user is only found with that user's id.

pub(crate) mod account;
pub(crate) mod api_key;
pub(crate) mod entity;
pub(crate) mod erase;
pub(crate) mod guess;
pub(crate) mod mfa;
mod migration;
pub(crate) mod nonce;
pub(crate) mod oauth;
pub(crate) mod passkey;
pub(crate) mod token;

use covergen_identity::Role;
use covergen_ids::{SessionId, UserId, WorkspaceId};
use covergen_store::Error;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use entity::{refresh_token, role_binding, session};
pub(crate) use migration::migrations;

pub(crate) async fn insert_session(
    db: &impl ConnectionTrait,
    row: session::Model,
) -> Result<(), Error> {
    session::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The roles a user has in a workspace. A name that this version does not
/// know grants nothing.
pub(crate) async fn roles(
    db: &impl ConnectionTrait,
    user: UserId,
    workspace: WorkspaceId,
) -> Result<Vec<Role>, Error> {
    let bindings = role_binding::Entity::find()
        .filter(role_binding::Column::UserId.eq(user))
        .filter(role_binding::Column::WorkspaceId.eq(workspace))
        .order_by_asc(role_binding::Column::Role)
        .all(db)
        .await?;
    Ok(bindings
        .iter()
        .filter_map(|binding| binding.role.parse().ok())
        .collect())
}

pub(crate) async fn insert_refresh_token(
    db: &impl ConnectionTrait,
    hash: Vec<u8>,
    session: &session::Model,
    now_ms: i64,
) -> Result<(), Error> {
    refresh_token::Entity::insert(refresh_token::ActiveModel {
        hash: Set(hash),
        session_id: Set(session.id),
        workspace_id: Set(session.workspace_id),
        created_at_ms: Set(now_ms),
        used_at_ms: Set(None),
    })
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// Trades a token in. Of any number at once exactly one gets `true`: the
/// condition and the change are one statement.
pub(crate) async fn use_refresh_token(
    db: &impl ConnectionTrait,
    hash: &[u8],
    now_ms: i64,
) -> Result<bool, Error> {
    let used = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAtMs, Expr::value(now_ms))
        .filter(refresh_token::Column::Hash.eq(hash))
        .filter(refresh_token::Column::UsedAtMs.is_null())
        .exec(db)
        .await?;
    Ok(used.rows_affected == 1)
}

pub(crate) async fn refresh_token(
    db: &impl ConnectionTrait,
    hash: &[u8],
) -> Result<Option<(refresh_token::Model, session::Model)>, Error> {
    let Some(token) = refresh_token::Entity::find_by_id(hash.to_vec())
        .one(db)
        .await?
    else {
        return Ok(None);
    };
    let session = session::Entity::find_by_id(token.session_id)
        .one(db)
        .await?;
    Ok(session.map(|session| (token, session)))
}

pub(crate) async fn touch_session(
    db: &impl ConnectionTrait,
    id: SessionId,
    now_ms: i64,
    idle_until_ms: i64,
    seen: &covergen_chassis::ClientInfo,
) -> Result<(), Error> {
    let mut update = session::Entity::update_many()
        .col_expr(session::Column::LastSeenMs, Expr::value(now_ms))
        .col_expr(session::Column::IdleUntilMs, Expr::value(idle_until_ms));
    if !seen.ip_address.is_empty() {
        update = update
            .col_expr(
                session::Column::IpAddress,
                Expr::value(seen.ip_address.as_str()),
            )
            .col_expr(
                session::Column::UserAgent,
                Expr::value(seen.user_agent.as_str()),
            );
    }
    update.filter(session::Column::Id.eq(id)).exec(db).await?;
    Ok(())
}

/// Notes that a session's owner has proved to be there.
pub(crate) async fn reauthenticate_session(
    db: &impl ConnectionTrait,
    user: UserId,
    id: SessionId,
    now_ms: i64,
) -> Result<(), Error> {
    session::Entity::update_many()
        .col_expr(session::Column::AuthenticatedAtMs, Expr::value(now_ms))
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::UserId.eq(user))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends every live session of a user but one; hands out which.
pub(crate) async fn end_sessions(
    db: &impl ConnectionTrait,
    user: UserId,
    except: Option<SessionId>,
    reason: &str,
    now_ms: i64,
) -> Result<Vec<SessionId>, Error> {
    let mut query = session::Entity::find()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::EndedAtMs.is_null())
        .filter(session::Column::IdleUntilMs.gt(now_ms))
        .filter(session::Column::ExpiresAtMs.gt(now_ms));
    if let Some(spared) = except {
        query = query.filter(session::Column::Id.ne(spared));
    }
    let mut ended = Vec::new();
    for row in query.all(db).await? {
        if end_session(db, user, row.id, reason, now_ms).await? {
            ended.push(row.id);
        }
    }
    Ok(ended)
}

/// Ends a session that has not ended; `false` when there was nothing to end.
pub(crate) async fn end_session(
    db: &impl ConnectionTrait,
    user: UserId,
    id: SessionId,
    reason: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    let ended = session::Entity::update_many()
        .col_expr(session::Column::EndedAtMs, Expr::value(now_ms))
        .col_expr(session::Column::EndReason, Expr::value(reason))
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::EndedAtMs.is_null())
        .exec(db)
        .await?;
    Ok(ended.rows_affected == 1)
}

pub(crate) async fn session(
    db: &impl ConnectionTrait,
    user: UserId,
    id: SessionId,
) -> Result<Option<session::Model>, Error> {
    Ok(session::Entity::find_by_id(id)
        .filter(session::Column::UserId.eq(user))
        .one(db)
        .await?)
}

/// A user's live sessions, newest first, from after `(created, id)`.
pub(crate) async fn live_sessions(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<(i64, SessionId)>,
    now_ms: i64,
    limit: u64,
) -> Result<Vec<session::Model>, Error> {
    let mut query = session::Entity::find()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::EndedAtMs.is_null())
        .filter(session::Column::IdleUntilMs.gt(now_ms))
        .filter(session::Column::ExpiresAtMs.gt(now_ms));
    if let Some((created, id)) = after {
        query = query.filter(
            Condition::any()
                .add(session::Column::CreatedAtMs.lt(created))
                .add(
                    Condition::all()
                        .add(session::Column::CreatedAtMs.eq(created))
                        .add(session::Column::Id.lt(id)),
                ),
        );
    }
    Ok(query
        .order_by_desc(session::Column::CreatedAtMs)
        .order_by_desc(session::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// A user's sessions, ended or not, newest first.
pub(crate) async fn all_sessions(
    db: &impl ConnectionTrait,
    user: UserId,
    limit: u64,
) -> Result<Vec<session::Model>, Error> {
    Ok(session::Entity::find()
        .filter(session::Column::UserId.eq(user))
        .order_by_desc(session::Column::CreatedAtMs)
        .limit(limit)
        .all(db)
        .await?)
}
