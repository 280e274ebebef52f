//! Making, changing, restoring and deleting custom templates.
//!
//! Every change is a new version. What it replaces is read and judged outside
//! of the transaction, which then takes its place only if it is still shown.

use covergen_identity::Principal;
use covergen_ids::TemplateId;
use covergen_proto::template::v1::{
    CreateCustomTemplateRequest, DeleteCustomTemplateRequest, ImportCustomTemplateRequest,
    RestoreTemplateVersionRequest, Template, TemplateDraft, UpdateCustomTemplateRequest,
};
use covergen_proto::wkt::Empty;
use covergen_store::{Claim, ClaimScope, Fulfilled, Tx};

use super::{App, matches};
use crate::api::encode;
use crate::domain::Violations;
use crate::domain::draft::{self, Custom};
use crate::error::Error;
use crate::events;
use crate::store::{self, entity::template};

const CREATE: &str = "covergen.template.v1.TemplateService/CreateCustomTemplate";
const IMPORT: &str = "covergen.template.v1.TemplateService/ImportCustomTemplate";
const UPDATE: &str = "covergen.template.v1.TemplateService/UpdateCustomTemplate";
const RESTORE: &str = "covergen.template.v1.TemplateService/RestoreTemplateVersion";
const DELETE: &str = "covergen.template.v1.TemplateService/DeleteCustomTemplate";

impl App {
    /// Makes a template in the caller's workspace.
    pub(crate) async fn create_custom_template(
        &self,
        who: &Principal,
        request: CreateCustomTemplateRequest,
    ) -> Result<Template, Error> {
        let draft = request.template.clone().unwrap_or_default();
        let custom = draft::check(&draft).map_err(Error::Invalid)?;
        self.judge(who, &custom).await?;
        let scope = ClaimScope::new(who.user_id.to_string(), CREATE, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| self.add(who, custom, claim))
            .await
    }

    /// Makes a template from a file.
    pub(crate) async fn import_custom_template(
        &self,
        who: &Principal,
        request: ImportCustomTemplateRequest,
    ) -> Result<Template, Error> {
        let draft = request.template.clone().unwrap_or_default();
        let custom = draft::check(&draft).map_err(|faults| Error::Invalid(within(faults)))?;
        self.judge(who, &custom).await?;
        let scope = ClaimScope::new(who.user_id.to_string(), IMPORT, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| self.add(who, custom, claim))
            .await
    }

    async fn add(
        &self,
        who: &Principal,
        custom: Custom,
        claim: Claim,
    ) -> Result<Fulfilled<Template>, Error> {
        let limit = self.config.max_custom_templates;
        let tx = self.store.begin().await?;
        if store::custom::count(&tx, who.workspace_id).await? >= u64::from(limit) {
            return Err(Error::TooMany {
                what: "templates of your own",
                limit,
                remedy: "delete one that you no longer use",
            });
        }
        let id = TemplateId::new(self.store.clock());
        let whose = (who.workspace_id, who.user_id);
        let row = store::custom::row(id, 1, whose, &custom, tx.now_ms());
        self.publish(tx, row, claim).await
    }

