use covergen_identity::Principal;
use covergen_ids::{BlockedImageId, WorkspaceId};
use covergen_proto::safety::v1::rule::Ground;
use covergen_proto::safety::v1::{
    BlockImageRequest, BlockedImage, ListBlockedImagesRequest, UnblockImageRequest,
};
use covergen_store::{Cursor, Page, Tx, page_size};

use super::write_rule::scope;
use super::{App, Pictured};
use crate::api::encode;
use crate::domain::EVERYWHERE;
use crate::domain::gallery::MAX_BLOCKED;
use crate::domain::pdq::{MIN_QUALITY, Pdq};
use crate::error::Error;
use crate::events;
use crate::store::entity::blocked_image;
use crate::store::{blocked, rules};

const LIST: &str = "safety.blocked";

/// What is said of the quality of a hash that came without its picture.
const UNSEEN_QUALITY: i32 = 100;

impl App {
    /// Blocks a picture, given itself or by its hash. The picture is not kept.
    pub(crate) async fn block_image(
        &self,
        caller: &Principal,
        image: Option<Pictured>,
        request: BlockImageRequest,
    ) -> Result<BlockedImage, Error> {
        let (pdq, quality) = self.hash_of(image, &request.pdq).await?;
        let scope = scope(caller, "BlockImage", &request.request_id);
        let answer = self.store.idempotent(&scope, &request, |claim| async {
            let tx = self.store.begin().await?;
            rules::lock_state(&tx).await?;
            let row = self.blocked(caller, pdq, quality, &request, tx.now_ms());
            if blocked::is_known(&tx, &row.pdq, &row.region).await? {
                return Err(Error::Exists("this picture is blocked already"));
            }
            if blocked::count(&tx).await? >= MAX_BLOCKED as u64 {
                let why = "there are as many blocked pictures as there may be";
                return Err(Error::TooMany(why));
            }
            blocked::insert(&tx, row.clone()).await?;
            tell(&tx, &row).await?;
            Ok(tx.commit_with(claim, encode::blocked_image(row)).await?)
        });
        let answer: Result<_, Error> = answer.await;
        let answer = answer?;
        self.apply_change().await;
        Ok(answer)
    }

    /// Allows a blocked picture again.
    pub(crate) async fn unblock_image(
        &self,
        caller: &Principal,
        id: BlockedImageId,
        request: UnblockImageRequest,
    ) -> Result<BlockedImage, Error> {
        let scope = scope(caller, "UnblockImage", &request.request_id);
        let answer = self.store.idempotent(&scope, &request, |claim| async {
            let tx = self.store.begin().await?;
            rules::lock_state(&tx).await?;
            let mut row = blocked::find(&tx, id)
                .await?
                .ok_or(Error::NotFound("blocked picture"))?;
            if row.removed_at_ms.is_none() {
                let at_ms = tx.now_ms();
                row.removed_at_ms = Some(at_ms);
                blocked::remove(&tx, row.id, at_ms).await?;
                tell(&tx, &row).await?;
            }
            Ok(tx.commit_with(claim, encode::blocked_image(row)).await?)
        });
        let answer: Result<_, Error> = answer.await;
        let answer = answer?;
        self.apply_change().await;
        Ok(answer)
    }

    /// Blocked pictures, newest first.
    pub(crate) async fn list_blocked_images(
        &self,
        request: &ListBlockedImagesRequest,
    ) -> Result<Page<blocked_image::Model>, Error> {
        let size = page_size(request.page_size);
        let before = Cursor::decode::<BlockedImageId>(LIST, &request.page_token)?;
        let rows = blocked::list(self.store.read(), before, size + 1).await?;
        Ok(Page::cut(rows, size, LIST, |row: &blocked_image::Model| {
            row.id
        }))
    }

    async fn hash_of(&self, image: Option<Pictured>, pdq: &str) -> Result<(Pdq, i32), Error> {
        match (image, pdq) {
            (Some(image), "") => {
                let print = self.print(image).await?;
                if print.quality < MIN_QUALITY {
                    let why = "there is too little in this picture to know it again";
                    return Err(Error::State("IMAGE_TOO_PLAIN", why));
                }
                Ok((print.hash(), print.quality))
            }
            (None, pdq) if !pdq.is_empty() => pdq
                .parse()
                .map(|pdq| (pdq, UNSEEN_QUALITY))
                .map_err(|error| Error::invalid("pdq", &error)),
            _ => Err(Error::invalid("image", "either `image` or `pdq` is needed")),
        }
    }

    fn blocked(
        &self,
        caller: &Principal,
        pdq: Pdq,
        quality: i32,
        request: &BlockImageRequest,
        now_ms: i64,
    ) -> blocked_image::Model {
        let region = Some(request.region.clone()).filter(|region| !region.is_empty());
        blocked_image::Model {
            id: BlockedImageId::new(&self.clock),
            workspace_id: WorkspaceId::SYSTEM,
            pdq: pdq.to_string(),
            quality,
            category: request.category.clone(),
            description: request.description.clone(),
            region: region.unwrap_or_else(|| EVERYWHERE.to_owned()),
            score: if request.score > 0.0 {
                request.score
            } else {
                1.0
            },
            is_law: request.ground() == Ground::Law,
            ground_reference: request.ground_reference.clone(),
            author_id: Some(caller.user_id),
            created_at_ms: now_ms,
            removed_at_ms: None,
        }
    }
}

async fn tell(tx: &Tx, row: &blocked_image::Model) -> Result<(), Error> {
    let revision = rules::raise_revision(tx).await?;
    events::rules_changed(tx, revision, vec![row.id.to_string()]).await?;
    Ok(())
}
