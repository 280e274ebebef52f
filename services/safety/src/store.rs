//! Queries. Rules belong to the system's workspace; a violation to that of its
//! author.

pub(crate) mod entity;
mod migration;

use covergen_ids::WorkspaceId;
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
};

use crate::domain::Rule;
use entity::{rule, rule_state, violation};
pub(crate) use migration::migrations;

/// Rules that may be in force; each may hold many patterns.
const MAX_RULES: u64 = 10_000;

fn in_force(workspace: WorkspaceId) -> Select<rule::Entity> {
    rule::Entity::find()
        .filter(rule::Column::WorkspaceId.eq(workspace))
        .filter(rule::Column::InForce.eq(true))
        .order_by_asc(rule::Column::Id)
}

/// Rules in force from after an id.
pub(crate) async fn rules_in_force(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    after: Option<String>,
    limit: u64,
) -> Result<Vec<rule::Model>, Error> {
    let mut query = in_force(workspace);
    if let Some(after) = after {
        query = query.filter(rule::Column::Id.gt(after));
    }
    Ok(query.limit(limit).all(db).await?)
}

/// All rules in force.
pub(crate) async fn every_rule_in_force(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<Vec<rule::Model>, Error> {
    rules_in_force(db, workspace, None, MAX_RULES).await
}

/// Which state the rules are in: rises with every change; 0 before the first.
pub(crate) async fn revision(db: &impl ConnectionTrait) -> Result<i64, Error> {
    let state = rule_state::Entity::find_by_id(rule_state::ID)
        .one(db)
        .await?;
    Ok(state.map_or(0, |state| state.revision))
}

/// Takes the rules' row, and holds it until the transaction ends.
pub(crate) async fn lock_state(tx: &Tx) -> Result<(), Error> {
    let row = rule_state::Model {
        id: rule_state::ID.to_owned(),
        workspace_id: WorkspaceId::SYSTEM,
        revision: 0,
    };
    rule_state::Entity::insert(row.into_active_model())
        .on_conflict(
            // Writing what is there is what locks it.
            OnConflict::column(rule_state::Column::Id)
                .update_column(rule_state::Column::WorkspaceId)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

pub(crate) async fn raise_revision(tx: &Tx) -> Result<(), Error> {
    rule_state::Entity::update_many()
        .col_expr(
            rule_state::Column::Revision,
            Expr::col(rule_state::Column::Revision).add(1),
        )
        .filter(rule_state::Column::Id.eq(rule_state::ID))
        .exec(tx)
        .await?;
    Ok(())
}

/// Adds a version of a rule, not in force yet; `false` when it is there.
pub(crate) async fn insert_rule(tx: &Tx, rule: &Rule) -> Result<bool, Error> {
    let row = rule::Model {
        id: rule.id.clone(),
        version: rule.version,
        workspace_id: WorkspaceId::SYSTEM,
        category: rule.category.clone(),
        description: rule.description.clone(),
        region: rule.region.clone(),
        score: rule.score,
        patterns: rule::Texts(rule.patterns.clone()),
        exceptions: rule::Texts(rule.exceptions.clone()),
        is_retired: rule.is_retired,
        in_force: false,
        created_at_ms: tx.now_ms(),
    };
    let inserted = rule::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([rule::Column::Id, rule::Column::Version])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

/// Puts the newest version of a rule in force, unless it retires the rule, and
/// every other one out of it.
pub(crate) async fn enforce_newest(tx: &Tx, id: &str) -> Result<(), Error> {
    let newest = rule::Entity::find()
        .filter(rule::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
        .filter(rule::Column::Id.eq(id))
        .order_by_desc(rule::Column::Version)
        .limit(1)
        .one(tx)
        .await?;
    let Some(newest) = newest else { return Ok(()) };
    for (in_force, which) in [
        (false, rule::Column::Version.ne(newest.version)),
        (!newest.is_retired, rule::Column::Version.eq(newest.version)),
    ] {
        rule::Entity::update_many()
            .col_expr(rule::Column::InForce, Expr::value(in_force))
            .filter(rule::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
            .filter(rule::Column::Id.eq(id))
            .filter(which)
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Logs a violation; `false` when this rule is logged for this subject.
pub(crate) async fn insert_violation(tx: &Tx, row: &violation::Model) -> Result<bool, Error> {
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
