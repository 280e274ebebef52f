use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use covergen_archive::{Layout, Piece};
use covergen_ids::{AssetId, WorkspaceId};
use covergen_proto::export::v1::DownloadRequest;
use futures::stream::BoxStream;
use futures::{SinkExt as _, StreamExt as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::App;
use super::render_archive::layout;
use crate::domain::{Slice, format_named};
use crate::error::Error;
use crate::saga;
use crate::store::entity::export::{self, Kind, Status};
use crate::store::files;

/// Bytes of a message.
const CHUNK_BYTES: usize = 256 * 1024;
/// What RFC 8187 lets stand in an extended parameter as it is.
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A download, or a part of one.
pub(crate) struct Served {
    pub(crate) content_type: &'static str,
    /// The whole, in bytes.
    pub(crate) size: u64,
    pub(crate) slice: Slice,
    /// A range was asked for and is what is sent.
    pub(crate) is_part: bool,
    /// Name of the whole, quoted.
    pub(crate) etag: String,
    pub(crate) disposition: String,
    pub(crate) content: BoxStream<'static, Result<Bytes, Error>>,
}

type Sender = futures::channel::mpsc::Sender<Result<Bytes, Error>>;

impl App {
    /// The file of an export, or its archive, put together as it is sent.
    pub(crate) async fn download(
        self: &Arc<Self>,
        workspace: WorkspaceId,
        id: covergen_ids::ExportId,
        request: &DownloadRequest,
    ) -> Result<Served, Error> {
        let row = self.export(workspace, id).await?;
        if row.status != Status::Succeeded {
            return Err(Error::NotReady(row.status.as_str()));
        }
        let (layout, assets) = self.laid(&row).await?;
        let size = layout.size();
        // What has succeeded never changes, so its name is good for ever.
        let tag = row.id.to_string();
        let wants_part = request.if_range.is_empty() || request.if_range == tag;
        let asked = match Slice::read(&request.range, size) {
            _ if !wants_part => None,
            Ok(asked) => asked,
            Err(()) => return Err(Error::RangePastEnd(size)),
        };
        let slice = asked.unwrap_or(Slice::whole(size));
        let (sender, content) = futures::channel::mpsc::channel(1);
        let pieces = layout.pieces(slice.start..slice.end);
        let this = Arc::clone(self);
        let context = saga::on_behalf(row.user_id, row.workspace_id).with_deadline(None);
        // Ends when nobody takes what it sends.
        tokio::spawn(context.scope(async move { this.pump(pieces, &assets, sender).await }));
        Ok(Served {
            content_type: match row.kind {
                Kind::Archive => "application/zip",
                Kind::File => format_named(&row.format)
                    .map(covergen_imaging::FileFormat::media_type)
                    .unwrap_or_default(),
            },
            size,
            slice,
            is_part: asked.is_some(),
            etag: format!("\"{tag}\""),
            disposition: disposition(&row),
            content: content.boxed(),
        })
    }

    /// Where the bytes of an export stand, and the assets they come from.
    async fn laid(&self, row: &export::Model) -> Result<(Layout, Vec<AssetId>), Error> {
        if row.kind == Kind::Archive {
            let files = files::of(self.store.read(), row.id).await?;
            return Ok(layout(row, &files));
        }
        let length = row.total_bytes.and_then(|bytes| u64::try_from(bytes).ok());
        match (row.asset_id, length) {
            (Some(asset), Some(length)) => Ok((Layout::bare(length), vec![asset])),
            _ => Err(Error::Corrupt(format!("{} has no file", row.id))),
        }
    }

    async fn pump(&self, pieces: Vec<Piece>, assets: &[AssetId], mut sender: Sender) {
        for piece in pieces {
            let sent = match piece {
                Piece::Bytes(bytes) => send(&mut sender, bytes.into()).await,
                Piece::File(index, slice, length) => {
                    let asset = assets.get(index).copied();
                    self.send_file(asset, slice, length, &mut sender).await
                }
            };
            match sent {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::error!(%error, "a download breaks off");
                    drop(sender.send(Err(error)).await);
                    return;
                }
            }
        }
    }

    /// Sends a part of a file; `false` where nobody takes it any more.
    async fn send_file(
        &self,
        asset: Option<AssetId>,
        slice: Range<u64>,
        length: u64,
        sender: &mut Sender,
    ) -> Result<bool, Error> {
        let short = || Error::Corrupt("a file is shorter than it was".to_owned());
        let asset = asset.ok_or_else(short)?;
        let mut content = self.peers.content(asset).await?;
        let mut at = 0_u64;
        while at < slice.end {
            let Some(piece) = content.message().await? else {
                return Err(short());
            };
            let data = piece.data;
            let begin = at;
            at += data.len() as u64;
            if at > length {
                return Err(Error::Corrupt("a file is longer than it was".to_owned()));
            }
            let place = |byte: u64| {
                let inside = byte.clamp(begin, at) - begin;
                usize::try_from(inside).unwrap_or(data.len())
            };
            let (from, to) = (place(slice.start), place(slice.end));
            if from < to && !send(sender, data.slice(from..to)).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Sends bytes in pieces; `false` where nobody takes them any more.
async fn send(sender: &mut Sender, mut bytes: Bytes) -> Result<bool, Error> {
    while !bytes.is_empty() {
        let piece = bytes.split_to(bytes.len().min(CHUNK_BYTES));
        if sender.send(Ok(piece)).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `attachment`, with the name for those who read RFC 6266 and for those who
/// do not.
fn disposition(row: &export::Model) -> String {
    let fallback;
    let name = if row.file_name.is_empty() {
        // Asked for before exports had names.
        let extension = format_named(&row.format)
            .map(covergen_imaging::FileFormat::extension)
            .unwrap_or_default();
        fallback = format!("cover-{}x{}.{extension}", row.width, row.height);
        &fallback
    } else {
        &row.file_name
    };
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            '"' | '\\' | '%' => '_',
            letter if letter.is_ascii_graphic() || letter == ' ' => letter,
            _ => '_',
        })
        .collect();
    let extended = utf8_percent_encode(name, ATTRIBUTE);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{extended}")
}
