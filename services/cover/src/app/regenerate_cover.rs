use covergen_identity::Principal;
use covergen_ids::{CoverId, TaskId};
use covergen_proto::cover::v1::{GenerateResponse, RegenerateCoverRequest};
use covergen_store::ClaimScope;

use super::App;
use super::order::{Cause, default_seed, pending, refuse_flagged};
use crate::domain;
use crate::error::Error;
use crate::order::Order;
use crate::store;

const METHOD: &str = "covergen.cover.v1.CoverService/RegenerateCover";

impl App {
    /// Makes one cover again with another seed, as a task of its own.
    pub(crate) async fn regenerate_cover(
        &self,
        who: &Principal,
        id: CoverId,
        request: &RegenerateCoverRequest,
    ) -> Result<GenerateResponse, Error> {
        let scope = ClaimScope::new(who.user_id.to_string(), METHOD, &request.request_id);
        self.store
            .idempotent(&scope, request, |claim| async {
                let task = TaskId::from_uuid(claim.operation_id());
                let seed = request.seed.unwrap_or_else(|| default_seed(task));
                let order = self.order_again(who, id, task, seed).await?;
                self.peers.reserve(who, task, order.units()).await?;
                let tx = self.store.begin().await?;
                let template = order.template_id.clone();
                self.accept(&tx, who, task, &order, &template, Cause::Again(id))
                    .await?;
                Ok(tx.commit_with(claim, pending(task)).await?)
            })
            .await
    }

    /// The order that a cover was made by, for one variant with a new seed.
    /// Rules and tier are those of today; template and look those of then.
    async fn order_again(
        &self,
        who: &Principal,
        id: CoverId,
        task: TaskId,
        seed: u64,
    ) -> Result<Order, Error> {
        let cover = store::cover(self.store.read(), who, id)
            .await?
            .ok_or(Error::CoverNotFound)?;
        let before = store::request(self.store.read(), who, cover.task_id)
            .await?
            .ok_or(Error::CoverNotFound)?;
        let before: Order = serde_json::from_str(&before.order_json)
            .map_err(|error| Error::Corrupt(error.to_string()))?;
        let texts = domain::texts(&before.title, &before.subtitle, &before.look.kicker);
        let (entitlements, verdict) = tokio::try_join!(
            self.peers.entitlements(who),
            self.peers.screen(texts, task.to_string()),
        )?;
        refuse_flagged(&verdict)?;
        // A custom template stands in the order itself, and may be gone.
        if before.look.document.is_none() {
            self.peers
                .resolve(&before.template_id, seed, entitlements.premium_templates)
                .await?;
        }
        Ok(Order {
            seed,
            variants: 1,
            watermark: entitlements.watermark,
            ..before
        })
    }
}
