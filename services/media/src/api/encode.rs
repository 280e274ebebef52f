use bytes::Bytes;
use covergen_chassis::reply;
use covergen_imaging::FileFormat;
use covergen_proto::google::api::HttpBody;
use covergen_proto::media::v1::{Asset, AssetVariant};
use futures::{StreamExt as _, stream};

use super::Content;
use crate::address::Addresses;
use crate::app::Served;
use crate::domain::{Ops, Transform, VARIANT_WIDTHS_PX, format_of};
use crate::error::Error;
use crate::store::entity::asset;

/// Bytes of a message of content.
const CHUNK_BYTES: usize = 256 * 1024;

pub(super) fn asset(addresses: &Addresses, asset: asset::Model) -> Asset {
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
    }
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
