//! From a checked request to an order with everything chosen, and from an
//! order to a task.

use covergen_identity::Principal;
use covergen_ids::{CoverId, TaskId};
use covergen_proto::cover::v1::GenerateResponse;
use covergen_proto::cover::v1::cover_task::Status;
use covergen_proto::safety::v1::Verdict;
use covergen_proto::template::v1::{BrandKit, Template};
use covergen_render::TemplateDocument;
use covergen_store::{CommandDraft, Tx};
use covergen_studio::Pictures;
use prost::Message as _;

use super::App;
use super::submit::{SUBMIT_TASK, submission};
use crate::domain::Draft;
use crate::domain::history::Happening;
use crate::error::Error;
use crate::events;
use crate::look::Look;
use crate::order::Order;
use crate::store::entity::{bulk_row, request};
use crate::store::history;

/// Why a task is made.
#[derive(Clone, Copy)]
pub(super) enum Cause<'a> {
    /// Somebody asked for it.
    Asked,
    /// A cover is made again.
    Again(CoverId),
    /// It is a row of a bulk.
    Row(&'a bulk_row::Model),
}

impl App {
    /// Everything chosen: template, palette, seed, look, mark. Refuses what
    /// safety forbids and what cannot be drawn.
    pub(super) async fn order(
        &self,
        who: &Principal,
        draft: Draft,
        task: TaskId,
    ) -> Result<Order, Error> {
        let seed = draft.seed.unwrap_or_else(|| default_seed(task));
        let (entitlements, verdict, kit) = tokio::try_join!(
            self.entitlements(who),
            self.verdict(draft.texts(), task),
            self.brand_kit(&draft.brand_kit_id),
        )?;
        refuse_flagged(&verdict)?;
        let template = self
            .peers
            .resolve(&draft.template_id, seed, entitlements.premium_templates)
            .await?;
        let look = self.look(draft.look, kit, &template, !draft.palette_id.is_empty())?;
        self.check_photo(&look).await?;
        let order = Order {
            title: draft.title,
            subtitle: draft.subtitle,
            palette_id: palette(&template, &draft.palette_id)?,
            template_version: template.version.unsigned_abs(),
            template_id: template.id,
            seed,
            variants: draft.variants,
            sizes: draft.sizes,
            formats: draft.formats,
            watermark: entitlements.watermark,
            look,
        };
        self.check_drawable(&order).await?;
        Ok(order)
    }

    pub(super) async fn entitlements(
        &self,
        who: &Principal,
    ) -> Result<covergen_proto::user::v1::Entitlements, Error> {
        Ok(self.peers.entitlements(who).await?)
    }

    async fn verdict(&self, texts: Vec<String>, task: TaskId) -> Result<Verdict, Error> {
        Ok(self.peers.screen(texts, task.to_string()).await?)
    }

