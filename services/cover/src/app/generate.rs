use covergen_identity::Principal;
use covergen_ids::TaskId;
use covergen_proto::cover::v1::cover_task::Status;
use covergen_proto::cover::v1::{GenerateRequest, GenerateResponse};
use covergen_proto::safety::v1::Verdict;
use covergen_proto::template::v1::Template;
use covergen_store::{ClaimScope, CommandDraft};
use prost::Message as _;

use super::App;
use super::submit::{SUBMIT_TASK, submission};
use crate::domain;
use crate::error::Error;
use crate::events;
use crate::order::{Format, Order, OrderedSize};
use crate::store::{self, entity::request};

const METHOD: &str = "covergen.cover.v1.CoverService/Generate";

impl App {
    /// Takes a request for covers and answers with its task.
    ///
    /// The task id comes from the idempotency claim, so a repeat after a crash
    /// reserves under the same key. Every refusal comes before anything is
    /// written; what is written is one transaction.
    pub(crate) async fn generate(
        &self,
        who: &Principal,
        request: GenerateRequest,
    ) -> Result<GenerateResponse, Error> {
        self.check_request(&request)?;
        let scope = ClaimScope::new(who.user_id.to_string(), METHOD, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let task = TaskId::from_uuid(claim.operation_id());
                let order = self.order(who, &request, task).await?;
                let units = i32::try_from(order.variants).unwrap_or(i32::MAX);
                self.peers.reserve(who, task, units).await?;

                let tx = self.store.begin().await?;
                let row = request::Model {
                    task_id: task,
                    workspace_id: who.workspace_id,
                    user_id: who.user_id,
                    status: request::Status::Open,
                    order_json: serde_json::to_string(&order)
                        .map_err(|error| Error::Corrupt(error.to_string()))?,
                    error_reason: None,
                    error_message: None,
                    created_at_ms: tx.now_ms(),
                    ended_at_ms: None,
                };
                store::insert_request(&tx, row.clone()).await?;
                events::requested(&tx, &row, &order, &request.template_id).await?;
                let payload = submission(&row).encode_to_vec();
                let command = CommandDraft::new(SUBMIT_TASK, &task, payload);
                tx.command(command.workspace(who.workspace_id)).await?;
                let answer = GenerateResponse {
                    task_id: task.to_string(),
                    status: Status::Pending.into(),
                };
                Ok(tx.commit_with(claim, answer).await?)
            })
            .await
    }

    fn check_request(&self, request: &GenerateRequest) -> Result<(), Error> {
        let pictures = (
            request.variants.unsigned_abs().max(1),
            request.sizes.len(),
            request.formats.len().max(1),
        );
        let found = domain::violations(
            &request.title,
            &request.subtitle,
            &request.sizes,
            pictures,
            self.config.max_images,
        );
        if found.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(found))
        }
    }

    /// Everything chosen: template, palette, seed, mark. Refuses what safety
    /// forbids and what cannot be drawn.
    async fn order(
        &self,
        who: &Principal,
        request: &GenerateRequest,
        task: TaskId,
    ) -> Result<Order, Error> {
        let seed = request.seed.unwrap_or_else(|| default_seed(task));
        let texts = vec![request.title.clone(), request.subtitle.clone()];
        let (entitlements, verdict) = tokio::try_join!(
            self.peers.entitlements(who),
            self.peers.screen(texts, task.to_string()),
        )?;
        refuse_flagged(&verdict)?;
        let template = self
            .peers
            .resolve(&request.template_id, seed, entitlements.premium_templates)
            .await?;
        let order = Order {
            title: request.title.clone(),
            subtitle: request.subtitle.clone(),
            palette_id: palette(&template, &request.palette_id)?,
            template_version: template.version.unsigned_abs(),
            template_id: template.id,
            seed,
            variants: request.variants.unsigned_abs().max(1),
            sizes: request
                .sizes
                .iter()
                .map(OrderedSize::read)
                .collect::<Result<_, _>>()
                .map_err(|problem| Error::invalid("sizes", &problem))?,
            formats: formats(&request.formats),
            watermark: entitlements.watermark,
        };
        // A glyph that no font has is told now, not after a minute in the queue.
        if let Some(size) = order.sizes.first() {
            let (studio, design) = (self.studio.clone(), order.design(0, size));
            self.studio.on_a_core(move || studio.check(&design)).await?;
        }
        Ok(order)
    }
}

/// The random half of the task id: a repeat of the same request draws the
/// same covers.
fn default_seed(task: TaskId) -> u64 {
    #[allow(clippy::cast_possible_truncation)] // The low half is what is wanted.
    let low = task.uuid().as_u128() as u64;
    low & 0x3FFF_FFFF_FFFF_FFFF
}

fn formats(names: &[String]) -> Vec<Format> {
    let mut formats: Vec<Format> = names
        .iter()
        .filter_map(|name| Format::parse(name))
        .collect();
    if formats.is_empty() {
        formats.push(Format::Png);
    }
    formats
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
    Err(Error::invalid(
        "paletteId",
        &format!(
            "`{}` has no such palette; it has {}",
            template.id,
            known.join(", ")
        ),
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
