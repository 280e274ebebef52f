use covergen_identity::Principal;
use covergen_proto::cover::v1::{GenerateRequest, PreviewRequest};
use covergen_studio::File;

use super::App;
use super::order::{palette, refuse_flagged};
use crate::domain::{self, Draft};
use crate::error::Error;
use crate::order::{Format, Order};

/// How much larger than a preview its photo is kept: a part of it may fill
/// the picture.
const PHOTO_SCALE: u32 = 2;

impl App {
    /// Draws the first size at screen size and keeps nothing.
    pub(crate) async fn preview(
        &self,
        who: &Principal,
        request: PreviewRequest,
    ) -> Result<File, Error> {
        let accept = request.accept.clone();
        let draft =
            Draft::read(&wanted(request), self.config.max_images).map_err(Error::Invalid)?;
        let first = draft
            .sizes
            .first()
            .ok_or_else(|| Error::invalid("sizes", "give at least one size"))?;
        let size = domain::preview_size(first, self.config.preview_side_px);
        let seed = draft
            .seed
            .unwrap_or_else(|| domain::preview_seed(&who.user_id));
        let (entitlements, verdict, kit) = tokio::try_join!(
            self.entitlements(who),
            async { Ok::<_, Error>(self.peers.check(draft.texts()).await?) },
            self.brand_kit(&draft.brand_kit_id),
        )?;
        refuse_flagged(&verdict)?;
        let template = self
            .peers
            .resolve(&draft.template_id, seed, entitlements.premium_templates)
            .await?;
        let look = self.look(draft.look, kit, &template, !draft.palette_id.is_empty())?;
        let side_px = self.config.preview_side_px.saturating_mul(PHOTO_SCALE);
        let pictures = self
            .pictures
            .all(&self.peers, &self.studio, who.workspace_id, &look, side_px)
            .await?;
        let order = Order {
            title: draft.title,
            subtitle: draft.subtitle,
            palette_id: palette(&template, &draft.palette_id)?,
            template_version: template.version.unsigned_abs(),
            template_id: template.id,
            seed,
            variants: 1,
            sizes: Vec::new(),
            formats: Vec::new(),
            watermark: entitlements.watermark,
            look,
        };
        let encoding = match domain::accepted(&accept) {
            // A preview is looked at once: speed before size.
            Format::Png => covergen_imaging::Encoding::PREVIEW,
            format => format.encoding(self.config.quality),
        };
        let files = self
            .studio
            .draw(order.design(0, &size, &pictures), vec![encoding])
            .await?;
        files
            .into_iter()
            .next()
            .ok_or_else(|| Error::Corrupt("no file was drawn".to_owned()))
    }
}

/// What is drawn of a preview's request: one variant, one size, one format.
fn wanted(request: PreviewRequest) -> GenerateRequest {
    let mut sizes = request.sizes;
    sizes.truncate(1);
    GenerateRequest {
        title: request.title,
        subtitle: request.subtitle,
        template_id: request.template_id,
        variants: 1,
        seed: request.seed,
        sizes,
        formats: Vec::new(),
        palette_id: request.palette_id,
        request_id: String::new(),
        colors: request.colors,
        font: request.font,
        kicker: request.kicker,
        photo: request.photo,
        brand_kit_id: request.brand_kit_id,
    }
}
