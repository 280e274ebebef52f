//! Rules, their versions, and the row that tells of changes.

use covergen_ids::WorkspaceId;
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use super::entity::{rule, rule_state};

/// Rules that may be in force; each may hold many patterns.
pub(crate) const MAX_RULES: u64 = 10_000;

/// The newest version of each rule.
const NEWEST: &str =
    "version = (SELECT MAX(newer.version) FROM rules newer WHERE newer.id = rules.id)";

fn all() -> Select<rule::Entity> {
    rule::Entity::find().filter(rule::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
}

/// Which rules are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Those that flag.
    Enforced,
    /// The newest version of each, whatever it does.
    All,
}

/// Rules from after an id.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    which: Listed,
    after: Option<String>,
    limit: u64,
) -> Result<Vec<rule::Model>, Error> {
    let mut query = all().order_by_asc(rule::Column::Id);
    query = match which {
        Listed::Enforced => query
            .filter(rule::Column::InForce.eq(true))
            .filter(rule::Column::IsShadow.eq(false)),
        Listed::All => query.filter(Expr::cust(NEWEST)),
    };
    if let Some(after) = after {
        query = query.filter(rule::Column::Id.gt(after));
    }
    Ok(query.limit(limit).all(db).await?)
}

/// All rules that are matched with, those in shadow among them.
pub(crate) async fn matched(db: &impl ConnectionTrait) -> Result<Vec<rule::Model>, Error> {
    Ok(all()
        .filter(rule::Column::InForce.eq(true))
        .order_by_asc(rule::Column::Id)
        .limit(MAX_RULES)
        .all(db)
        .await?)
}

/// How many rules are in force.
pub(crate) async fn count(db: &impl ConnectionTrait) -> Result<u64, Error> {
    Ok(all()
        .filter(rule::Column::InForce.eq(true))
        .count(db)
        .await?)
}

/// A version of a rule; its newest where none is named.
pub(crate) async fn version(
    db: &impl ConnectionTrait,
    id: &str,
    version: Option<i32>,
) -> Result<Option<rule::Model>, Error> {
    let mut query = all()
        .filter(rule::Column::Id.eq(id))
        .order_by_desc(rule::Column::Version);
    if let Some(version) = version {
        query = query.filter(rule::Column::Version.eq(version));
    }
    Ok(query.limit(1).one(db).await?)
}

/// The versions of a rule before one, newest first.
pub(crate) async fn versions(
    db: &impl ConnectionTrait,
    id: &str,
    before: Option<i32>,
    limit: u64,
) -> Result<Vec<rule::Model>, Error> {
    let mut query = all()
        .filter(rule::Column::Id.eq(id))
        .order_by_desc(rule::Column::Version);
    if let Some(before) = before {
        query = query.filter(rule::Column::Version.lt(before));
    }
    Ok(query.limit(limit).all(db).await?)
}

/// Which state the rules are in: rises with every change; 0 before the first.
pub(crate) async fn revision(db: &impl ConnectionTrait) -> Result<i64, Error> {
    let state = rule_state::Entity::find_by_id(rule_state::ID)
        .one(db)
        .await?;
    Ok(state.map_or(0, |state| state.revision))
}

/// Takes the rules' row, and holds it until the transaction ends: whoever
/// changes rules or blocked pictures takes turns here.
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

/// Raises the revision, whose row must be held; the new one.
pub(crate) async fn raise_revision(tx: &Tx) -> Result<i64, Error> {
    rule_state::Entity::update_many()
        .col_expr(
            rule_state::Column::Revision,
            Expr::col(rule_state::Column::Revision).add(1),
        )
        .filter(rule_state::Column::Id.eq(rule_state::ID))
        .exec(tx)
        .await?;
    revision(tx).await
}

/// Adds a version of a rule and puts it in force, unless it retires the rule,
/// and every other one out of it.
pub(crate) async fn add_version(tx: &Tx, mut row: rule::Model) -> Result<rule::Model, Error> {
    rule::Entity::update_many()
        .col_expr(rule::Column::InForce, Expr::value(false))
        .filter(rule::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
        .filter(rule::Column::Id.eq(row.id.as_str()))
        .exec(tx)
        .await?;
    row.in_force = !row.is_retired;
    rule::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(row)
}
