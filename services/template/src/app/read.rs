//! The RPCs that only look.

use bytes::Bytes;
use covergen_ids::WorkspaceId;
use covergen_proto::template::v1::ListTemplatesRequest;
use covergen_store::{Cursor, Page, page_size};

use super::App;
use crate::error::Error;
use crate::store::{self, entity::category, entity::template};

impl App {
    /// Templates in the order of the gallery.
    pub(crate) async fn list_templates(
        &self,
        request: &ListTemplatesRequest,
    ) -> Result<Page<template::Model>, Error> {
        let list = format!("template.gallery:{}", request.category);
        let size = page_size(request.page_size);
        let after = Cursor::decode::<(i32, String)>(&list, &request.page_token)?;
        let category = Some(request.category.as_str()).filter(|category| !category.is_empty());
        let db = self.store.read();
        let rows = store::gallery(db, WorkspaceId::SYSTEM, category, after, size + 1).await?;
        Ok(Page::cut(rows, size, &list, |row: &template::Model| {
            (row.position, row.id.clone())
        }))
    }

    /// One template, in the version that is shown.
    pub(crate) async fn get_template(&self, id: &str) -> Result<template::Model, Error> {
        store::template(self.store.read(), WorkspaceId::SYSTEM, id)
            .await?
            .ok_or(Error::TemplateNotFound)
    }

    /// A small sample as PNG.
    pub(crate) async fn get_thumbnail(&self, id: &str) -> Result<Bytes, Error> {
        let template = self.get_template(id).await?;
        self.thumbnails.sample(&template.id, template.version).await
    }

    /// Categories that hold a template, with how many.
    pub(crate) async fn list_categories(&self) -> Result<Vec<(category::Model, i32)>, Error> {
        Ok(store::categories(self.store.read(), WorkspaceId::SYSTEM).await?)
    }
}
