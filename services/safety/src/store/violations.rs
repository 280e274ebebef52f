//! The violation log, and what rules in shadow matched.

use covergen_ids::{AppealId, UserId, ViolationId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
};

use super::Whose;
use super::entity::violation::State;
use super::entity::{shadow_match, violation};

fn of(whose: Whose) -> Select<violation::Entity> {
    let all = violation::Entity::find();
    match whose {
        Whose::Own(user, workspace) => all
            .filter(violation::Column::UserId.eq(user))
            .filter(violation::Column::WorkspaceId.eq(workspace)),
        Whose::Of(user) => all.filter(violation::Column::UserId.eq(user)),
        Whose::All => all,
    }
}

/// Logs a violation; `false` when this rule is logged for this subject.
pub(crate) async fn insert(tx: &Tx, row: &violation::Model) -> Result<bool, Error> {
    let inserted = violation::Entity::insert(row.clone().into_active_model())
        .on_conflict(
            OnConflict::columns([
                violation::Column::WorkspaceId,
                violation::Column::Subject,
                violation::Column::RuleId,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    whose: Whose,
    id: ViolationId,
) -> Result<Option<violation::Model>, Error> {
    Ok(of(whose)
        .filter(violation::Column::Id.eq(id))
        .one(db)
        .await?)
}

/// What a list is narrowed to; empty means nothing.
#[derive(Default)]
pub(crate) struct Narrowed<'a> {
    pub(crate) category: &'a str,
    pub(crate) rule_id: &'a str,
}

/// Violations before one, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    whose: Whose,
    to: &Narrowed<'_>,
    before: Option<ViolationId>,
    limit: u64,
) -> Result<Vec<violation::Model>, Error> {
    let mut query = of(whose).order_by_desc(violation::Column::Id);
    if !to.category.is_empty() {
        query = query.filter(violation::Column::Category.eq(to.category));
    }
    if !to.rule_id.is_empty() {
        query = query.filter(violation::Column::RuleId.eq(to.rule_id));
    }
    if let Some(before) = before {
        query = query.filter(violation::Column::Id.lt(before));
    }
    Ok(query.limit(limit).all(db).await?)
}

/// Of some rules, the contents of an author's that an appeal cleared.
pub(crate) async fn cleared(
    db: &impl ConnectionTrait,
    user: UserId,
    workspace: WorkspaceId,
    rules: &[&str],
) -> Result<Vec<(String, String)>, Error> {
    let rows = of(Whose::Own(user, workspace))
        .filter(violation::Column::State.eq(State::Overturned))
        .filter(violation::Column::RuleId.is_in(rules.iter().copied()))
        .order_by_desc(violation::Column::Id)
        .limit(1_000)
        .all(db)
        .await?;
    let pairs = rows.into_iter().map(|row| (row.rule_id, row.text_sha256));
    Ok(pairs.collect())
}

/// Says where a violation stands, and by which appeal.
pub(crate) async fn set_state(
    tx: &Tx,
    id: ViolationId,
    state: State,
    appeal: Option<AppealId>,
) -> Result<(), Error> {
    violation::Entity::update_many()
        .col_expr(violation::Column::State, Expr::value(state))
        .col_expr(violation::Column::AppealId, Expr::value(appeal))
        .filter(violation::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes what a rule in shadow matched; `false` when it is noted.
pub(crate) async fn insert_shadow(tx: &Tx, row: shadow_match::Model) -> Result<bool, Error> {
    let inserted = shadow_match::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([
                shadow_match::Column::WorkspaceId,
                shadow_match::Column::Subject,
                shadow_match::Column::RuleId,
                shadow_match::Column::RuleVersion,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

/// What a rule matched in shadow, before one, newest first.
pub(crate) async fn shadow_matches(
    db: &impl ConnectionTrait,
    rule: &str,
    before: Option<String>,
    limit: u64,
) -> Result<Vec<shadow_match::Model>, Error> {
    let mut query = shadow_match::Entity::find()
        .filter(shadow_match::Column::RuleId.eq(rule))
        .order_by_desc(shadow_match::Column::Id);
    if let Some(before) = before {
        query = query.filter(shadow_match::Column::Id.lt(before));
    }
    Ok(query.limit(limit).all(db).await?)
}
