//! What the scratch service does with files.

use std::sync::atomic::Ordering;

use sha2::{Digest as _, Sha256};
use tonic::{Code, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::backend::{Answer, EchoBackend, Sent};
use crate::scratch::covergen::echo::v1::store_request::Part;
use crate::scratch::covergen::echo::v1::{StoreRequest, Stored};
use crate::scratch::google::api::HttpBody;

/// Takes an upload, and counts whether it came whole.
pub(super) async fn store(
    backend: &EchoBackend,
    mut stream: Streaming<StoreRequest>,
) -> Answer<Stored> {
    let broken = |_: &Status| {
        backend.broken.fetch_add(1, Ordering::SeqCst);
    };
    let first = stream.message().await.inspect_err(broken)?;
    let first = first.and_then(|first| first.part);
    let Some(Part::Header(header)) = first else {
        return Err(Status::invalid_argument("the header comes first"));
    };
    if header.refuse {
        return Err(Status::failed_precondition("the album is full"));
    }
    let mut stored = Stored {
        header: Some(header),
        ..Stored::default()
    };
    let mut digest = Sha256::new();
    loop {
        let message = stream.message().await.inspect_err(broken)?;
        match message.map(|message| message.part) {
            None => break,
            Some(Some(Part::Chunk(chunk))) => {
                stored.bytes += i64::try_from(chunk.len()).unwrap();
                let length = i32::try_from(chunk.len()).unwrap();
                stored.largest_chunk = stored.largest_chunk.max(length);
                digest.update(&chunk);
            }
            Some(_) => return Err(Status::invalid_argument("only chunks follow")),
        }
    }
    backend.whole.fetch_add(1, Ordering::SeqCst);
    stored.sha256 = digest.finalize().to_vec().into();
    Ok(Response::new(stored))
}

/// Ten letters, or the range of them that is asked for.
pub(super) fn slice(range: &str) -> Answer<Sent<HttpBody>> {
    let all = b"0123456789";
    let (from, to) = match range {
        "" => (0, 10),
        "bytes=2-5" => (2, 6),
        _ => {
            let size = [("size".to_owned(), "10".to_owned())];
            let details = ErrorDetails::with_error_info("RANGE_NOT_SATISFIABLE", "covergen", size);
            let text = "There are ten letters.";
            return Err(Status::with_error_details(Code::OutOfRange, text, details));
        }
    };
    let body = HttpBody {
        content_type: "text/plain".to_owned(),
        data: all[from..to].to_vec().into(),
        extensions: Vec::new(),
    };
    let stream: Sent<HttpBody> = Box::pin(futures::stream::iter([Ok(body)]));
    let mut response = Response::new(stream);
    let metadata = response.metadata_mut();
    metadata.insert("http-accept-ranges", "bytes".parse().unwrap());
    metadata.insert(
        "http-content-length",
        (to - from).to_string().parse().unwrap(),
    );
    if !range.is_empty() {
        metadata.insert("http-content-range", "bytes 2-5/10".parse().unwrap());
    }
    Ok(response)
}
