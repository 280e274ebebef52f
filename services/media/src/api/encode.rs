use bytes::Bytes;
use covergen_chassis::reply;
use covergen_imaging::FileFormat;
use covergen_proto::google::api::HttpBody;
use covergen_proto::media::v1::asset::Kind;
use covergen_proto::media::v1::{
    Asset, AssetMetadata, AssetSource, AssetVariant, ListAssetsResponse, Location, SizedImage,
    StorageUsage, Upload, UploadArchive, UploadEntry, UploadError, upload as wire,
};
use covergen_proto::privacy::v1::UserDataChunk;
use futures::{StreamExt as _, stream};

use super::{Content, UserData};
use crate::address::Addresses;
use crate::app::{Chunk, Listed, Served};
use crate::config::Config;
use crate::domain::{Ops, SCREEN_WIDTHS_PX, Transform, VARIANT_WIDTHS_PX, for_screen, format_of};
use crate::error::Error;
use crate::facts::{CameraFacts, SourceFacts};
use crate::store::entity::{asset, entry, upload};

/// Bytes of a message of content.
const CHUNK_BYTES: usize = 256 * 1024;

/// An upload; of an archive also what came of the files in it, where that is
/// told.
pub(crate) fn upload(row: upload::Model, entries: Vec<entry::Model>) -> Upload {
    let archive = (row.kind == upload::Kind::Archive).then(|| UploadArchive {
        entries: row.entries.unwrap_or_default(),
        succeeded: row.entries_done,
        failed: row.entries_failed,
        results: entries.into_iter().map(entry).collect(),
    });
    let state = match row.state {
        upload::State::Receiving => wire::State::Receiving,
        upload::State::Processing => wire::State::Processing,
        upload::State::Succeeded => wire::State::Succeeded,
        upload::State::Failed => wire::State::Failed,
    };
    Upload {
        id: row.id.to_string(),
        state: state.into(),
        offset: row.stored_bytes,
        length: row.total_bytes,
        metadata: row.metadata,
        create_time: Some(covergen_chassis::timestamp(row.created_at_ms)),
        expire_time: Some(covergen_chassis::timestamp(row.expires_at_ms)),
        asset_id: row.asset_id.map(|id| id.to_string()).unwrap_or_default(),
        error: upload_error(row.error_reason, row.error_message),
        archive,
    }
}

fn entry(row: entry::Model) -> UploadEntry {
    UploadEntry {
        position: row.position,
        name: row.name,
        asset_id: row.asset_id.map(|id| id.to_string()).unwrap_or_default(),
        error: upload_error(row.error_reason, row.error_message),
    }
}

fn upload_error(reason: Option<String>, message: Option<String>) -> Option<UploadError> {
    reason.map(|reason| UploadError {
        reason,
        message: message.unwrap_or_default(),
    })
}

pub(crate) fn asset(addresses: &Addresses, asset: asset::Model) -> Asset {
    // Only known types are stored.
    let format = format_of(&asset.content_type).unwrap_or(FileFormat::Png);
    Asset {
        id: asset.id.to_string(),
        width: asset.width,
        height: asset.height,
        bytes: asset.bytes,
        url: addresses.address(&Ops::AsStored, asset.id, format),
        variants: variants(addresses, &asset),
        create_time: Some(covergen_chassis::timestamp(asset.created_at_ms)),
        content_type: asset.content_type,
        sha256: asset.sha256,
        dominant_color: asset.dominant_color,
        kind: match asset.kind {
            asset::Kind::Upload => Kind::Upload,
            asset::Kind::Generated => Kind::Generated,
        }
        .into(),
        file_name: asset.file_name,
        placeholder: asset.placeholder,
        has_alpha: asset.has_alpha,
        source: parsed(asset.source_json.as_deref()).map(source),
        metadata: parsed(asset.metadata_json.as_deref()).map(metadata),
    }
}

/// An asset as a screen shows it whose pictures come in this width.
pub(super) fn sized(addresses: &Addresses, asset: asset::Model, step: u32) -> SizedImage {
    let stored = format_of(&asset.content_type).unwrap_or(FileFormat::Png);
    let side = |px: i32| u32::try_from(px).unwrap_or(1);
    let ops = for_screen(step, side(asset.width), stored);
    let (width, height) = ops.size(side(asset.width), side(asset.height));
    SizedImage {
        asset_id: asset.id.to_string(),
        url: addresses.address(&ops, asset.id, ops.output(stored)),
        width: i32::try_from(width).unwrap_or(i32::MAX),
        height: i32::try_from(height).unwrap_or(i32::MAX),
        dominant_color: asset.dominant_color,
        placeholder: asset.placeholder,
    }
}

