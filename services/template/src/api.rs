//! gRPC in, gRPC out.

pub(crate) mod encode;

use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_identity::Principal;
use covergen_ids::UserId;
use covergen_proto::google::api::HttpBody;
use covergen_proto::privacy::v1::{UserDataChunk, UserDataRequest};
use covergen_proto::template::v1::template_service_server::TemplateService;
use covergen_proto::template::v1::{
    BrandKit, CreateBrandKitRequest, CreateCustomTemplateRequest, DeleteBrandKitRequest,
    DeleteCustomTemplateRequest, DesignOptions, ExportCustomTemplateRequest, GetBrandKitRequest,
    GetDesignOptionsRequest, GetTemplateRequest, GetTemplateVersionRequest, GetThumbnailRequest,
    ImportCustomTemplateRequest, ListBrandKitsRequest, ListBrandKitsResponse,
    ListCategoriesRequest, ListCategoriesResponse, ListPopularRequest, ListTemplateVersionsRequest,
    ListTemplateVersionsResponse, ListTemplatesRequest, ListTemplatesResponse,
    RenderPreviewRequest, ResolveBrandKitRequest, ResolveTemplateRequest,
    RestoreTemplateVersionRequest, Template, UpdateBrandKitRequest, UpdateCustomTemplateRequest,
    ValidateTemplateRequest, ValidateTemplateResponse,
};
use covergen_proto::wkt::Empty;
use covergen_store::Page;
use futures::TryStreamExt as _;
use futures::stream::BoxStream;
use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::error::Error;
use crate::store::Counted;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

/// How long shared caches may keep what everybody may see.
const LISTED: &str = "public, max-age=60";
/// Samples change with versions, which are rare.
const SAMPLED: &str = "public, max-age=3600";

/// Who calls, if somebody does: the gallery is public.
fn caller() -> Option<Principal> {
    principal().ok()
}

/// An answer that shared caches may keep. What is a workspace's own goes
/// without, and stays private as its contract says.
fn cached<T>(message: T, is_private: bool, policy: &'static str) -> Response<T> {
    let mut answer = Response::new(message);
    if !is_private {
        let policy = MetadataValue::from_static(policy);
        answer.metadata_mut().insert("http-cache-control", policy);
    }
    answer
}

impl Api {
    fn page(&self, page: Page<Counted>) -> ListTemplatesResponse {
        let templates = page.items.into_iter();
        ListTemplatesResponse {
            templates: templates.map(|counted| self.0.shown(counted)).collect(),
            next_page_token: page.next_page_token,
        }
    }
}

#[tonic::async_trait]
impl TemplateService for Api {
    async fn list_templates(
        &self,
        request: Request<ListTemplatesRequest>,
    ) -> Answer<ListTemplatesResponse> {
        let who = caller();
        let listed = self.0.list_templates(who.as_ref(), request.get_ref()).await;
        let page = listed.map_err(reply)?;
        let is_private =
            page.items.iter().any(|(row, _)| row.document.is_some()) || page.items.is_empty();
        Ok(cached(self.page(page), is_private, LISTED))
    }

    async fn list_popular(
        &self,
        request: Request<ListPopularRequest>,
    ) -> Answer<ListTemplatesResponse> {
        let page = self.0.list_popular(request.get_ref()).await;
        Ok(Response::new(self.page(page.map_err(reply)?)))
    }

    async fn get_template(&self, request: Request<GetTemplateRequest>) -> Answer<Template> {
        let who = caller();
        let id = &request.get_ref().template_id;
        let found = self.0.get_template(who.as_ref(), id).await.map_err(reply)?;
        let template = self.0.shown(found);
        let is_private = template.is_custom;
        Ok(cached(template, is_private, LISTED))
    }

    async fn get_thumbnail(&self, request: Request<GetThumbnailRequest>) -> Answer<HttpBody> {
        let who = caller();
        let GetThumbnailRequest {
            template_id,
            version,
        } = request.get_ref();
        let sample = self.0.get_thumbnail(who.as_ref(), template_id, *version);
        let (png, is_private) = sample.await.map_err(reply)?;
        Ok(cached(encode::png(png), is_private, SAMPLED))
    }

    async fn list_categories(
        &self,
        _: Request<ListCategoriesRequest>,
    ) -> Answer<ListCategoriesResponse> {
        let rows = self.0.list_categories().await.map_err(reply)?;
        Ok(Response::new(ListCategoriesResponse {
            categories: rows.into_iter().map(encode::category).collect(),
        }))
    }

    async fn get_design_options(
        &self,
        _: Request<GetDesignOptionsRequest>,
    ) -> Answer<DesignOptions> {
        Ok(Response::new(encode::design_options()))
    }

    async fn create_custom_template(
        &self,
        request: Request<CreateCustomTemplateRequest>,
    ) -> Answer<Template> {
        let who = principal()?;
        let made = self
            .0
            .create_custom_template(&who, request.into_inner())
            .await;
        Ok(Response::new(made.map_err(reply)?))
    }

    async fn update_custom_template(
        &self,
        request: Request<UpdateCustomTemplateRequest>,
    ) -> Answer<Template> {
        let who = principal()?;
        let changed = self
            .0
            .update_custom_template(&who, request.into_inner())
            .await;
        Ok(Response::new(changed.map_err(reply)?))
    }

    async fn delete_custom_template(
        &self,
        request: Request<DeleteCustomTemplateRequest>,
    ) -> Answer<Empty> {
        let who = principal()?;
        let deleted = self
            .0
            .delete_custom_template(&who, request.into_inner())
            .await;
        Ok(Response::new(deleted.map_err(reply)?))
    }