    /// Changes what the mask names, or what is present.
    pub(crate) async fn update_custom_template(
        &self,
        who: &Principal,
        request: UpdateCustomTemplateRequest,
    ) -> Result<Template, Error> {
        let id = own_id(&request.template_id)?;
        let current = self.current(who, &request.template_id).await?;
        let new = request.template.clone().unwrap_or_default();
        let mask = request.update_mask.as_ref();
        let merged = draft::merged(as_draft(&current)?, &new, mask).map_err(Error::Invalid)?;
        let custom = draft::check(&merged).map_err(Error::Invalid)?;
        self.judge(who, &custom).await?;
        let scope = ClaimScope::new(who.user_id.to_string(), UPDATE, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                if !matches(&request.etag, &encode::etag(&current)) {
                    return Err(Error::EtagMismatch);
                }
                let tx = self.store.begin().await?;
                let whose = (who.workspace_id, who.user_id);
                let next = current.version + 1;
                let row = store::custom::row(id, next, whose, &custom, tx.now_ms());
                self.replace(tx, current, row, &request.etag, claim).await
            })
            .await
    }

    /// Makes a new version that equals an earlier one.
    pub(crate) async fn restore_template_version(
        &self,
        who: &Principal,
        request: RestoreTemplateVersionRequest,
    ) -> Result<Template, Error> {
        own_id(&request.template_id)?;
        let current = self.current(who, &request.template_id).await?;
        let (id, version) = (request.template_id.as_str(), request.version);
        let (old, _) = self.get_template_version(Some(who), id, version).await?;
        self.peers.need_custom_templates(who).await?;
        let scope = ClaimScope::new(who.user_id.to_string(), RESTORE, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                if !matches(&request.etag, &encode::etag(&current)) {
                    return Err(Error::EtagMismatch);
                }
                let tx = self.store.begin().await?;
                let row = template::Model {
                    version: current.version + 1,
                    is_shown: true,
                    created_at_ms: tx.now_ms(),
                    owner_id: Some(who.user_id),
                    ..old
                };
                self.replace(tx, current, row, &request.etag, claim).await
            })
            .await
    }

    /// Takes a template out of the choice.
    pub(crate) async fn delete_custom_template(
        &self,
        who: &Principal,
        request: DeleteCustomTemplateRequest,
    ) -> Result<Empty, Error> {
        own_id(&request.template_id)?;
        let scope = ClaimScope::new(who.user_id.to_string(), DELETE, &request.request_id);
        let id = request.template_id.clone();
        self.store
            .idempotent(&scope, &request, |claim| async {
                let current = self.current(who, &id).await?;
                if !matches(&request.etag, &encode::etag(&current)) {
                    return Err(Error::EtagMismatch);
                }
                let tx = self.store.begin().await?;
                if !store::custom::hide(&tx, who.workspace_id, &id, current.version).await? {
                    return Err(outpaced(&request.etag));
                }
                store::custom::bury(&tx, who.workspace_id, &id).await?;
                events::deleted(&tx, &current).await?;
                Ok(tx.commit_with(claim, Empty {}).await?)
            })
            .await
    }

    /// The version of a custom template that is shown.
    async fn current(&self, who: &Principal, id: &str) -> Result<template::Model, Error> {
        Ok(self.get_template(Some(who), id).await?.0)
    }

    /// Refuses people whose tier goes without, and designs that cannot be
    /// drawn.
    async fn judge(&self, who: &Principal, custom: &Custom) -> Result<(), Error> {
        self.peers.need_custom_templates(who).await?;
        let faults = self.drawable(&custom.document).await?;
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(faults))
        }
    }

    /// Shows a version in place of the one that was read.
    async fn replace(
        &self,
        tx: Tx,
        current: template::Model,
        row: template::Model,
        etag: &str,
        claim: Claim,
    ) -> Result<Fulfilled<Template>, Error> {
        if is_same(&current, &row) {
            let used = store::template(&tx, row.workspace_id, &row.id).await?;
            let counted = used.ok_or_else(|| outpaced(etag))?;
            let reply = self.shown(counted);
            return Ok(tx.commit_with(claim, reply).await?);
        }
        let limit = self.config.max_versions;
        if row.version.unsigned_abs() > limit {
            return Err(Error::TooMany {
                what: "versions of this template",
                limit,
                remedy: "export it and import it as a new one",
            });
        }
        if !store::custom::hide(&tx, row.workspace_id, &row.id, current.version).await? {
            return Err(outpaced(etag));
        }
        self.publish(tx, row, claim).await
    }

    /// Adds a version, tells of it, and answers with it.
    async fn publish(
        &self,
        tx: Tx,
        row: template::Model,
        claim: Claim,
    ) -> Result<Fulfilled<Template>, Error> {
        store::custom::insert(&tx, row.clone()).await?;
        events::version_published(&tx, &row).await?;
        let counted = store::template(&tx, row.workspace_id, &row.id).await?;
        let reply = self.shown(counted.unwrap_or((row, None)));
        Ok(tx.commit_with(claim, reply).await?)
    }

    /// A template as callers see it.
    pub(crate) fn shown(&self, counted: store::Counted) -> Template {
        let now_ms = self.store.clock().now_ms();
        encode::template(counted, now_ms, &self.config.public_prefix)
    }
}

/// The id of a custom template: built-in ones cannot be changed, and are not
/// found where they would be.
fn own_id(id: &str) -> Result<TemplateId, Error> {
    id.parse().map_err(|_| Error::TemplateNotFound)
}

/// Somebody else was faster: with a tag that is a tag out of date.
fn outpaced(etag: &str) -> Error {
    if etag.is_empty() {
        Error::Changed
    } else {
        Error::EtagMismatch
    }
}

/// What a person said of the version, in their terms.
pub(super) fn as_draft(row: &template::Model) -> Result<TemplateDraft, Error> {
    let document = crate::thumbnails::document(row)?.ok_or(Error::TemplateNotFound)?;
    Ok(TemplateDraft {
        name: row.name.clone(),
        category: row.category.clone(),
        description: row.description.clone(),
        prompt_template: row.prompt_template.clone().unwrap_or_default(),
        design: Some(draft::design(&document)),
    })
}

fn is_same(left: &template::Model, right: &template::Model) -> bool {
    (&left.name, &left.category, &left.description)
        == (&right.name, &right.category, &right.description)
        && left.prompt_template == right.prompt_template
        && left.document == right.document
}

/// The faults of a draft as fields of the file around it.
fn within(faults: Violations) -> Violations {
    let faults = faults.into_iter();
    faults
        .map(|(field, problem)| (format!("template.{field}"), problem))
        .collect()
}
