use covergen_ids::WorkspaceId;

use super::App;
use crate::domain::choose;
use crate::error::Error;
use crate::store::{self, entity::template};

impl App {
    /// The template asked for, if the caller may use it; without one, the one
    /// that the seed falls on among those they may use.
    pub(crate) async fn resolve_template(
        &self,
        id: &str,
        seed: u64,
        premium_allowed: bool,
    ) -> Result<template::Model, Error> {
        if id.is_empty() {
            let rows = store::choices(self.store.read(), WorkspaceId::SYSTEM).await?;
            let allowed = rows.iter().filter(|row| premium_allowed || !row.is_premium);
            let chosen = choose(seed, allowed.map(|row| row.id.as_str())).map(str::to_owned);
            return rows
                .into_iter()
                .find(|row| chosen.as_ref() == Some(&row.id))
                .ok_or(Error::TemplateNotFound);
        }
        let template = self.get_template(id).await?;
        if template.is_premium && !premium_allowed {
            return Err(Error::TemplatePremium {
                id: template.id,
                name: template.name,
            });
        }
        Ok(template)
    }
}
