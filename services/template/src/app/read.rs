//! The RPCs that only look.

use bytes::Bytes;
use covergen_identity::Principal;
use covergen_ids::{TemplateId, WorkspaceId};
use covergen_proto::template::v1::{
    ListPopularRequest, ListTemplateVersionsRequest, ListTemplatesRequest,
};
use covergen_store::{Cursor, Page, Reader, page_size};

use super::App;
use crate::domain::listing::{After, Listing, Order};
use crate::domain::popularity::COLD;
use crate::error::Error;
use crate::store::{self, Counted, entity::category, entity::template};

/// Where a template is looked for, by its id: built-in ones have slugs and are
/// everybody's, custom ones are their workspace's. Nobody in particular sees
/// no custom template.
pub(super) fn home(who: Option<&Principal>, id: &str) -> Result<WorkspaceId, Error> {
    if id.parse::<TemplateId>().is_err() {
        return Ok(WorkspaceId::SYSTEM);
    }
    who.map(|who| who.workspace_id)
        .ok_or(Error::TemplateNotFound)
}

impl App {
    /// The gallery, or the workspace's own templates.
    pub(crate) async fn list_templates(
        &self,
        who: Option<&Principal>,
        request: &ListTemplatesRequest,
    ) -> Result<Page<Counted>, Error> {
        let listing = Listing::read(request).map_err(Error::Invalid)?;
        let workspace = match who {
            _ if !listing.mine => WorkspaceId::SYSTEM,
            Some(who) => who.workspace_id,
            None => return Err(Error::SignInRequired),
        };
        let db = match who {
            Some(who) if listing.mine => self.stale.of(who.user_id).await,
            _ => self.stale.of_everybody(),
        };
        let (size, token) = (request.page_size, &request.page_token);
        page(&db, workspace, &listing, size, token).await
    }

    /// The gallery, the most used first.
    pub(crate) async fn list_popular(
        &self,
        request: &ListPopularRequest,
    ) -> Result<Page<Counted>, Error> {
        let listing = Listing::popular(&request.category);
        let (size, token) = (request.page_size, &request.page_token);
        let db = self.stale.of_everybody();
        page(&db, WorkspaceId::SYSTEM, &listing, size, token).await
    }

    /// One template, in the version that is shown.
    pub(crate) async fn get_template(
        &self,
        who: Option<&Principal>,
        id: &str,
    ) -> Result<Counted, Error> {
        store::template(self.store.read(), home(who, id)?, id)
            .await?
            .ok_or(Error::TemplateNotFound)
    }

    /// A small sample as PNG, and whether it is of a custom template.
    pub(crate) async fn get_thumbnail(
        &self,
        who: Option<&Principal>,
        id: &str,
        version: i32,
    ) -> Result<(Bytes, bool), Error> {
        let (row, _) = match version {
            0 => self.get_template(who, id).await?,
            version => self.get_template_version(who, id, version).await?,
        };
        let png = self.thumbnails.sample(&row).await?;
        Ok((png, row.document.is_some()))
    }

    /// Categories that hold a template, with how many.
    pub(crate) async fn list_categories(&self) -> Result<Vec<(category::Model, i32)>, Error> {
        Ok(store::categories(&self.stale.of_everybody(), WorkspaceId::SYSTEM).await?)
    }

    /// A template in each version, newest first.
    pub(crate) async fn list_template_versions(
        &self,
        who: &Principal,
        request: &ListTemplateVersionsRequest,
    ) -> Result<Page<template::Model>, Error> {
        let id = request.template_id.as_str();
        let workspace = home(Some(who), id)?;
        // A deleted template has no versions to look at.
        self.get_template(Some(who), id).await?;
        let list = format!("template.versions:{workspace}:{id}");
        let size = page_size(request.page_size);
        let below = Cursor::decode::<i32>(&list, &request.page_token)?;
        let rows = store::versions(self.store.read(), workspace, id, below, size + 1).await?;
        Ok(Page::cut(rows, size, &list, |row: &template::Model| {
            row.version
        }))
    }

    /// One version of a template that is still there.
    pub(crate) async fn get_template_version(
        &self,
        who: Option<&Principal>,
        id: &str,
        version: i32,
    ) -> Result<Counted, Error> {
        let found = store::version(self.store.read(), home(who, id)?, id, version).await?;
        let (row, used) = found.ok_or(Error::VersionNotFound)?;
        if row.deleted_at_ms.is_some() {
            return Err(Error::TemplateNotFound);
        }
        Ok((row, used))
    }
}

async fn page(
    db: &Reader,
    workspace: WorkspaceId,
    listing: &Listing,
    size: i32,
    token: &str,
) -> Result<Page<Counted>, Error> {
    // A token continues the same list only: same rows, same order.
    let list = format!("template.list:{workspace}:{listing:?}");
    let size = page_size(size);
    let after = Cursor::decode::<After>(&list, token)?;
    let rows = store::list(db, workspace, listing, after, size + 1).await?;
    Ok(Page::cut(rows, size, &list, |(row, used): &Counted| {
        let (id, position) = (row.id.clone(), row.position);
        match listing.order {
            Order::Gallery => After::Gallery(position, id),
            Order::Popularity => {
                let heat = used.as_ref().map_or(COLD, |used| used.heat);
                After::Popularity(heat.to_bits(), position, id)
            }
            Order::Name => After::Name(row.sort_name.clone(), id),
            Order::Newest => After::Newest(row.created_at_ms, id),
        }
    }))
}
