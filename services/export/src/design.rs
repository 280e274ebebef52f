//! From a cover's document to its design in another size.
//!
//! The document is the renderer's own scene, which bears its origin: template
//! or custom template, palette, colours, type, photo, seed. Together with the
//! words in it and the pictures it names, that is all it takes to lay the same
//! design out again.

use covergen_ids::AssetId;
use covergen_proto::cover::v1 as wire;
use covergen_render::scene::Role;
use covergen_render::{Scene, Size};
use covergen_studio::{Design, StudioError};
use serde::{Deserialize, Serialize};

/// Why a cover's document cannot be laid out again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DesignError {
    /// Not a scene, or not one that this version reads.
    #[error("the cover's design cannot be read: {0}")]
    Unreadable(String),
    /// It does not tell which template it is from.
    #[error("the cover's design does not name its template, so it has one size only")]
    NoOrigin,
    /// It shows a picture of which nobody says where it is.
    #[error("the cover shows a picture of its own, which cannot be laid out again")]
    HasPictures,
    /// A photo or logo is not there any more, or cannot be read.
    #[error("a picture of the cover cannot be read: {0}")]
    PictureUnreadable(String),
    /// The template or its palette is not there any more, or refuses the text.
    #[error("the cover's design cannot be laid out again: {0}")]
    Refused(#[from] StudioError),
}

/// A picture that a document names, and where its pixels are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) asset_id: AssetId,
}

/// What a cover is drawn from, as cover keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) document: String,
    pub(crate) pictures: Vec<Named>,
}

impl Source {
    /// Takes what cover answered.
    pub(crate) fn of(design: wire::Design) -> Result<Self, DesignError> {
        let pictures = design.pictures.into_iter().map(|picture| {
            let asset_id = picture.asset_id.parse();
            let asset_id = asset_id.map_err(|error: covergen_ids::ParseIdError| {
                DesignError::Unreadable(error.to_string())
            })?;
            Ok(Named {
                name: picture.name,
                asset_id,
            })
        });
        Ok(Self {
            document: design.document,
            pictures: pictures.collect::<Result<_, DesignError>>()?,
        })
    }

    /// Takes what a row keeps.
    pub(crate) fn stored(document: &str, pictures: &str) -> Result<Self, DesignError> {
        Ok(Self {
            document: document.to_owned(),
            pictures: serde_json::from_str(pictures)
                .map_err(|error| DesignError::Unreadable(error.to_string()))?,
        })
    }

    /// The pictures, as a row keeps them.
    pub(crate) fn pictures_json(&self) -> Result<String, DesignError> {
        serde_json::to_string(&self.pictures)
            .map_err(|error| DesignError::Unreadable(error.to_string()))
    }

    fn scene(&self) -> Result<Scene, DesignError> {
        serde_json::from_str(&self.document)
            .map_err(|error| DesignError::Unreadable(error.to_string()))
    }

    /// The cover's title.
    pub(crate) fn title(&self) -> Result<String, DesignError> {
        let scene = self.scene()?;
        Ok(scene
            .text(Role::Title)
            .map(|item| item.text.clone())
            .unwrap_or_default())
    }

    /// The design in a size, with or without the mark of the free tier,
    /// whatever the document itself bears. Its pictures are still to be read.
    pub(crate) fn laid_out(&self, size: Size, watermark: bool) -> Result<Design, DesignError> {
        let scene = self.scene()?;
        if scene.origin.is_none() {
            return Err(DesignError::NoOrigin);
        }
        let design = Design::of_scene(&scene, size, watermark)
            .ok_or_else(|| DesignError::Unreadable("it has no title".to_owned()))?;
        let named = design.brief.picture_names();
        let is_known = |name: &str| self.pictures.iter().any(|picture| picture.name == name);
        let is_stray = |name: &&str| !named.contains(name);
        if scene.picture_names().iter().any(is_stray) || !named.iter().all(|name| is_known(name)) {
            return Err(DesignError::HasPictures);
        }
        // Refused while somebody listens, rather than by a worker.
        design.scene()?;
        Ok(design)
    }

