//! What cover asks for before it makes a cover.

use covergen_identity::Principal;
use covergen_ids::WorkspaceId;
use covergen_proto::template::v1::ResolveTemplateRequest;

use super::App;
use super::read::home;
use crate::domain::choose;
use crate::error::Error;
use crate::store;
use crate::store::entity::{brand_kit, template};

impl App {
    /// The template asked for, if the caller may use it; without one, the one
    /// that the seed falls on among those they may use.
    pub(crate) async fn resolve_template(
        &self,
        who: Option<&Principal>,
        request: &ResolveTemplateRequest,
    ) -> Result<template::Model, Error> {
        let id = request.template_id.as_str();
        if id.is_empty() {
            return self.choose(request.seed, request.premium_allowed).await;
        }
        if request.version > 0 {
            // What a cover was made with: it was allowed then.
            let found =
                store::version(self.store.read(), home(who, id)?, id, request.version).await?;
            return found.map(|(row, _)| row).ok_or(Error::VersionNotFound);
        }
        let (template, _) = self.get_template(who, id).await?;
        if template.document.is_some() {
            // Custom templates stay when a tier ends, but are not used.
            let who = who.ok_or(Error::TemplateNotFound)?;
            self.peers.need_custom_templates(who).await?;
        } else if template.is_premium && !request.premium_allowed {
            return Err(Error::TemplatePremium {
                id: template.id,
                name: template.name,
            });
        }
        Ok(template)
    }

    async fn choose(&self, seed: u64, premium_allowed: bool) -> Result<template::Model, Error> {
        let rows = store::choices(self.store.read(), WorkspaceId::SYSTEM).await?;
        let allowed = rows.iter().filter(|row| premium_allowed || !row.is_premium);
        let chosen = choose(seed, allowed.map(|row| row.id.as_str())).map(str::to_owned);
        rows.into_iter()
            .find(|row| chosen.as_ref() == Some(&row.id))
            .ok_or(Error::TemplateNotFound)
    }

    /// The brand kit asked for, if the caller's tier still has them.
    pub(crate) async fn resolve_brand_kit(
        &self,
        who: &Principal,
        id: &str,
    ) -> Result<brand_kit::Model, Error> {
        let kit = self.get_brand_kit(who, id).await?;
        self.peers.need_brand_kits(who).await?;
        Ok(kit)
    }
}
