//! gRPC in, gRPC out.

mod encode;
mod upload;

use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_ids::AssetId;
use covergen_proto::google::api::HttpBody;
use covergen_proto::media::v1::media_service_server::MediaService;
use covergen_proto::media::v1::{
    Asset, DeleteAssetsRequest, DeleteAssetsResponse, GetAssetRequest, GetImageRequest,
    PutAssetRequest, ReadAssetRequest,
};
use futures::stream::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use crate::app::App;
use crate::error::Error;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;
type Content = BoxStream<'static, Result<HttpBody, Status>>;

#[tonic::async_trait]
impl MediaService for Api {
    type ReadAssetStream = Content;
    type GetImageStream = Content;

    async fn put_asset(&self, request: Request<Streaming<PutAssetRequest>>) -> Answer<Asset> {
        let workspace = principal().ok().map(|caller| caller.workspace_id);
        let _turn = self.0.uploads.acquire().await;
        let new = upload::receive(request.into_inner(), workspace)
            .await
            .map_err(reply)?;
        let asset = self.0.put_asset(new).await.map_err(reply)?;
        Ok(Response::new(encode::asset(&self.0.addresses, asset)))
    }

    async fn get_asset(&self, request: Request<GetAssetRequest>) -> Answer<Asset> {
        let workspace = principal()?.workspace_id;
        let id = asset_id("assetId", &request.get_ref().asset_id).map_err(reply)?;
        let asset = self.0.get_asset(workspace, id).await.map_err(reply)?;
        Ok(Response::new(encode::asset(&self.0.addresses, asset)))
    }

    async fn delete_assets(
        &self,
        request: Request<DeleteAssetsRequest>,
    ) -> Answer<DeleteAssetsResponse> {
        let workspace = principal()?.workspace_id;
        let ids = request
            .get_ref()
            .asset_ids
            .iter()
            .map(|text| asset_id("assetIds", text))
            .collect::<Result<Vec<_>, _>>()
            .map_err(reply)?;
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

fn asset_id(field: &'static str, text: &str) -> Result<AssetId, Error> {
    text.parse().map_err(|error| Error::Invalid {
        field,
        problem: format!("{error}"),
    })
}