    /// The brand kit of that id; none where none is named.
    pub(super) async fn brand_kit(&self, id: &str) -> Result<Option<BrandKit>, Error> {
        if id.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.peers.brand_kit(id).await?))
    }

    /// A look with what a brand kit and a custom template add to it.
    pub(super) fn look(
        &self,
        mut look: Look,
        kit: Option<BrandKit>,
        template: &Template,
        palette_asked: bool,
    ) -> Result<Look, Error> {
        if let Some(kit) = kit {
            look.dress(&kit, palette_asked)
                .map_err(|problem| Error::Corrupt(format!("brand kit {}: {problem}", kit.id)))?;
        }
        if !template.document.is_empty() {
            let document = TemplateDocument::parse(&template.document)
                .map_err(|error| Error::Corrupt(format!("template {}: {error}", template.id)))?;
            look.document = Some(document);
        }
        Ok(look)
    }

    /// Tells at once of a photo that is not there, or is larger than a worker
    /// will take.
    async fn check_photo(&self, look: &Look) -> Result<(), Error> {
        let Some(photo) = look.photo else {
            return Ok(());
        };
        let asset = self.peers.asset(photo.asset_id).await?;
        let sides = u64::from(asset.width.unsigned_abs()) * u64::from(asset.height.unsigned_abs());
        let limits = self.pictures.limits();
        let bytes = usize::try_from(asset.bytes).unwrap_or(usize::MAX);
        if sides > limits.max_pixels || bytes > limits.max_bytes {
            return Err(Error::PictureUnreadable(format!(
                "it has {sides} pixels and {bytes} bytes; at most {} and {} are taken",
                limits.max_pixels, limits.max_bytes
            )));
        }
        Ok(())
    }

    /// A glyph that no font has is told now, not after a minute in the queue.
    pub(super) async fn check_drawable(&self, order: &Order) -> Result<(), Error> {
        if let Some(size) = order.sizes.first() {
            let studio = self.studio.clone();
            let design = order.design(0, size, &Pictures::new());
            self.studio.on_a_core(move || studio.check(&design)).await?;
        }
        Ok(())
    }

    /// Writes an order down as a request, with its event and its way into the
    /// queue. The units are set aside before, outside of the transaction.
    pub(super) async fn accept(
        &self,
        tx: &Tx,
        who: &Principal,
        task: TaskId,
        order: &Order,
        asked_template: &str,
        cause: Cause<'_>,
    ) -> Result<(), Error> {
        let (template_id, seed, units) = (order.template_id.clone(), order.seed, order.units());
        let happening = match cause {
            Cause::Again(source) => Happening::Regenerated {
                source,
                template_id,
                seed,
                units,
            },
            Cause::Asked | Cause::Row(_) => Happening::Requested {
                template_id,
                seed,
                units,
            },
        };
        let row = match cause {
            Cause::Row(row) => Some(row),
            _ => None,
        };
        let request = request::Model {
            task_id: task,
            workspace_id: who.workspace_id,
            user_id: who.user_id,
            status: request::Status::Open,
            order_json: serde_json::to_string(order)
                .map_err(|error| Error::Corrupt(error.to_string()))?,
            error_reason: None,
            error_message: None,
            created_at_ms: tx.now_ms(),
            ended_at_ms: None,
            retry_count: 0,
            provider: String::new(),
            units: 0,
            source_cover_id: match cause {
                Cause::Again(source) => Some(source),
                _ => None,
            },
            bulk_id: row.map(|row| row.bulk_id),
            bulk_row: row.map(|row| row.row_number),
        };
        let request = history::begin(tx, request, happening).await?;
        events::requested(tx, &request, order, asked_template).await?;
        let payload = submission(&request).encode_to_vec();
        let command = CommandDraft::new(SUBMIT_TASK, &task, payload);
        tx.command(command.workspace(who.workspace_id)).await?;
        Ok(())
    }
}

/// What a caller hears of a task that was just accepted.
pub(super) fn pending(task: TaskId) -> GenerateResponse {
    GenerateResponse {
        task_id: task.to_string(),
        status: Status::Pending.into(),
    }
}

/// The random half of the task id: a repeat of the same request draws the
/// same covers.
pub(super) fn default_seed(task: TaskId) -> u64 {
    #[allow(clippy::cast_possible_truncation)] // The low half is what is wanted.
    let low = task.uuid().as_u128() as u64;
    low & 0x3FFF_FFFF_FFFF_FFFF
}

/// The palette asked for, if the template has it; empty means its default.
pub(super) fn palette(template: &Template, asked: &str) -> Result<String, Error> {
    if asked.is_empty() {
        return Ok(template
            .palettes
            .first()
            .map(|palette| palette.id.clone())
            .unwrap_or_default());
    }
    if template.palettes.iter().any(|palette| palette.id == asked) {
        return Ok(asked.to_owned());
    }
    let known: Vec<&str> = template
        .palettes
        .iter()
        .map(|palette| palette.id.as_str())
        .collect();
    let known = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    Err(Error::invalid(
        "paletteId",
        &format!("`{}` has no such palette; it has {known}", template.id),
    ))
}

/// Refuses a flagged text, naming its worst match.
pub(super) fn refuse_flagged(verdict: &Verdict) -> Result<(), Error> {
    if !verdict.flagged {
        return Ok(());
    }
    let worst = verdict.matches.first();
    Err(Error::ContentBlocked {
        category: worst.map_or_else(String::new, |found| found.category.clone()),
        rule_id: worst.map_or_else(String::new, |found| found.rule_id.clone()),
    })
}
