//! Accounts and what stands in their row.

use covergen_identity::Role;
use covergen_ids::{UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbBackend, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{account, role_binding};

pub(crate) async fn by_email(
    db: &impl ConnectionTrait,
    canonical: &str,
) -> Result<Option<account::Model>, Error> {
    Ok(account::Entity::find()
        .filter(account::Column::EmailCanonical.eq(canonical))
        .one(db)
        .await?)
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<account::Model>, Error> {
    Ok(account::Entity::find_by_id(id).one(db).await?)
}

/// An account, locked until the transaction ends: whoever signs in and whoever
/// changes what lets in wait for each other.
pub(crate) async fn lock(tx: &Tx, id: UserId) -> Result<Option<account::Model>, Error> {
    let query = account::Entity::find_by_id(id);
    let query = match tx.get_database_backend() {
        DbBackend::Postgres => query.lock_exclusive(),
        // A transaction on SQLite writes alone.
        _ => query,
    };
    Ok(query.one(tx).await?)
}

/// Inserts an account with its role in its personal workspace.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    row: account::Model,
    role: Role,
) -> Result<(), Error> {
    let binding = role_binding::Model {
        user_id: row.id,
        workspace_id: row.workspace_id,
        role: role.to_string(),
        created_at_ms: row.created_at_ms,
    };
    account::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    role_binding::Entity::insert(binding.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

async fn set(
    db: &impl ConnectionTrait,
    user: UserId,
    column: account::Column,
    value: impl Into<sea_orm::Value> + Send,
) -> Result<(), Error> {
    account::Entity::update_many()
        .col_expr(column, Expr::value(value.into()))
        .filter(account::Column::Id.eq(user))
        .exec(db)
        .await?;
    Ok(())
}

/// Sets the hash of the password; empty takes the password away.
pub(crate) async fn set_password_hash(
    db: &impl ConnectionTrait,
    user: UserId,
    hash: String,
) -> Result<(), Error> {
    set(db, user, account::Column::PasswordHash, hash).await
}

pub(crate) async fn set_status(
    db: &impl ConnectionTrait,
    user: UserId,
    status: &str,
) -> Result<(), Error> {
    set(db, user, account::Column::Status, status).await
}

pub(crate) async fn set_language(
    db: &impl ConnectionTrait,
    user: UserId,
    language: &str,
) -> Result<(), Error> {
    set(db, user, account::Column::Language, language).await
}

pub(crate) async fn set_last_sign_in(
    db: &impl ConnectionTrait,
    user: UserId,
    now_ms: i64,
) -> Result<(), Error> {
    set(db, user, account::Column::LastSignInMs, now_ms).await
}

pub(crate) async fn set_sandbox(
    db: &impl ConnectionTrait,
    user: UserId,
    workspace: WorkspaceId,
) -> Result<(), Error> {
    set(db, user, account::Column::SandboxWorkspaceId, workspace).await
}

/// Notes that the address was proved; `false` when it had been before.
pub(crate) async fn verify_email(
    db: &impl ConnectionTrait,
    user: UserId,
    now_ms: i64,
) -> Result<bool, Error> {
    let verified = account::Entity::update_many()
        .col_expr(account::Column::EmailVerifiedAtMs, Expr::value(now_ms))
        .filter(account::Column::Id.eq(user))
        .filter(account::Column::EmailVerifiedAtMs.is_null())
        .exec(db)
        .await?;
    Ok(verified.rows_affected == 1)
}

/// Which accounts an operator asks for.
pub(crate) struct Wanted<'a> {
    /// Part of an address, in lower case; empty for all.
    pub(crate) part: &'a str,
    /// Or the account of this user.
    pub(crate) user: Option<UserId>,
    pub(crate) status: Option<&'a str>,
    pub(crate) after: Option<(i64, UserId)>,
    pub(crate) limit: u64,
}

/// Accounts of all workspaces, newest first: for operators only.
pub(crate) async fn list_all(
    db: &impl ConnectionTrait,
    wanted: Wanted<'_>,
) -> Result<Vec<account::Model>, Error> {
    let mut query = account::Entity::find();
    if let Some(user) = wanted.user {
        query = query.filter(account::Column::Id.eq(user));
    } else if !wanted.part.is_empty() {
        query = query.filter(account::Column::EmailCanonical.like(
            sea_orm::sea_query::LikeExpr::new(format!("%{}%", escape(wanted.part))).escape('\\'),
        ));
    }
    if let Some(status) = wanted.status {
        query = query.filter(account::Column::Status.eq(status));
    }
    if let Some((created, id)) = wanted.after {
        query = query.filter(
            Condition::any()
                .add(account::Column::CreatedAtMs.lt(created))
                .add(
                    Condition::all()
                        .add(account::Column::CreatedAtMs.eq(created))
                        .add(account::Column::Id.lt(id)),
                ),
        );
    }
    Ok(query
        .order_by_desc(account::Column::CreatedAtMs)
        .order_by_desc(account::Column::Id)
        .limit(wanted.limit)
        .all(db)
        .await?)
}

/// A text that LIKE takes as it is.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}
