//! Uploads that come in part by part.

use std::sync::Arc;

use bytes::Bytes;
use covergen_identity::Principal;
use covergen_proto::media::v1::{
    AppendUploadRequest, CreateUploadHeader, CreateUploadRequest, append_upload_request,
    create_upload_request,
};
use covergen_store::CallContext;
use futures::{Stream, StreamExt as _};
use tonic::Streaming;
use tracing::Instrument as _;

use crate::app::{App, Append, Incoming};
use crate::error::Error;
use crate::store::entity::upload;
use crate::tus::Checksum;

/// Begins an upload, and takes in what comes with it.
pub(super) async fn create(
    app: &Arc<App>,
    who: &Principal,
    mut parts: Streaming<CreateUploadRequest>,
) -> Result<upload::Model, Error> {
    use create_upload_request::Part;
    let first = parts.message().await?.and_then(|message| message.part);
    let Some(Part::Header(header)) = first else {
        return Err(invalid("header", "must come first"));
    };
    check(&header)?;
    let checksum = read_checksum(&header.checksum)?;
    let begun = app.create_upload(who, &header).await?;
    let mut incoming = chunks(parts, |message| match message.part {
        Some(Part::Chunk(chunk)) => Some(chunk),
        _ => None,
    });
    // Most begin with nothing. Of one that is known already the bytes are.
    let Some(chunk) = incoming.next().await else {
        return Ok(begun);
    };
    if begun.stored_bytes > 0 {
        return Ok(begun);
    }
    let first = futures::stream::once(std::future::ready(chunk));
    let append = Append {
        id: begun.id,
        offset: 0,
        checksum,
        incoming: first.chain(incoming).boxed(),
    };
    match detached(app, who, append).await {
        // It is begun, and the caller has to learn where.
        Err(Error::Busy) => Ok(begun),
        answered => answered,
    }
}

/// Adds bytes to an upload.
pub(super) async fn append(
    app: &Arc<App>,
    who: &Principal,
    mut parts: Streaming<AppendUploadRequest>,
) -> Result<upload::Model, Error> {
    use append_upload_request::Part;
    let first = parts.message().await?.and_then(|message| message.part);
    let Some(Part::Header(header)) = first else {
        return Err(invalid("header", "must come first"));
    };
    let id = header.upload_id.parse().map_err(|error| Error::Invalid {
        field: "uploadId",
        problem: format!("{error}"),
    })?;
    let append = Append {
        id,
        offset: header.offset.unwrap_or_default(),
        checksum: read_checksum(&header.checksum)?,
        incoming: chunks(parts, |message| match message.part {
            Some(Part::Chunk(chunk)) => Some(chunk),
            _ => None,
        }),
    };
    detached(app, who, append).await
}

/// Goes on by itself when the caller goes away: then there is something to be
/// kept, and nobody but this to keep it.
async fn detached(app: &Arc<App>, who: &Principal, append: Append) -> Result<upload::Model, Error> {
    let place = Arc::clone(&app.appends);
    let place = place.try_acquire_owned().map_err(|_| Error::Busy)?;
    // Nobody alone may take up all the places.
    let own = app.senders.enter(who.user_id).ok_or(Error::Busy)?;
    let (app, who) = (Arc::clone(app), who.clone());
    let work = async move {
        let (_place, _own) = (place, own);
        app.append_upload(&who, append).await
    };
    // Nobody's deadline ends what goes on without its caller.
    let context = CallContext {
        deadline: None,
        ..CallContext::current()
    };
    let work = context.scope(work).in_current_span();
    tokio::spawn(work).await.map_err(|_| Error::Interrupted)?
}

/// The bytes of a stream whose header was taken.
fn chunks<M: Send + 'static>(parts: Streaming<M>, open: fn(M) -> Option<Bytes>) -> Incoming {
    let parts: std::pin::Pin<Box<dyn Stream<Item = _> + Send>> = Box::pin(parts);
    parts
        .map(move |part| {
            let chunk = open(part?);
            chunk.ok_or_else(|| invalid("chunk", "must follow the one header"))
        })
        .boxed()
}

fn read_checksum(text: &str) -> Result<Option<Checksum>, Error> {
    Checksum::read(text).map_err(|problem| invalid("checksum", problem))
}

fn check(header: &CreateUploadHeader) -> Result<(), Error> {
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
