use std::collections::BTreeMap;

use covergen_identity::Principal;
use covergen_ids::{CoverId, ExportId};
use covergen_proto::export::v1::{BatchItem, PrepareBatchRequest, PrepareResponse};
use covergen_store::{Claim, ClaimScope, Fulfilled};
use futures::{StreamExt as _, TryStreamExt as _};

use super::App;
use super::prepare::{blank, side};
use crate::design::Source;
use crate::domain::{Names, Wanted, format_name, stem};
use crate::error::Error;
use crate::store::entity::export::{self, Kind, Status};
use crate::store::entity::{design, file};

const METHOD: &str = "covergen.export.v1.ExportService/PrepareBatch";
/// Covers asked for at once.
const DESIGNS_AT_ONCE: usize = 8;

/// One file of an archive, checked.
struct Item {
    cover: CoverId,
    wanted: Wanted,
    /// Empty for one made of the title and the size.
    name: String,
}

type Sources = BTreeMap<CoverId, Source>;

impl App {
    /// Takes an archive on. Designs and the mark are settled now, each cover's
    /// once.
    pub(crate) async fn prepare_batch(
        &self,
        caller: &Principal,
        request: &PrepareBatchRequest,
    ) -> Result<PrepareResponse, Error> {
        let items = read(&request.items)?;
        let scope = ClaimScope::new(caller.user_id.to_string(), METHOD, &request.request_id);
        let name = match request.name.trim() {
            "" => "covers",
            name => name,
        };
        let name = format!("{}.zip", stem(name));
        self.store
            .idempotent(&scope, request, |claim| {
                self.take_on_archive(caller, name, items, claim)
            })
            .await
    }

    async fn take_on_archive(
        &self,
        caller: &Principal,
        file_name: String,
        items: Vec<Item>,
        claim: Claim,
    ) -> Result<Fulfilled<PrepareResponse>, Error> {
        let mut covers: Vec<CoverId> = items.iter().map(|item| item.cover).collect();
        covers.sort_unstable();
        covers.dedup();
        let sources = covers.into_iter().map(|cover| async move {
            let source = self.source(caller, cover).await?;
            Ok::<_, Error>((cover, source))
        });
        let sources: Sources = futures::stream::iter(sources)
            .buffered(DESIGNS_AT_ONCE)
            .try_collect()
            .await?;
        let watermark = self.peers.bears_watermark(caller.user_id).await?;
        let id = ExportId::from_uuid(claim.operation_id());
        let first = items.first().map(|item| item.cover).ok_or_else(nothing)?;
        let designs = sources
            .iter()
            .map(|(cover, source)| {
                Ok(design::Model {
                    export_id: id,
                    cover_id: *cover,
                    document: source.document.clone(),
                    pictures: source.pictures_json()?,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        // Laying out hundreds of designs is work for a thread of its own.
        let files = tokio::task::spawn_blocking(move || rows(id, items, &sources, watermark))
            .await
            .map_err(|error| Error::Corrupt(error.to_string()))??;
        let row = export::Model {
            format: "zip".to_owned(),
            watermark,
            file_name,
            ..blank(id, caller, first, Kind::Archive)
        };
        self.write_down(caller, row, designs, files, claim).await
    }
}

/// Checks every item; everything wrong is listed at once.
fn read(items: &[BatchItem]) -> Result<Vec<Item>, Error> {
    let (mut read, mut wrong) = (Vec::with_capacity(items.len()), Vec::new());
    for (index, item) in items.iter().enumerate() {
        let mut add = |field: &str, problem: String| {
            wrong.push((format!("items[{index}].{field}"), problem));
        };
        let cover = item.cover_id.parse::<CoverId>();
        if let Err(error) = &cover {
            add("coverId", error.to_string());
        }
        let wanted = Wanted::of(item.into()).map_err(|faults| {
            for (field, problem) in faults {
                add(&field, problem);
            }
        });
        if let (Ok(cover), Ok(wanted)) = (cover, wanted) {
            read.push(Item {
                cover,
                wanted,
                name: item.name.trim().to_owned(),
            });
        }
    }
    if wrong.is_empty() {
        Ok(read)
    } else {
        Err(Error::Invalid(wrong))
    }
}

fn nothing() -> Error {
    Error::Invalid(vec![("items".to_owned(), "must not be empty".to_owned())])
}

/// The rows of the files, each laid out once to see that it can be.
fn rows(
    id: ExportId,
    items: Vec<Item>,
    sources: &Sources,
    watermark: bool,
) -> Result<Vec<file::Model>, Error> {
    let mut names = Names::default();
    let mut rows = Vec::with_capacity(items.len());
    for (position, item) in items.into_iter().enumerate() {
        let source = sources.get(&item.cover).ok_or(Error::CoverNotFound)?;
        source.laid_out(item.wanted.size, watermark)?;
        let name = if item.name.is_empty() {
            format!("{}-{}", stem(&source.title()?), item.wanted.size_name())
        } else {
            stem(&item.name)
        };
        rows.push(row(
            id,
            position,
            &item,
            names.unique(&name, item.wanted.format.extension()),
        ));
    }
    Ok(rows)
}

fn row(id: ExportId, position: usize, item: &Item, name: String) -> file::Model {
    let wanted = &item.wanted;
    file::Model {
        export_id: id,
        position: i32::try_from(position).unwrap_or(i32::MAX),
        cover_id: item.cover,
        name,
        preset: wanted.preset.clone(),
        width: side(wanted.size.width),
        height: side(wanted.size.height),
        format: format_name(wanted.format).to_owned(),
        quality: i32::from(wanted.quality),
        max_bytes: wanted.max_bytes.and_then(|bytes| i32::try_from(bytes).ok()),
        compression: wanted.compression.name().to_owned(),
        status: Status::Pending,
        asset_id: None,
        bytes: None,
        crc32: None,
        error_reason: None,
        error_message: None,
    }
}
