//! gRPC in, gRPC out.

mod encode;

use std::sync::Arc;

use covergen_chassis::reply;
use covergen_proto::google::api::HttpBody;
use covergen_proto::template::v1::template_service_server::TemplateService;
use covergen_proto::template::v1::{
    GetTemplateRequest, GetThumbnailRequest, ListCategoriesRequest, ListCategoriesResponse,
    ListTemplatesRequest, ListTemplatesResponse, ResolveTemplateRequest, Template,
};
use tonic::{Request, Response, Status};

use crate::app::App;

pub(crate) struct Api {
    pub(crate) app: Arc<App>,
    /// What addresses of thumbnails begin with.
    pub(crate) public_prefix: String,
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl TemplateService for Api {
    async fn list_templates(
        &self,
        request: Request<ListTemplatesRequest>,
    ) -> Answer<ListTemplatesResponse> {
        let page = self
            .app
            .list_templates(request.get_ref())
            .await
            .map_err(reply)?;
        let templates = page.items.into_iter();
        Ok(Response::new(ListTemplatesResponse {
            templates: templates
                .map(|row| encode::template(row, &self.public_prefix))
                .collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_template(&self, request: Request<GetTemplateRequest>) -> Answer<Template> {
        let id = &request.get_ref().template_id;
        let row = self.app.get_template(id).await.map_err(reply)?;
        Ok(Response::new(encode::template(row, &self.public_prefix)))
    }

    async fn get_thumbnail(&self, request: Request<GetThumbnailRequest>) -> Answer<HttpBody> {
        let id = &request.get_ref().template_id;
        let png = self.app.get_thumbnail(id).await.map_err(reply)?;
        Ok(Response::new(encode::png(png)))
    }

    async fn list_categories(
        &self,
        _: Request<ListCategoriesRequest>,
    ) -> Answer<ListCategoriesResponse> {
        let rows = self.app.list_categories().await.map_err(reply)?;
        Ok(Response::new(ListCategoriesResponse {
            categories: rows.into_iter().map(encode::category).collect(),
        }))
    }

    async fn resolve_template(&self, request: Request<ResolveTemplateRequest>) -> Answer<Template> {
        let wanted = request.get_ref();
        let row = self
            .app
            .resolve_template(&wanted.template_id, wanted.seed, wanted.premium_allowed)
            .await
            .map_err(reply)?;
        Ok(Response::new(encode::template(row, &self.public_prefix)))
    }
}
