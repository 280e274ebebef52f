//! The services that export calls.

use bytes::Bytes;
use covergen_chassis::Context;
use covergen_ids::{AssetId, CoverId, UserId};
use covergen_mesh::Channel;
use covergen_proto::cover::v1::cover_service_client::CoverServiceClient;
use covergen_proto::cover::v1::{Design, GetDesignRequest};
use covergen_proto::google::api::HttpBody;
use covergen_proto::media::v1::media_service_client::MediaServiceClient;
use covergen_proto::media::v1::put_asset_request::Part;
use covergen_proto::media::v1::{
    Asset, DeleteAssetsRequest, GetAssetRequest, PutAssetHeader, PutAssetRequest, ReadAssetRequest,
};
use covergen_proto::task::v1::SubmitTaskRequest;
use covergen_proto::task::v1::task_service_client::TaskServiceClient;
use covergen_proto::user::v1::GetEntitlementsRequest;
use covergen_proto::user::v1::user_service_client::UserServiceClient;
use tonic::{Code, Status, Streaming};

/// Bytes of a message of an upload.
const CHUNK_BYTES: usize = 1024 * 1024;
/// Files that one call removes; media takes 512.
const DELETED_AT_ONCE: usize = 500;

/// A file as media sends it, in chunks.
pub(crate) type Content = Streaming<HttpBody>;

/// What reading a file gave.
pub(crate) enum Read {
    Whole(Vec<u8>),
    TooLong,
    Gone,
}

/// Clients of the services that export calls.
#[derive(Clone)]
pub(crate) struct Peers {
    cover: CoverServiceClient<Channel>,
    user: UserServiceClient<Channel>,
    task: TaskServiceClient<Channel>,
    media: MediaServiceClient<Channel>,
}

impl Peers {
    pub(crate) fn new(context: &Context) -> Self {
        use covergen_proto::{cover, media, task, user};
        Self {
            cover: cover::v1::cover_service_client(context.channel("cover")),
            user: user::v1::user_service_client(context.channel("user")),
            task: task::v1::task_service_client(context.channel("task")),
            media: media::v1::media_service_client(context.channel("media")),
        }
    }

    /// What a cover is rendered from; NOT_FOUND for one of another workspace.
    pub(crate) async fn design(&self, cover: CoverId) -> Result<Design, Status> {
        let request = GetDesignRequest {
            cover_id: cover.to_string(),
        };
        Ok(self.cover.clone().get_design(request).await?.into_inner())
    }

    /// Whether a user's tier puts the mark on what they make.
    pub(crate) async fn bears_watermark(&self, user: UserId) -> Result<bool, Status> {
        let request = GetEntitlementsRequest {
            user_id: user.to_string(),
        };
        let answer = self.user.clone().get_entitlements(request).await?;
        Ok(answer.into_inner().watermark)
    }

    /// Puts a task into the queue, or finds it there.
    pub(crate) async fn submit_task(&self, request: SubmitTaskRequest) -> Result<(), Status> {
        self.task.clone().submit_task(request).await?;
        Ok(())
    }

    /// Stores a file.
    pub(crate) async fn put_asset(
        &self,
        header: PutAssetHeader,
        mut content: Bytes,
    ) -> Result<Asset, Status> {
        let mut parts = vec![Part::Header(header)];
        while !content.is_empty() {
            let length = content.len().min(CHUNK_BYTES);
            parts.push(Part::Chunk(content.split_to(length)));
        }
        let messages = parts
            .into_iter()
            .map(|part| PutAssetRequest { part: Some(part) });
        let stream = futures::stream::iter(messages.collect::<Vec<_>>());
        Ok(self.media.clone().put_asset(stream).await?.into_inner())
    }

    /// Removes files, those that are there.
    pub(crate) async fn delete_assets(&self, assets: &[AssetId]) -> Result<(), Status> {
        for batch in assets.chunks(DELETED_AT_ONCE) {
            let request = DeleteAssetsRequest {
                asset_ids: batch.iter().map(ToString::to_string).collect(),
            };
            self.media.clone().delete_assets(request).await?;
        }
        Ok(())
    }

    /// A whole file, if it is there and no longer than `max_bytes`.
    pub(crate) async fn read(&self, asset: AssetId, max_bytes: usize) -> Result<Read, Status> {
        let mut content = match self.content(asset).await {
            Ok(content) => content,
            Err(status) if status.code() == Code::NotFound => return Ok(Read::Gone),
            Err(status) => return Err(status),
        };
        let mut file = Vec::new();
        while let Some(piece) = content.message().await? {
            if file.len() + piece.data.len() > max_bytes {
                return Ok(Read::TooLong);
            }
            file.extend_from_slice(&piece.data);
        }
        Ok(Read::Whole(file))
    }

    /// Where a file can be had, under a signed address.
    pub(crate) async fn address(&self, asset: AssetId) -> Result<String, Status> {
        let request = GetAssetRequest {
            asset_id: asset.to_string(),
        };
        Ok(self
            .media
            .clone()
            .get_asset(request)
            .await?
            .into_inner()
            .url)
    }

    /// A file's own bytes.
    pub(crate) async fn content(&self, asset: AssetId) -> Result<Content, Status> {
        let request = ReadAssetRequest {
            asset_id: asset.to_string(),
        };
        Ok(self.media.clone().read_asset(request).await?.into_inner())
    }
}
