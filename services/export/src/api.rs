//! gRPC in, gRPC out.

use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_ids::UserId;
use covergen_proto::export::v1::export::{Kind as WireKind, Status as Wire};
use covergen_proto::export::v1::export_service_server::ExportService;
use covergen_proto::export::v1::{
    DownloadRequest, Export, ExportError, ExportFile, GetStatusRequest, ListPresetsRequest,
    ListPresetsResponse, PrepareBatchRequest, PrepareRequest, PrepareResponse,
};
use covergen_proto::google::api::HttpBody;
use covergen_proto::privacy::v1::{UserDataChunk, UserDataRequest};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Request, Response, Status};

use crate::app::{App, ExportView, Served, USER_DATA_PATH};
use crate::error::Error;
use crate::store::entity::export::{self, Kind};
use crate::store::entity::file;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;
type Sent<T> = BoxStream<'static, Result<T, Status>>;

#[tonic::async_trait]
impl ExportService for Api {
    type DownloadStream = Sent<HttpBody>;
    type ExportUserDataStream = Sent<UserDataChunk>;

    async fn prepare(&self, request: Request<PrepareRequest>) -> Answer<PrepareResponse> {
        let caller = principal()?;
        let request = request.into_inner();
        let cover = parse("coverId", &request.cover_id)?;
        let prepared = self.0.prepare(&caller, cover, &request).await;
        Ok(Response::new(prepared.map_err(reply)?))
    }

    async fn prepare_batch(
        &self,
        request: Request<PrepareBatchRequest>,
    ) -> Answer<PrepareResponse> {
        let caller = principal()?;
        let prepared = self.0.prepare_batch(&caller, request.get_ref()).await;
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
        let request = request.into_inner();
        let id = parse("exportId", &request.export_id)?;
        let served = self.0.download(workspace, id, &request).await;
        Ok(content(served.map_err(reply)?))
    }

    async fn list_presets(&self, _: Request<ListPresetsRequest>) -> Answer<ListPresetsResponse> {
        Ok(Response::new(App::list_presets()))
    }

    async fn export_user_data(
        &self,
        request: Request<UserDataRequest>,
    ) -> Answer<Self::ExportUserDataStream> {
        let user: UserId = parse("userId", &request.get_ref().user_id)?;
        let pieces = Arc::clone(&self.0).export_user_data(user);
        let pieces = pieces.map(|piece| {
            piece.map_err(reply).map(|data| UserDataChunk {
                path: USER_DATA_PATH.to_owned(),
                data: data.into(),
            })
        });
        Ok(Response::new(pieces.boxed()))
    }
}

/// A download with the headers it has over HTTP; the first message names the
/// media type.
fn content(served: Served) -> Response<Sent<HttpBody>> {
    let mut content_type = served.content_type.to_owned();
    let pieces = served.content.map(move |piece| {
        piece.map_err(reply).map(|data| HttpBody {
            content_type: std::mem::take(&mut content_type),
            data,
            extensions: Vec::new(),
        })
    });
    let mut response = Response::new(pieces.boxed());
    let metadata = response.metadata_mut();
    set(metadata, "http-accept-ranges", "bytes");
    set(metadata, "http-etag", &served.etag);
    set(metadata, "http-content-disposition", &served.disposition);
    set(
        metadata,
        "http-content-length",
        &served.slice.length().to_string(),
    );
    if served.is_part {
        let (first, last) = (served.slice.start, served.slice.end - 1);
        let range = format!("bytes {first}-{last}/{}", served.size);
        set(metadata, "http-content-range", &range);
    }
    response
}

fn set(metadata: &mut MetadataMap, name: &'static str, value: &str) {
    if let Ok(value) = MetadataValue::try_from(value) {
        metadata.insert(name, value);
    }
}

fn encode(view: ExportView) -> Export {
    let progress_percent = progress(&view);
    let ExportView {
        export,
        files,
        download_url,
    } = view;
    let is_file = export.kind == Kind::File;
    Export {
        export_id: export.id.to_string(),
        status: wire(export.status).into(),
        cover_id: if is_file {
            export.cover_id.to_string()
        } else {
            String::new()
        },
        width: export.width,
        height: export.height,
        format: export.format,
        bytes: export.bytes.unwrap_or(0),
        download_url,
        error: error(export.error_reason, export.error_message),
        create_time: Some(covergen_chassis::timestamp(export.created_at_ms)),
        kind: if is_file {
            WireKind::File
        } else {
            WireKind::Archive
        }
        .into(),
        file_name: export.file_name,
        progress_percent,
        total_bytes: export.total_bytes.unwrap_or(0),
        files: files.into_iter().map(encode_file).collect(),
        quality: export.used_quality.unwrap_or(0),
    }
}

fn encode_file(file: file::Model) -> ExportFile {
    ExportFile {
        name: file.name,
        cover_id: file.cover_id.to_string(),
        width: file.width,
        height: file.height,
        format: file.format,
        status: wire(file.status).into(),
        bytes: file.bytes.unwrap_or(0),
        error: error(file.error_reason, file.error_message),
    }
}

/// Files that are settled, of all; a file alone is half done while it is made.
fn progress(view: &ExportView) -> i32 {
    let percent = |done: usize, all: usize| i32::try_from(done * 100 / all.max(1)).unwrap_or(0);
    match (view.export.status, view.export.kind) {
        (export::Status::Succeeded, _) => 100,
        (_, Kind::Archive) => {
            let settled = view.files.iter();
            let settled = settled.filter(|file| file.status != export::Status::Pending);
            percent(settled.count(), view.files.len())
        }
        (export::Status::Running, Kind::File) => 50,
        _ => 0,
    }
}

fn error(reason: Option<String>, message: Option<String>) -> Option<ExportError> {
    reason.map(|reason| ExportError {
        reason,
        message: message.unwrap_or_default(),
    })
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