/// Every address that answers offer for an asset.
pub(crate) fn addresses(addresses: &Addresses, asset: &asset::Model) -> Vec<String> {
    let format = format_of(&asset.content_type).unwrap_or(FileFormat::Png);
    let stored = addresses.address(&Ops::AsStored, asset.id, format);
    let variants = variants(addresses, asset).into_iter();
    let mut all: Vec<String> = std::iter::once(stored)
        .chain(variants.map(|variant| variant.url))
        .collect();
    let width = u32::try_from(asset.width).unwrap_or(1);
    for step in SCREEN_WIDTHS_PX {
        let ops = for_screen(step, width, format);
        let address = addresses.address(&ops, asset.id, ops.output(format));
        if !all.contains(&address) {
            all.push(address);
        }
    }
    all
}

/// Facts that do not parse any more are as good as none.
fn parsed<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| serde_json::from_str(text).ok())
}

fn source(facts: SourceFacts) -> AssetSource {
    AssetSource {
        content_type: facts.content_type,
        bytes: facts.bytes,
        width: facts.width,
        height: facts.height,
        orientation: facts.orientation,
        color_model: facts.color_model,
        bit_depth: facts.bit_depth,
        profile_converted: facts.profile_converted,
        frames: facts.frames,
    }
}

fn metadata(facts: CameraFacts) -> AssetMetadata {
    AssetMetadata {
        camera_make: facts.camera_make,
        camera_model: facts.camera_model,
        lens_model: facts.lens_model,
        taken_at: facts.taken_at,
        exposure_time: facts.exposure_time,
        f_number: facts.f_number,
        iso: facts.iso,
        focal_length_mm: facts.focal_length_mm,
        location: facts.location.map(|place| Location {
            latitude: place.latitude,
            longitude: place.longitude,
            altitude_m: place.altitude_m,
        }),
    }
}

pub(super) fn listed(addresses: &Addresses, config: &Config, listed: Listed) -> ListAssetsResponse {
    ListAssetsResponse {
        assets: listed
            .page
            .items
            .into_iter()
            .map(|row| asset(addresses, row))
            .collect(),
        next_page_token: listed.page.next_page_token,
        storage: Some(StorageUsage {
            used_bytes: listed.storage.upload_bytes,
            limit_bytes: config.workspace_bytes,
            used_assets: listed.storage.uploads,
            limit_assets: config.workspace_uploads,
        }),
    }
}

pub(super) fn user_data(
    pieces: futures::stream::BoxStream<'static, Result<Chunk, Error>>,
) -> UserData {
    pieces
        .map(|piece| match piece {
            Ok(Chunk { path, data }) => Ok(UserDataChunk { path, data }),
            Err(error) => Err(reply(error)),
        })
        .boxed()
}

fn variants(addresses: &Addresses, asset: &asset::Model) -> Vec<AssetVariant> {
    let side = |px: i32| u32::try_from(px).unwrap_or(1);
    VARIANT_WIDTHS_PX
        .into_iter()
        .filter(|width| *width < side(asset.width))
        .map(|width| {
            let transform = Transform {
                width: Some(width),
                format: Some(FileFormat::WebP),
                ..Transform::default()
            };
            let (width, height) = transform.size(side(asset.width), side(asset.height));
            let ops = Ops::Transform(transform);
            AssetVariant {
                width: i32::try_from(width).unwrap_or(i32::MAX),
                height: i32::try_from(height).unwrap_or(i32::MAX),
                format: "webp".to_owned(),
                url: addresses.address(&ops, asset.id, FileFormat::WebP),
            }
        })
        .collect()
}

/// Content as messages of bounded size; the first names the media type.
pub(super) fn content(served: Served) -> Content {
    let chunks = served.body.flat_map(|chunk| {
        let parts = match chunk {
            Ok(chunk) => split(chunk).into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(reply(Error::from(error)))],
        };
        stream::iter(parts)
    });
    let mut content_type = Some(served.content_type);
    chunks
        .map(move |chunk| {
            Ok(HttpBody {
                content_type: content_type.take().unwrap_or_default(),
                data: chunk?,
                extensions: Vec::new(),
            })
        })
        .boxed()
}

fn split(mut chunk: Bytes) -> Vec<Bytes> {
    let mut parts = Vec::new();
    while chunk.len() > CHUNK_BYTES {
        parts.push(chunk.split_to(CHUNK_BYTES));
    }
    parts.push(chunk);
    parts
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{CHUNK_BYTES, split};

    #[test]
    fn a_long_chunk_is_split_and_nothing_is_lost() {
        let whole = Bytes::from(
            (0..2 * CHUNK_BYTES + 7)
                .map(|at| (at % 251) as u8)
                .collect::<Vec<_>>(),
        );
        let parts = split(whole.clone());
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.len() <= CHUNK_BYTES));
        assert_eq!(parts.concat(), whole);
    }
}
