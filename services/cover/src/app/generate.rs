use covergen_identity::Principal;
use covergen_ids::TaskId;
use covergen_proto::cover::v1::{GenerateRequest, GenerateResponse};
use covergen_store::ClaimScope;

use super::App;
use super::order::{Cause, pending};
use crate::domain::Draft;
use crate::error::Error;

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
        let draft = Draft::read(&request, self.config.max_images).map_err(Error::Invalid)?;
        let scope = ClaimScope::new(who.user_id.to_string(), METHOD, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let task = TaskId::from_uuid(claim.operation_id());
                let order = self.order(who, draft, task).await?;
                self.drawings.begin(task, &order, self.config.quality);
                self.peers.reserve(who, task, order.units()).await?;
                let tx = self.store.begin().await?;
                self.accept(&tx, who, task, &order, &request.template_id, Cause::Asked)
                    .await?;
                Ok(tx.commit_with(claim, pending(task)).await?)
            })
            .await
    }
}
