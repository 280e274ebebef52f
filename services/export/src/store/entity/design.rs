use covergen_ids::{CoverId, ExportId};
use sea_orm::entity::prelude::*;

/// A cover's design as it was when an archive was asked for; once, however
/// many files are made of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export_designs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) export_id: ExportId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) cover_id: CoverId,
    #[sea_orm(column_type = "Text")]
    pub(crate) document: String,
    /// Names and assets of its pictures, as JSON.
    #[sea_orm(column_type = "Text")]
    pub(crate) pictures: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
