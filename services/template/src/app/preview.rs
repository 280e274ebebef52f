//! Trying a design out.

use std::sync::Arc;

use covergen_identity::Principal;
use covergen_imaging::Encoding;
use covergen_proto::template::v1::{
    DesignViolation, RenderPreviewRequest, ValidateTemplateRequest, ValidateTemplateResponse,
};
use covergen_render::{Brief, Preset, Size, TemplateDocument};
use covergen_studio::{Design, Pictures, StudioError};

use super::App;
use crate::domain::Violations;
use crate::domain::draft;
use crate::error::Error;
use crate::thumbnails::{SAMPLE_SEED, SAMPLE_TITLE};

/// What previews are drawn for where nothing is said.
const PRESET: &str = "youtube";

impl App {
    /// Everything that is wrong with a design.
    pub(crate) async fn validate_template(
        &self,
        request: &ValidateTemplateRequest,
    ) -> Result<ValidateTemplateResponse, Error> {
        let document = match (&request.design, request.document.as_str()) {
            (Some(design), "") => draft::document(design),
            (None, json) if !json.is_empty() => TemplateDocument::parse(json)
                .map_err(|error| vec![draft::fault("document", &error)]),
            _ => {
                return Err(Error::invalid(
                    "design",
                    "give a design or a document, not both",
                ));
            }
        };
        let faults = match &document {
            Ok(document) => self.drawable(document).await?,
            Err(faults) => faults.clone(),
        };
        let valid = faults.is_empty();
        let faults = faults.into_iter();
        Ok(ValidateTemplateResponse {
            valid,
            violations: faults
                .map(|(field, description)| DesignViolation { field, description })
                .collect(),
            document: document
                .ok()
                .filter(|_| valid)
                .map(|document| document.to_json())
                .unwrap_or_default(),
        })
    }

    /// What keeps a document from being drawn, as violations of its design: a
    /// character of the kicker that no font has, and the like.
    pub(super) async fn drawable(&self, document: &TemplateDocument) -> Result<Violations, Error> {
        let brief = Brief::new(SAMPLE_TITLE, preset(PRESET)?);
        let (studio, design) = (Arc::clone(&self.studio), of(document.clone(), brief));
        let checked = self.studio.on_a_core(move || studio.check(&design)).await;
        match checked {
            Ok(()) => Ok(Vec::new()),
            Err(StudioError::Render(error)) if error.is_input() => {
                Ok(vec![draft::fault("design", &error)])
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Draws a design as PNG and keeps nothing.
    pub(crate) async fn render_preview(
        &self,
        who: &Principal,
        request: RenderPreviewRequest,
    ) -> Result<Vec<u8>, Error> {
        let design = request.design.unwrap_or_default();
        let document = draft::document(&design).map_err(Error::Invalid)?;
        let name = Some(request.preset.as_str()).filter(|name| !name.is_empty());
        let size = preset(name.unwrap_or(PRESET))?;
        let mut brief = Brief::new(SAMPLE_TITLE, within(size, self.config.preview_side_px));
        brief.seed = request.seed;
        if request.seed == 0 {
            brief.seed = SAMPLE_SEED;
        }
        if !request.title.is_empty() {
            brief.title = request.title;
        }
        brief.subtitle = Some(request.subtitle).filter(|text| !text.is_empty());
        brief
            .validate()
            .map_err(|error| Error::invalid(field_of(&error), &error))?;
        let texts = [
            Some(&brief.title),
            brief.subtitle.as_ref(),
            document.kicker.as_ref(),
        ];
        let texts = texts.into_iter().flatten().cloned().collect();
        let (rights, ()) =
            tokio::try_join!(self.peers.entitlements(who), self.peers.need_clean(texts))?;
        // A preview is a picture like any other: no way around the mark.
        brief.watermark = rights.watermark;
        let files = self
            .studio
            .draw(of(document, brief), vec![Encoding::PREVIEW])
            .await?;
        let png = files.into_iter().next().ok_or(StudioError::Interrupted)?;
        Ok(png.bytes)
    }
}

fn of(document: TemplateDocument, brief: Brief) -> Design {
    Design {
        template_id: document.base.clone(),
        template_version: document.base_version,
        brief,
        pictures: Pictures::new(),
        document: Some(Arc::new(document)),
    }
}

fn preset(name: &str) -> Result<Size, Error> {
    let preset = Preset::parse(name).map_err(|error| Error::invalid("preset", &error))?;
    Ok(preset.size)
}

/// The field of a request that the renderer finds fault with.
fn field_of(error: &covergen_render::Error) -> &'static str {
    use covergen_render::Error::{ControlCharacter, TextTooLarge, TextTooLong};
    match error {
        TextTooLong { field, .. } | TextTooLarge { field, .. } | ControlCharacter { field, .. } => {
            field
        }
        _ => "title",
    }
}

/// The size with its longer side cut to `side_px`, in the same shape.
fn within(size: Size, side_px: u32) -> Size {
    let longer = size.width.max(size.height);
    if longer <= side_px {
        return size;
    }
    let scaled = |side: u32| {
        let scaled =
            (u64::from(side) * u64::from(side_px) + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(scaled)
            .unwrap_or(side_px)
            .max(covergen_render::MIN_SIDE_PX)
    };
    Size {
        width: scaled(size.width),
        height: scaled(size.height),
    }
}

#[cfg(test)]
mod tests {
    use covergen_render::Size;

    use super::within;

    #[test]
    fn a_preview_keeps_its_shape() {
        let book = Size {
            width: 1600,
            height: 2560,
        };
        let small = within(book, 1280);
        assert_eq!((small.width, small.height), (800, 1280));
        assert_eq!(within(small, 1280), small);
    }
}
