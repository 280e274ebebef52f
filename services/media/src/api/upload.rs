use bytes::BytesMut;
use covergen_ids::WorkspaceId;
use covergen_proto::media::v1::put_asset_request::Part;
use covergen_proto::media::v1::{PutAssetHeader, PutAssetRequest};
use tonic::Streaming;

use crate::app::NewAsset;
use crate::domain::{MAX_ASSET_BYTES, format_of};
use crate::error::Error;

/// Takes an upload in: a header, then chunks. `workspace` is that of the user
/// the caller acts for, if it does: nothing is stored in another.
pub(super) async fn receive(
    mut parts: Streaming<PutAssetRequest>,
    workspace: Option<WorkspaceId>,
) -> Result<NewAsset, Error> {
    let first = parts.message().await?.and_then(|message| message.part);
    let Some(Part::Header(header)) = first else {
        return Err(invalid("header", "must come first"));
    };
    let mut new = describe(header)?;
    if workspace.is_some_and(|workspace| workspace != new.workspace_id) {
        return Err(invalid(
            "header.workspaceId",
            "must be the workspace of the user you act for",
        ));
    }
    let mut content = BytesMut::new();
    while let Some(message) = parts.message().await? {
        let Some(Part::Chunk(chunk)) = message.part else {
            return Err(invalid("chunk", "must follow the one header"));
        };
        if content.len() + chunk.len() > MAX_ASSET_BYTES {
            return Err(Error::TooLarge {
                limit_bytes: MAX_ASSET_BYTES,
            });
        }
        content.extend_from_slice(&chunk);
    }
    new.content = content.freeze();
    Ok(new)
}

fn describe(header: PutAssetHeader) -> Result<NewAsset, Error> {
    Ok(NewAsset {
        id: parse("header.assetId", &header.asset_id)?,
        workspace_id: parse("header.workspaceId", &header.workspace_id)?,
        user_id: parse("header.userId", &header.user_id)?,
        format: format_of(&header.content_type)
            .ok_or_else(|| invalid("header.contentType", "is not one that is stored"))?,
        file_name: header.file_name,
        content: bytes::Bytes::new(),
    })
}

fn parse<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, Error>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| Error::Invalid {
        field,
        problem: error.to_string(),
    })
}

fn invalid(field: &'static str, problem: &str) -> Error {
    Error::Invalid {
        field,
        problem: problem.to_owned(),
    }
}
