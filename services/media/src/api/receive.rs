use covergen_identity::Principal;
use covergen_proto::media::v1::upload_asset_request::Part;
use covergen_proto::media::v1::{UploadAssetHeader, UploadAssetRequest};
use tonic::Streaming;

use crate::app::{App, Upload};
use crate::error::Error;
use crate::spool::Spool;

/// Takes a person's upload in: a header, then chunks, into a file. Nothing is
/// kept of one that ends early or grows too long.
pub(super) async fn upload(
    app: &App,
    who: &Principal,
    mut parts: Streaming<UploadAssetRequest>,
) -> Result<Upload, Error> {
    let _place = app.receptions.try_acquire().map_err(|_| Error::Busy)?;
    let first = parts.message().await?.and_then(|message| message.part);
    let Some(Part::Header(header)) = first else {
        return Err(invalid("header", "must come first"));
    };
    check(&header)?;
    app.check_room(who).await?;
    let limit_bytes = app.config.upload_limits().max_bytes;
    let mut spool = Spool::open(app.config.spool_folder.as_deref()).await?;
    while let Some(message) = parts.message().await? {
        let Some(Part::Chunk(chunk)) = message.part else {
            return Err(invalid("chunk", "must follow the one header"));
        };
        if spool.length() + chunk.len() > limit_bytes {
            return Err(Error::TooLarge { limit_bytes });
        }
        spool.write(&chunk).await?;
    }
    Ok(Upload {
        header,
        file: spool.finish().await?,
    })
}

fn check(header: &UploadAssetHeader) -> Result<(), Error> {
    if header.keep_location && !header.keep_metadata {
        return Err(invalid(
            "keepLocation",
            "needs keepMetadata: a place is part of a picture's metadata",
        ));
    }
    Ok(())
}

fn invalid(field: &'static str, problem: &str) -> Error {
    Error::Invalid {
        field,
        problem: problem.to_owned(),
    }
}