    async fn list_template_versions(
        &self,
        request: Request<ListTemplateVersionsRequest>,
    ) -> Answer<ListTemplateVersionsResponse> {
        let who = principal()?;
        let page = self.0.list_template_versions(&who, request.get_ref()).await;
        let page = page.map_err(reply)?;
        let versions = page.items.into_iter();
        Ok(Response::new(ListTemplateVersionsResponse {
            versions: versions.map(|row| self.0.shown((row, None))).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_template_version(
        &self,
        request: Request<GetTemplateVersionRequest>,
    ) -> Answer<Template> {
        let who = principal()?;
        let GetTemplateVersionRequest {
            template_id,
            version,
        } = request.get_ref();
        let found = self
            .0
            .get_template_version(Some(&who), template_id, *version)
            .await;
        Ok(Response::new(self.0.shown(found.map_err(reply)?)))
    }

    async fn restore_template_version(
        &self,
        request: Request<RestoreTemplateVersionRequest>,
    ) -> Answer<Template> {
        let who = principal()?;
        let restored = self
            .0
            .restore_template_version(&who, request.into_inner())
            .await;
        Ok(Response::new(restored.map_err(reply)?))
    }

    async fn validate_template(
        &self,
        request: Request<ValidateTemplateRequest>,
    ) -> Answer<ValidateTemplateResponse> {
        let judged = self.0.validate_template(request.get_ref()).await;
        Ok(Response::new(judged.map_err(reply)?))
    }

    async fn render_preview(&self, request: Request<RenderPreviewRequest>) -> Answer<HttpBody> {
        let who = principal()?;
        let drawn = self.0.render_preview(&who, request.into_inner()).await;
        Ok(Response::new(encode::png(drawn.map_err(reply)?.into())))
    }

    async fn export_custom_template(
        &self,
        request: Request<ExportCustomTemplateRequest>,
    ) -> Answer<HttpBody> {
        let who = principal()?;
        let id = &request.get_ref().template_id;
        let file = self.0.export_custom_template(&who, id).await;
        let file = file.map_err(reply)?;
        let disposition = format!("attachment; filename=\"{}\"", file.file_name);
        let mut answer = Response::new(encode::json(file.json));
        // The name is of ASCII letters, digits and dashes.
        if let Ok(disposition) = MetadataValue::try_from(disposition) {
            let metadata = answer.metadata_mut();
            metadata.insert("http-content-disposition", disposition);
        }
        Ok(answer)
    }

    async fn import_custom_template(
        &self,
        request: Request<ImportCustomTemplateRequest>,
    ) -> Answer<Template> {
        let who = principal()?;
        let made = self
            .0
            .import_custom_template(&who, request.into_inner())
            .await;
        Ok(Response::new(made.map_err(reply)?))
    }

    async fn list_brand_kits(
        &self,
        request: Request<ListBrandKitsRequest>,
    ) -> Answer<ListBrandKitsResponse> {
        let who = principal()?;
        let page = self.0.list_brand_kits(&who, request.get_ref()).await;
        let page = page.map_err(reply)?.map(encode::brand_kit);
        Ok(Response::new(ListBrandKitsResponse {
            brand_kits: page.items,
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_brand_kit(&self, request: Request<GetBrandKitRequest>) -> Answer<BrandKit> {
        let who = principal()?;
        let id = &request.get_ref().brand_kit_id;
        let kit = self.0.get_brand_kit(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::brand_kit(kit)))
    }

    async fn create_brand_kit(&self, request: Request<CreateBrandKitRequest>) -> Answer<BrandKit> {
        let who = principal()?;
        let made = self.0.create_brand_kit(&who, request.into_inner()).await;
        Ok(Response::new(made.map_err(reply)?))
    }

    async fn update_brand_kit(&self, request: Request<UpdateBrandKitRequest>) -> Answer<BrandKit> {
        let who = principal()?;
        let changed = self.0.update_brand_kit(&who, request.into_inner()).await;
        Ok(Response::new(changed.map_err(reply)?))
    }

    async fn delete_brand_kit(&self, request: Request<DeleteBrandKitRequest>) -> Answer<Empty> {
        let who = principal()?;
        let deleted = self.0.delete_brand_kit(&who, request.into_inner()).await;
        Ok(Response::new(deleted.map_err(reply)?))
    }

    async fn resolve_template(&self, request: Request<ResolveTemplateRequest>) -> Answer<Template> {
        let who = caller();
        let resolved = self
            .0
            .resolve_template(who.as_ref(), request.get_ref())
            .await;
        let row = resolved.map_err(reply)?;
        let prefix = &self.0.config.public_prefix;
        Ok(Response::new(encode::resolved(row, prefix)))
    }

    async fn resolve_brand_kit(
        &self,
        request: Request<ResolveBrandKitRequest>,
    ) -> Answer<BrandKit> {
        let who = principal()?;
        let id = &request.get_ref().brand_kit_id;
        let kit = self.0.resolve_brand_kit(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::brand_kit(kit)))
    }

    type ExportUserDataStream = BoxStream<'static, Result<UserDataChunk, Status>>;

    async fn export_user_data(
        &self,
        request: Request<UserDataRequest>,
    ) -> Answer<Self::ExportUserDataStream> {
        let user: UserId = request
            .get_ref()
            .user_id
            .parse()
            .map_err(|error: covergen_ids::ParseIdError| reply(Error::invalid("userId", &error)))?;
        let pieces = self.0.export_user_data(user).map_err(reply);
        Ok(Response::new(Box::pin(pieces)))
    }
}
