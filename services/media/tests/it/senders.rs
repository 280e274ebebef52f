//! Uploads as people send them.

use bytes::Bytes;
use covergen_proto::media::v1::upload_asset_request::Part;
use covergen_proto::media::v1::{UploadAssetHeader, UploadAssetRequest};

/// What a person tells about a file.
pub(crate) fn named(name: &str) -> UploadAssetHeader {
    UploadAssetHeader {
        file_name: name.to_owned(),
        ..UploadAssetHeader::default()
    }
}

/// A person's upload in pieces of 64 KiB.
pub(crate) fn person_upload(header: UploadAssetHeader, file: &[u8]) -> Vec<UploadAssetRequest> {
    let chunks = file
        .chunks(64 * 1024)
        .map(|chunk| Part::Chunk(Bytes::copy_from_slice(chunk)));
    std::iter::once(Part::Header(header))
        .chain(chunks)
        .map(|part| UploadAssetRequest { part: Some(part) })
        .collect()
}
