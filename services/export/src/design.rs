//! From a cover's document to a scene of another size.
//!
//! The document is the renderer's own scene, which bears its origin: template
//! and version, palette, seed. Together with the words in it, that is all the
//! template needs to lay the same design out again.

use covergen_render::scene::{Item, Layer, Role, TextItem};
use covergen_render::{Brief, Catalog, Scene, Size};

/// Why a cover's document cannot be laid out again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DesignError {
    /// Not a scene, or not one that this version reads.
    #[error("the cover's design cannot be read: {0}")]
    Unreadable(String),
    /// It does not tell which template it is from.
    #[error("the cover's design does not name its template, so it has one size only")]
    NoOrigin,
    /// It shows a picture that is not part of it.
    #[error("the cover shows a picture of its own, which cannot be laid out again")]
    HasPictures,
    /// The template or its palette is not there any more, or refuses the text.
    #[error("the cover's design cannot be laid out again: {0}")]
    Refused(#[from] covergen_render::Error),
}

/// Lays a design out for a size, with or without the mark of the free tier,
/// whatever the document itself bears.
pub(crate) fn lay_out(document: &str, size: Size, watermark: bool) -> Result<Scene, DesignError> {
    let scene: Scene = serde_json::from_str(document)
        .map_err(|error| DesignError::Unreadable(error.to_string()))?;
    if !scene.picture_names().is_empty() {
        return Err(DesignError::HasPictures);
    }
    let origin = scene.origin.as_ref().ok_or(DesignError::NoOrigin)?;
    let title = text(&scene, Role::Title)
        .ok_or_else(|| DesignError::Unreadable("it has no title".to_owned()))?;
    let template = Catalog::builtin().get(&origin.template, Some(origin.template_version))?;
    let brief = Brief {
        title: title.text.clone(),
        subtitle: text(&scene, Role::Subtitle).map(|item| item.text.clone()),
        palette: Some(origin.palette.clone()),
        seed: origin.seed,
        size,
        watermark,
        language: title.language.clone(),
    };
    Ok(template.scene(&brief)?)
}

/// The first text of a role.
fn text(scene: &Scene, role: Role) -> Option<&TextItem> {
    scene.layers.iter().find_map(|layer| match layer {
        Layer::Flow(flow) => within(&flow.items, role),
        _ => None,
    })
}

fn within(items: &[Item], role: Role) -> Option<&TextItem> {
    items.iter().find_map(|item| match item {
        Item::Text(text) if text.role == role => Some(text),
        Item::Row(row) => within(&row.items, role),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use covergen_render::scene::Layer;
    use covergen_render::{Brief, Catalog, Preset, Scene, Size};

    use super::{DesignError, lay_out};

    fn brief(size: Size, watermark: bool) -> Brief {
        Brief {
            subtitle: Some("and the line below it".to_owned()),
            seed: 7,
            watermark,
            language: Some("en".to_owned()),
            ..Brief::new("Ship it on Friday", size)
        }
    }

    fn document(scene: &Scene) -> String {
        serde_json::to_string(scene).unwrap()
    }

    #[test]
    fn every_template_lays_out_in_every_size_as_if_it_had_been_asked_to() {
        let stored_size = Preset::ALL[0].size;
        for template in Catalog::builtin().templates() {
            let stored = document(&template.scene(&brief(stored_size, false)).unwrap());
            for preset in &Preset::ALL {
                let wanted = template.scene(&brief(preset.size, false)).unwrap();
                let got = lay_out(&stored, preset.size, false).unwrap();
                assert_eq!(got, wanted, "{} {}", template.id, preset.id);
            }
        }
    }

    #[test]
    fn the_mark_is_decided_anew_and_stands_there_once() {
        let size = Preset::ALL[1].size;
        let template = Catalog::builtin().templates().next().unwrap();
        for stored_mark in [false, true] {
            let stored = document(&template.scene(&brief(size, stored_mark)).unwrap());
            for mark in [false, true] {
                let scene = lay_out(&stored, size, mark).unwrap();
                let marks = scene
                    .layers
                    .iter()
                    .filter(|layer| matches!(layer, Layer::Watermark(_)))
                    .count();
                assert_eq!(marks, usize::from(mark));
            }
        }
    }

    #[test]
    fn what_cannot_be_laid_out_again_says_why() {
        let size = Preset::ALL[0].size;
        let template = Catalog::builtin().templates().next().unwrap();
        let scene = template.scene(&brief(size, false)).unwrap();
        let refused = |document: &str| lay_out(document, size, false).unwrap_err();

        assert!(matches!(refused("{"), DesignError::Unreadable(_)));
        let photo = scene.clone().with_background_picture("photo", [0.5, 0.5]);
        assert!(matches!(
            refused(&document(&photo)),
            DesignError::HasPictures
        ));
        let mut stray = scene.clone();
        stray.origin = None;
        assert!(matches!(refused(&document(&stray)), DesignError::NoOrigin));
        let mut unknown = scene;
        unknown.origin.as_mut().unwrap().template = "gone".to_owned();
        assert!(matches!(
            refused(&document(&unknown)),
            DesignError::Refused(_)
        ));
    }
}
