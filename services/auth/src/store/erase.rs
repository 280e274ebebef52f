//! What is taken away: a squatter's ways in, a person who leaves, and what
//! has served its time.

use covergen_ids::UserId;
use covergen_store::{Error, Store, Tx};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _, Statement,
};

use super::entity::{
    account, api_key, oauth_flow, one_time_token, passkey, passkey_challenge, provider_link,
    recovery_code, refresh_token, role_binding, session, totp,
};

/// Every way into an account but its address: whoever set them up never
/// proved that the address is theirs.
pub(crate) async fn credentials(tx: &Tx, user: UserId) -> Result<(), Error> {
    super::account::set_password_hash(tx, user, String::new()).await?;
    provider_link::Entity::delete_many()
        .filter(provider_link::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    oauth_flow::Entity::delete_many()
        .filter(oauth_flow::Column::LinkUserId.eq(user))
        .exec(tx)
        .await?;
    passkey::Entity::delete_many()
        .filter(passkey::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    passkey_challenge::Entity::delete_many()
        .filter(passkey_challenge::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    super::mfa::remove(tx, user).await?;
    one_time_token::Entity::delete_many()
        .filter(one_time_token::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    super::api_key::revoke_all(tx, user, tx.now_ms()).await?;
    Ok(())
}

/// Everything of a person. Their failed guesses are counted under a subject for
/// their password and one for their codes.
pub(crate) async fn person(
    tx: &Tx,
    user: UserId,
    password_subject: &str,
    mfa_subject: &str,
) -> Result<(), Error> {
    // One before the account's lock and one after, in the order of a sign-in.
    super::guess::clear(tx, password_subject).await?;
    credentials(tx, user).await?;
    super::guess::clear(tx, mfa_subject).await?;
    let sessions = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::UserId.eq(user))
        .into_query();
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::SessionId.in_subquery(sessions))
        .exec(tx)
        .await?;
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    totp::Entity::delete_by_id(user).exec(tx).await?;
    api_key::Entity::delete_many()
        .filter(api_key::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    role_binding::Entity::delete_many()
        .filter(role_binding::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    account::Entity::delete_by_id(user).exec(tx).await?;
    Ok(())
}

/// Rows deleted by one statement; small, since writers wait meanwhile.
const BATCH: u64 = 500;

/// Removes what has served its time; answers how many rows went.
pub(crate) async fn expired(store: &Store, forget_guesses_ms: i64) -> Result<u64, Error> {
    let mut gone = 0;
    // A token is kept for a day after its end, so that a second use of it is
    // told from a wrong one in the logs.
    for (table, key, over, kept_ms) in [
        ("one_time_tokens", "hash", "expires_at_ms < $1", 86_400_000),
        ("passkey_challenges", "hash", "expires_at_ms < $1", 0),
        ("oauth_flows", "state_hash", "expires_at_ms < $1", 0),
        ("signature_nonces", "hash", "expires_at_ms < $1", 0),
        (
            "failed_guesses",
            "subject",
            "updated_at_ms < $1",
            forget_guesses_ms,
        ),
    ] {
        gone += purge(store, table, key, over, kept_ms).await?;
    }
    Ok(gone)
}

async fn purge(
    store: &Store,
    table: &str,
    key: &str,
    over: &str,
    kept_ms: i64,
) -> Result<u64, Error> {
    let sql = format!(
        "DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {over} LIMIT {BATCH})"
    );
    let mut gone = 0;
    loop {
        let tx = store.begin().await?;
        // By the clock that the rows were written by: of several processes one
        // may be wrong, and would remove what still counts.
        let at = tx.now_ms() - kept_ms;
        let statement = Statement::from_sql_and_values(store.backend(), &sql, [at.into()]);
        let deleted = tx.execute_raw(statement).await?.rows_affected();
        tx.commit().await?;
        gone += deleted;
        if deleted < BATCH {
            return Ok(gone);
        }
    }
}
