use covergen_identity::Principal;
use covergen_proto::cover::v1::PreviewRequest;
use covergen_studio::File;

use super::App;
use super::generate::{palette, refuse_flagged};
use crate::domain;
use crate::error::Error;
use crate::order::{Format, Order, OrderedSize};

impl App {
    /// Draws the first size at screen size and keeps nothing.
    pub(crate) async fn preview(
        &self,
        who: &Principal,
        request: PreviewRequest,
    ) -> Result<File, Error> {
        let found = domain::violations(
            &request.title,
            &request.subtitle,
            &request.sizes,
            (1, 1, 1),
            self.config.max_images,
        );
        if !found.is_empty() {
            return Err(Error::Invalid(found));
        }
        let first = request
            .sizes
            .first()
            .ok_or_else(|| Error::invalid("sizes", "give at least one size"))?;
        let size =
            OrderedSize::read(first).map_err(|problem| Error::invalid("sizes[0]", &problem))?;
        let seed = request
            .seed
            .unwrap_or_else(|| domain::preview_seed(&who.user_id));
        let texts = vec![request.title.clone(), request.subtitle.clone()];
        let (entitlements, verdict) =
            tokio::try_join!(self.peers.entitlements(who), self.peers.check(texts))?;
        refuse_flagged(&verdict)?;
        let template = self
            .peers
            .resolve(&request.template_id, seed, entitlements.premium_templates)
            .await?;
        let size = domain::preview_size(&size, self.config.preview_side_px);
        let order = Order {
            title: request.title,
            subtitle: request.subtitle,
            palette_id: palette(&template, &request.palette_id)?,
            template_version: template.version.unsigned_abs(),
            template_id: template.id,
            seed,
            variants: 1,
            sizes: Vec::new(),
            formats: Vec::new(),
            watermark: entitlements.watermark,
        };
        let encoding = match domain::accepted(&request.accept) {
            // A preview is looked at once: speed before size.
            Format::Png => covergen_imaging::Encoding::PREVIEW,
            format => format.encoding(self.config.quality),
        };
        let files = self
            .studio
            .draw(order.design(0, &size), vec![encoding])
            .await?;
        files
            .into_iter()
            .next()
            .ok_or_else(|| Error::Corrupt("no file was drawn".to_owned()))
    }
}
