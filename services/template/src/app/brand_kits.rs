//! Brand kits. Reading and deleting them stays when a tier ends.

use covergen_identity::Principal;
use covergen_ids::BrandKitId;
use covergen_proto::template::v1::{
    BrandKit, BrandKitDraft, CreateBrandKitRequest, DeleteBrandKitRequest, ListBrandKitsRequest,
    UpdateBrandKitRequest,
};
use covergen_proto::wkt::Empty;
use covergen_store::{ClaimScope, Cursor, Page, page_size};

use super::{App, matches};
use crate::api::encode;
use crate::domain::brand_kit::{self as rules, Brand};
use crate::error::Error;
use crate::store;
use crate::store::entity::brand_kit::{self, Colors};

const CREATE: &str = "covergen.template.v1.TemplateService/CreateBrandKit";
const UPDATE: &str = "covergen.template.v1.TemplateService/UpdateBrandKit";
const DELETE: &str = "covergen.template.v1.TemplateService/DeleteBrandKit";

impl App {
    /// The workspace's, newest first.
    pub(crate) async fn list_brand_kits(
        &self,
        who: &Principal,
        request: &ListBrandKitsRequest,
    ) -> Result<Page<brand_kit::Model>, Error> {
        let list = format!("template.brand_kits:{}", who.workspace_id);
        let size = page_size(request.page_size);
        let before = Cursor::decode::<BrandKitId>(&list, &request.page_token)?;
        let db = self.store.read();
        let rows = store::brand_kits::list(db, who.workspace_id, before, size + 1).await?;
        Ok(Page::cut(rows, size, &list, |row: &brand_kit::Model| {
            row.id
        }))
    }

    /// One of the workspace's.
    pub(crate) async fn get_brand_kit(
        &self,
        who: &Principal,
        id: &str,
    ) -> Result<brand_kit::Model, Error> {
        let id = id.parse().map_err(|_| Error::BrandKitNotFound)?;
        store::brand_kits::find(self.store.read(), who.workspace_id, id)
            .await?
            .ok_or(Error::BrandKitNotFound)
    }

    /// Makes one in the caller's workspace.
    pub(crate) async fn create_brand_kit(
        &self,
        who: &Principal,
        request: CreateBrandKitRequest,
    ) -> Result<BrandKit, Error> {
        let draft = request.brand_kit.clone().unwrap_or_default();
        let brand = rules::check(&draft).map_err(Error::Invalid)?;
        self.judge_brand(who, &brand).await?;
        let limit = self.config.max_brand_kits;
        let scope = ClaimScope::new(who.user_id.to_string(), CREATE, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                if store::brand_kits::count(&tx, who.workspace_id).await? >= u64::from(limit) {
                    return Err(Error::TooMany {
                        what: "brand kits",
                        limit,
                        remedy: "delete one that you no longer use",
                    });
                }
                let now_ms = tx.now_ms();
                let row = brand_kit::Model {
                    id: BrandKitId::new(self.store.clock()),
                    workspace_id: who.workspace_id,
                    owner_id: who.user_id,
                    name: brand.name,
                    colors: Colors(brand.colors),
                    heading_font: brand.heading_font,
                    logo_asset_id: brand.logo,
                    revision: 1,
                    created_at_ms: now_ms,
                    updated_at_ms: now_ms,
                };
                store::brand_kits::insert(&tx, row.clone()).await?;
                Ok(tx.commit_with(claim, encode::brand_kit(row)).await?)
            })
            .await
    }

    /// Changes what the mask names, or what is present.
    pub(crate) async fn update_brand_kit(
        &self,
        who: &Principal,
        request: UpdateBrandKitRequest,
    ) -> Result<BrandKit, Error> {
        let current = self.get_brand_kit(who, &request.brand_kit_id).await?;
        let new = request.brand_kit.clone().unwrap_or_default();
        let mask = request.update_mask.as_ref();
        let merged = rules::merged(as_draft(&current), &new, mask).map_err(Error::Invalid)?;
        let brand = rules::check(&merged).map_err(Error::Invalid)?;
        self.judge_brand(who, &brand).await?;
        let scope = ClaimScope::new(who.user_id.to_string(), UPDATE, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                if !matches(&request.etag, &encode::brand_kit_etag(&current)) {
                    return Err(Error::EtagMismatch);
                }
                let tx = self.store.begin().await?;
                let row = brand_kit::Model {
                    name: brand.name,
                    colors: Colors(brand.colors),
                    heading_font: brand.heading_font,
                    logo_asset_id: brand.logo,
                    revision: current.revision + 1,
                    updated_at_ms: tx.now_ms(),
                    ..current
                };
                if !store::brand_kits::save(&tx, &row).await? {
                    return Err(Error::Changed);
                }
                Ok(tx.commit_with(claim, encode::brand_kit(row)).await?)
            })
            .await
    }

    /// Deletes one of the workspace's.
    pub(crate) async fn delete_brand_kit(
        &self,
        who: &Principal,
        request: DeleteBrandKitRequest,
    ) -> Result<Empty, Error> {
        let scope = ClaimScope::new(who.user_id.to_string(), DELETE, &request.request_id);
        let id = request.brand_kit_id.clone();
        self.store
            .idempotent(&scope, &request, |claim| async {
                let kit = self.get_brand_kit(who, &id).await?;
                if !matches(&request.etag, &encode::brand_kit_etag(&kit)) {
                    return Err(Error::EtagMismatch);
                }
                let tx = self.store.begin().await?;
                let deleted =
                    store::brand_kits::delete(&tx, who.workspace_id, kit.id, kit.revision).await?;
                if !deleted {
                    return Err(Error::Changed);
                }
                Ok(tx.commit_with(claim, Empty {}).await?)
            })
            .await
    }

    /// Refuses people whose tier goes without, and logos that are not theirs.
    async fn judge_brand(&self, who: &Principal, brand: &Brand) -> Result<(), Error> {
        self.peers.need_brand_kits(who).await?;
        match brand.logo {
            Some(logo) => self.peers.need_asset("logoAssetId", logo).await,
            None => Ok(()),
        }
    }
}

fn as_draft(row: &brand_kit::Model) -> BrandKitDraft {
    BrandKitDraft {
        name: row.name.clone(),
        colors: row.colors.0.clone(),
        heading_font: row.heading_font.clone(),
        logo_asset_id: row
            .logo_asset_id
            .map(|id| id.to_string())
            .unwrap_or_default(),
    }
}
