//! gRPC in, gRPC out.

use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_proto::export::v1::export::Status as Wire;
use covergen_proto::export::v1::export_service_server::ExportService;
use covergen_proto::export::v1::{
    DownloadRequest, Export, ExportError, GetStatusRequest, ListPresetsRequest,
    ListPresetsResponse, PrepareRequest, PrepareResponse,
};
use covergen_proto::google::api::HttpBody;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tonic::{Request, Response, Status};

use crate::app::{App, ExportView};
use crate::error::Error;
use crate::store::entity::export;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl ExportService for Api {
    type DownloadStream = BoxStream<'static, Result<HttpBody, Status>>;

    async fn prepare(&self, request: Request<PrepareRequest>) -> Answer<PrepareResponse> {
        let caller = principal()?;
        let request = request.into_inner();
        let cover = parse("coverId", &request.cover_id)?;
        let prepared = self.0.prepare(&caller, cover, &request).await;
        Ok(Response::new(prepared.map_err(reply)?))
    }

    async fn get_status(&self, request: Request<GetStatusRequest>) -> Answer<Export> {
        let workspace = principal()?.workspace_id;
        let id = parse("exportId", &request.get_ref().export_id)?;
        let view = self.0.get_status(workspace, id).await.map_err(reply)?;
        Ok(Response::new(encode(view)))
    }

    async fn download(&self, request: Request<DownloadRequest>) -> Answer<Self::DownloadStream> {
        let workspace = principal()?.workspace_id;
        let id = parse("exportId", &request.get_ref().export_id)?;
        let content = self.0.download(workspace, id).await.map_err(reply)?;
        // media sends pieces of at most 256 KiB, the first with the media type.
        let content = content.map(|piece| piece.map_err(|status| reply(Error::from(status))));
        Ok(Response::new(content.boxed()))
    }

    async fn list_presets(&self, _: Request<ListPresetsRequest>) -> Answer<ListPresetsResponse> {
        Ok(Response::new(App::list_presets()))
    }
}

fn encode(view: ExportView) -> Export {
    let export = view.export;
    Export {
        export_id: export.id.to_string(),
        status: wire(export.status).into(),
        cover_id: export.cover_id.to_string(),
        width: export.width,
        height: export.height,
        format: export.format,
        bytes: export.bytes.unwrap_or(0),
        download_url: view.download_url,
        error: export.error_reason.map(|reason| ExportError {
            reason,
            message: export.error_message.unwrap_or_default(),
        }),
        create_time: Some(covergen_chassis::timestamp(export.created_at_ms)),
    }
}

const fn wire(status: export::Status) -> Wire {
    match status {
        export::Status::Pending => Wire::Pending,
        export::Status::Running => Wire::Running,
        export::Status::Succeeded => Wire::Succeeded,
        export::Status::Failed => Wire::Failed,
        export::Status::Cancelled => Wire::Cancelled,
    }
}

fn parse<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, Status>
where
    T::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|error: T::Err| reply(Error::Invalid(vec![(field.to_owned(), error.to_string())])))
}