    /// The assets of the pictures that a design needs, by name.
    pub(crate) fn needed(&self, design: &Design) -> Vec<Named> {
        let names = design.brief.picture_names();
        let needed = self.pictures.iter();
        needed
            .filter(|picture| names.contains(&picture.name.as_str()))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use covergen_ids::{AssetId, Clock};
    use covergen_render::scene::Layer;
    use covergen_render::{Brief, Catalog, Photo, Preset, Scene, Size};

    use super::{DesignError, Named, Source};

    fn brief(size: Size, watermark: bool) -> Brief {
        Brief {
            subtitle: Some("and the line below it".to_owned()),
            seed: 7,
            watermark,
            language: Some("en".to_owned()),
            ..Brief::new("Ship it on Friday", size)
        }
    }

    fn source(scene: &Scene, pictures: &[&str]) -> Source {
        let clock = Clock::system();
        let pictures = pictures.iter().map(|name| Named {
            name: (*name).to_owned(),
            asset_id: AssetId::new(&clock),
        });
        Source {
            document: serde_json::to_string(scene).unwrap(),
            pictures: pictures.collect(),
        }
    }

    #[test]
    fn every_template_lays_out_in_every_size_as_if_it_had_been_asked_to() {
        let stored_size = Preset::ALL[0].size;
        for template in Catalog::builtin().templates() {
            let stored = source(&template.scene(&brief(stored_size, false)).unwrap(), &[]);
            for preset in &Preset::ALL {
                let wanted = template.scene(&brief(preset.size, false)).unwrap();
                let got = stored.laid_out(preset.size, false).unwrap();
                assert_eq!(
                    got.scene().unwrap(),
                    wanted,
                    "{} {}",
                    template.id,
                    preset.id
                );
            }
        }
    }

    #[test]
    fn what_was_chosen_for_a_cover_is_chosen_again() {
        let (stored_size, size) = (Preset::ALL[0].size, Preset::ALL[4].size);
        let template = Catalog::builtin().templates().next().unwrap();
        let chosen = |size| Brief {
            colors: Some(vec!["#102030".parse().unwrap(), "#f0c040".parse().unwrap()]),
            photo: Some(Photo::new("photo")),
            logo: Some("logo".to_owned()),
            kicker: Some("Episode 7".to_owned()),
            ..brief(size, false)
        };
        let scene = template.scene(&chosen(stored_size)).unwrap();
        let stored = source(&scene, &["logo", "photo", "unused"]);
        let got = stored.laid_out(size, false).unwrap();
        assert_eq!(got.scene().unwrap(), template.scene(&chosen(size)).unwrap());
        let needed: Vec<String> = stored
            .needed(&got)
            .into_iter()
            .map(|named| named.name)
            .collect();
        assert_eq!(needed, ["logo", "photo"]);
        assert_eq!(stored.title().unwrap(), "Ship it on Friday");
        let json = stored.pictures_json().unwrap();
        assert_eq!(Source::stored(&stored.document, &json).unwrap(), stored);

        let lost = source(&scene, &["photo"]);
        assert!(matches!(
            lost.laid_out(size, false),
            Err(DesignError::HasPictures)
        ));
    }

    #[test]
    fn the_mark_is_decided_anew_and_stands_there_once() {
        let size = Preset::ALL[1].size;
        let template = Catalog::builtin().templates().next().unwrap();
        for stored_mark in [false, true] {
            let stored = source(&template.scene(&brief(size, stored_mark)).unwrap(), &[]);
            for mark in [false, true] {
                let scene = stored.laid_out(size, mark).unwrap().scene().unwrap();
                let marks = scene.layers.iter();
                let marks = marks.filter(|layer| matches!(layer, Layer::Watermark(_)));
                assert_eq!(marks.count(), usize::from(mark));
            }
        }
    }

    #[test]
    fn what_cannot_be_laid_out_again_says_why() {
        let size = Preset::ALL[0].size;
        let template = Catalog::builtin().templates().next().unwrap();
        let scene = template.scene(&brief(size, false)).unwrap();
        let refused = |source: &Source| source.laid_out(size, false).unwrap_err();

        let broken = Source {
            document: "{".to_owned(),
            pictures: Vec::new(),
        };
        assert!(matches!(refused(&broken), DesignError::Unreadable(_)));
        let photo = scene.clone().with_background_picture("photo", [0.5, 0.5]);
        let stray = source(&photo, &["photo"]);
        assert!(matches!(refused(&stray), DesignError::HasPictures));
        let mut homeless = scene.clone();
        homeless.origin = None;
        assert!(matches!(
            refused(&source(&homeless, &[])),
            DesignError::NoOrigin
        ));
        let mut unknown = scene;
        unknown.origin.as_mut().unwrap().template = "gone".to_owned();
        assert!(matches!(
            refused(&source(&unknown, &[])),
            DesignError::Refused(_)
        ));
    }
}
