//! gRPC in, gRPC out.

pub(crate) mod encode;
mod receive;
mod resume;
mod upload;

use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_ids::{AssetId, UploadId, UserId};
use covergen_proto::google::api::HttpBody;
use covergen_proto::media::v1::media_service_server::MediaService;
use covergen_proto::media::v1::{
    AppendUploadRequest, Asset, CreateUploadRequest, DeleteAssetRequest, DeleteAssetsRequest,
    DeleteAssetsResponse, DeleteUploadRequest, GetAssetRequest, GetImageRequest, GetUploadRequest,
    ListAssetsRequest, ListAssetsResponse, PutAssetRequest, ReadAssetRequest, SizeImagesRequest,
    SizeImagesResponse, Upload, UploadAssetRequest,
};
use covergen_proto::privacy::v1::{UserDataChunk, UserDataRequest};
use futures::stream::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use crate::app::App;
use crate::domain::Room;
use crate::error::Error;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;
type Content = BoxStream<'static, Result<HttpBody, Status>>;
type UserData = BoxStream<'static, Result<UserDataChunk, Status>>;

#[tonic::async_trait]
impl MediaService for Api {
    type ReadAssetStream = Content;
    type GetImageStream = Content;
    type ExportUserDataStream = UserData;

    async fn put_asset(&self, request: Request<Streaming<PutAssetRequest>>) -> Answer<Asset> {
        let workspace = principal().ok().map(|caller| caller.workspace_id);
        let _turn = self.0.uploads.acquire().await;
        let new = upload::receive(request.into_inner(), workspace)
            .await
            .map_err(reply)?;
        let asset = self.0.put_asset(new).await.map_err(reply)?;
        Ok(Response::new(encode::asset(&self.0.addresses, asset)))
    }

    async fn upload_asset(&self, request: Request<Streaming<UploadAssetRequest>>) -> Answer<Asset> {
        let who = principal()?;
        let upload = receive::upload(&self.0, &who, request.into_inner())
            .await
            .map_err(reply)?;
        let asset = self.0.upload_asset(&who, upload).await.map_err(reply)?;
        Ok(Response::new(asset))
    }

    async fn create_upload(
        &self,
        request: Request<Streaming<CreateUploadRequest>>,
    ) -> Answer<Upload> {
        let who = principal()?;
        let upload = resume::create(&self.0, &who, request.into_inner())
            .await
            .map_err(reply)?;
        Ok(Response::new(encode::upload(upload, Vec::new())))
    }

    async fn get_upload(&self, request: Request<GetUploadRequest>) -> Answer<Upload> {
        let who = principal()?;
        let id = upload_id(&request.get_ref().upload_id).map_err(reply)?;
        let found = self.0.get_upload_and_entries(&who, id).await;
        let (upload, entries) = found.map_err(reply)?;
        Ok(Response::new(encode::upload(upload, entries)))
    }

    async fn append_upload(
        &self,
        request: Request<Streaming<AppendUploadRequest>>,
    ) -> Answer<Upload> {
        let who = principal()?;
        let upload = resume::append(&self.0, &who, request.into_inner())
            .await
            .map_err(reply)?;
        Ok(Response::new(encode::upload(upload, Vec::new())))
    }

    async fn delete_upload(&self, request: Request<DeleteUploadRequest>) -> Answer<Upload> {
        let who = principal()?;
        let request = request.get_ref();
        let id = upload_id(&request.upload_id).map_err(reply)?;
        let upload = self.0.delete_upload(&who, id, request).await;
        Ok(Response::new(upload.map_err(reply)?))
    }

    async fn list_assets(&self, request: Request<ListAssetsRequest>) -> Answer<ListAssetsResponse> {
        let who = principal()?;
        let listed = self
            .0
            .list_assets(&who, request.get_ref())
            .await
            .map_err(reply)?;
        let answer = encode::listed(&self.0.addresses, &self.0.config, listed);
        Ok(Response::new(answer))
    }

    async fn get_asset(&self, request: Request<GetAssetRequest>) -> Answer<Asset> {
        let workspace = principal()?.workspace_id;
        let id = asset_id("assetId", &request.get_ref().asset_id).map_err(reply)?;
        let asset = self.0.get_asset(workspace, id).await.map_err(reply)?;
        Ok(Response::new(encode::asset(&self.0.addresses, asset)))
    }

    async fn size_images(&self, request: Request<SizeImagesRequest>) -> Answer<SizeImagesResponse> {
        let workspace = principal()?.workspace_id;
        let request = request.get_ref();
        let ids = asset_ids(&request.asset_ids).map_err(reply)?;
        let room = Room {
            width_px: request.width_px,
            pixel_ratio: request.pixel_ratio,
            columns: request.columns,
        };
        let found = self.0.size_images(workspace, &ids).await.map_err(reply)?;
        let images = found.into_iter();
        Ok(Response::new(SizeImagesResponse {
            images: images
                .map(|asset| encode::sized(&self.0.addresses, asset, room.step()))
                .collect(),
        }))
    }

    async fn delete_asset(&self, request: Request<DeleteAssetRequest>) -> Answer<Asset> {
        let who = principal()?;
        let request = request.get_ref();
        let id = asset_id("assetId", &request.asset_id).map_err(reply)?;
        let asset = self.0.delete_asset(&who, id, request).await;
        Ok(Response::new(asset.map_err(reply)?))
    }

    async fn delete_assets(
        &self,
        request: Request<DeleteAssetsRequest>,
    ) -> Answer<DeleteAssetsResponse> {
        let workspace = principal()?.workspace_id;
        let ids = asset_ids(&request.get_ref().asset_ids).map_err(reply)?;
        let deleted = self.0.delete_assets(workspace, &ids).await.map_err(reply)?;
        Ok(Response::new(DeleteAssetsResponse {
            deleted: i32::try_from(deleted).unwrap_or(i32::MAX),
        }))
    }

    async fn read_asset(
        &self,
        request: Request<ReadAssetRequest>,
    ) -> Answer<Self::ReadAssetStream> {
        let workspace = principal()?.workspace_id;
        let id = asset_id("assetId", &request.get_ref().asset_id).map_err(reply)?;
        let served = self.0.read_asset(workspace, id).await.map_err(reply)?;
        Ok(Response::new(encode::content(served)))
    }

    async fn export_user_data(
        &self,
        request: Request<UserDataRequest>,
    ) -> Answer<Self::ExportUserDataStream> {
        let user: UserId = request.get_ref().user_id.parse().map_err(|error| {
            reply(Error::Invalid {
                field: "userId",
                problem: format!("{error}"),
            })
        })?;
        let pieces = Arc::clone(&self.0).export_user_data(user);
        Ok(Response::new(encode::user_data(pieces)))
    }

    async fn get_image(&self, request: Request<GetImageRequest>) -> Answer<Self::GetImageStream> {
        let request = request.into_inner();
        let served = self
            .0
            .get_image(&request.signature, &request.ops, &request.file)
            .await
            .map_err(reply)?;
        Ok(Response::new(encode::content(served)))
    }
}

fn asset_ids(texts: &[String]) -> Result<Vec<AssetId>, Error> {
    texts
        .iter()
        .map(|text| asset_id("assetIds", text))
        .collect()
}

fn asset_id(field: &'static str, text: &str) -> Result<AssetId, Error> {
    text.parse().map_err(|error| Error::Invalid {
        field,
        problem: format!("{error}"),
    })
}

fn upload_id(text: &str) -> Result<UploadId, Error> {
    text.parse().map_err(|error| Error::Invalid {
        field: "uploadId",
        problem: format!("{error}"),
    })
}
