//! The service that safety calls: media, for the pictures it is asked about.

use covergen_chassis::Context;
use covergen_mesh::Channel;
use covergen_proto::media::v1::ReadAssetRequest;
use covergen_proto::media::v1::media_service_client::MediaServiceClient;
use tonic::Code;

use crate::error::Error;

/// Largest file that is read, in bytes.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A client of media.
#[derive(Clone)]
pub(crate) struct Media(MediaServiceClient<Channel>);

impl Media {
    pub(crate) fn new(context: &Context) -> Self {
        let channel = context.channel("media");
        Self(covergen_proto::media::v1::media_service_client(channel))
    }

    /// An asset's own bytes, if it is one of the caller's workspace.
    pub(crate) async fn content(&self, asset_id: &str) -> Result<Vec<u8>, Error> {
        let request = ReadAssetRequest {
            asset_id: asset_id.to_owned(),
        };
        let absent = |status: tonic::Status| match status.code() {
            Code::NotFound => Error::NotFound("asset"),
            _ => Error::Upstream(status),
        };
        let answer = self.0.clone().read_asset(request).await;
        let mut pieces = answer.map_err(absent)?.into_inner();
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.message().await.map_err(absent)? {
            if bytes.len() + piece.data.len() > MAX_BYTES {
                return Err(Error::Picture {
                    field: "assetId".to_owned(),
                    problem: format!("it is larger than {MAX_BYTES} bytes"),
                });
            }
            bytes.extend_from_slice(&piece.data);
        }
        Ok(bytes)
    }
}
