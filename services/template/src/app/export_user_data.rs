//! A person's copy of what is kept of them.

use std::sync::Arc;

use bytes::Bytes;
use covergen_ids::UserId;
use covergen_proto::privacy::v1::UserDataChunk;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::json;

use super::App;
use crate::error::Error;
use crate::store;
use crate::store::entity::{brand_kit, template};

/// Rows of one message: with a document of at most 16 KiB each, below 1 MiB.
const ROWS: u64 = 32;

/// The pieces of the files.
pub(crate) type Pieces = BoxStream<'static, Result<UserDataChunk, Error>>;

/// A page of a file's rows as JSON, and where the next page begins.
type PageOf<K> = Result<(Vec<String>, Option<K>), Error>;

impl App {
    /// Two files: every version of every template, and every brand kit.
    pub(crate) fn export_user_data(self: &Arc<Self>, user: UserId) -> Pieces {
        let app = Arc::clone(self);
        let templates = array("templates.json", move |after| {
            let app = Arc::clone(&app);
            async move { app.templates_of(user, after).await }
        });
        let app = Arc::clone(self);
        let kits = array("brand_kits.json", move |after| {
            let app = Arc::clone(&app);
            async move { app.brand_kits_of(user, after).await }
        });
        templates.chain(kits).boxed()
    }

    async fn templates_of(
        &self,
        user: UserId,
        after: Option<(String, i32)>,
    ) -> PageOf<(String, i32)> {
        let rows = store::personal::templates(self.store.read(), user, after, ROWS).await?;
        let next = rows.last().map(|row| (row.id.clone(), row.version));
        Ok((rows.iter().map(template_json).collect(), next))
    }

    async fn brand_kits_of(
        &self,
        user: UserId,
        after: Option<covergen_ids::BrandKitId>,
    ) -> PageOf<covergen_ids::BrandKitId> {
        let rows = store::personal::brand_kits(self.store.read(), user, after, ROWS).await?;
        let next = rows.last().map(|row| row.id);
        Ok((rows.iter().map(brand_kit_json).collect(), next))
    }
}

/// A file that is a JSON array, page by page, so that memory holds one page.
fn array<K, F, Fut>(path: &'static str, page: F) -> Pieces
where
    K: Clone + Send + 'static,
    F: Fn(Option<K>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = PageOf<K>> + Send,
{
    enum At<K> {
        First,
        After(K),
        Done,
    }
    let page = Arc::new(page);
    stream::try_unfold(At::First, move |at| {
        let page = Arc::clone(&page);
        async move {
            let (is_first, after) = match at {
                At::First => (true, None),
                At::After(key) => (false, Some(key)),
                At::Done => return Ok(None),
            };
            let (rows, next) = page(after).await?;
            let mut text = String::from(if is_first { "[" } else { "" });
            if !is_first && !rows.is_empty() {
                text.push(',');
            }
            text.push_str(&rows.join(","));
            let next = match next {
                Some(key) => At::After(key),
                None => {
                    text.push(']');
                    At::Done
                }
            };
            Ok(Some((piece(path, text), next)))
        }
    })
    .into_stream()
    .boxed()
}

fn piece(path: &str, text: String) -> UserDataChunk {
    UserDataChunk {
        path: path.to_owned(),
        data: Bytes::from(text),
    }
}

fn template_json(row: &template::Model) -> String {
    let document = row.document.as_deref();
    let design: serde_json::Value = document
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    json!({
        "id": row.id,
        "version": row.version,
        "workspaceId": row.workspace_id.to_string(),
        "name": row.name,
        "category": row.category,
        "description": row.description,
        "promptTemplate": row.prompt_template,
        "design": design,
        "createdAtMs": row.created_at_ms,
        "deletedAtMs": row.deleted_at_ms,
    })
    .to_string()
}

fn brand_kit_json(row: &brand_kit::Model) -> String {
    json!({
        "id": row.id.to_string(),
        "workspaceId": row.workspace_id.to_string(),
        "name": row.name,
        "colors": row.colors.0,
        "headingFont": row.heading_font,
        "logoAssetId": row.logo_asset_id.map(|id| id.to_string()),
        "createdAtMs": row.created_at_ms,
        "updatedAtMs": row.updated_at_ms,
    })
    .to_string()
}
