//! What a request chose beyond texts, template and palette, checked.

use covergen_ids::AssetId;
use covergen_proto::cover::v1 as wire;
use covergen_proto::template::v1::BrandKit;
use covergen_render::{Brief, Color, PhotoTreatment, Size, TemplateDocument, Typeface};
use serde::{Deserialize, Serialize};

/// Colours, type and pictures. Stored with the order; what is absent is not
/// written, so that an order without choices reads as it always did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Look {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) colors: Vec<Color>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) font: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) kicker: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) photo: Option<Photo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) logo: Option<AssetId>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) brand_kit_id: String,
    /// The custom template, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<TemplateDocument>,
}

/// A photo of the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Photo {
    pub(crate) asset_id: AssetId,
    pub(crate) focal_x: f32,
    pub(crate) focal_y: f32,
    pub(crate) treatment: PhotoTreatment,
}

/// The choices as they stand in a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) colors: &'a [String],
    pub(crate) font: &'a str,
    pub(crate) kicker: &'a str,
    pub(crate) photo: Option<&'a wire::Photo>,
}

impl Look {
    /// Reads the choices of a request, or lists everything wrong with them as
    /// `(field, problem)`.
    pub(crate) fn read(asked: Asked<'_>) -> Result<Self, Vec<(String, String)>> {
        let mut found = Vec::new();
        let colors = read_colors(asked.colors).unwrap_or_else(|problem| {
            found.push(("colors".to_owned(), problem));
            Vec::new()
        });
        if !asked.font.is_empty()
            && let Err(error) = Typeface::parse(asked.font)
        {
            found.push(("font".to_owned(), error.to_string()));
        }
        let kicker = asked.kicker.trim();
        if !kicker.is_empty() {
            let smallest = Size {
                width: 64,
                height: 64,
            };
            let brief = Brief {
                kicker: Some(kicker.to_owned()),
                ..Brief::new("title", smallest)
            };
            if let Err(error) = brief.validate() {
                found.push(("kicker".to_owned(), error.to_string()));
            }
        }
        let photo = asked.photo.and_then(|photo| match photo.asset_id.parse() {
            Ok(asset_id) => Some(Photo {
                asset_id,
                focal_x: photo.focal_x.unwrap_or(0.5),
                focal_y: photo.focal_y.unwrap_or(0.5),
                treatment: match photo.treatment() {
                    wire::photo::Treatment::Duotone => PhotoTreatment::Duotone,
                    _ => PhotoTreatment::Natural,
                },
            }),
            Err(error) => {
                found.push(("photo.assetId".to_owned(), format!("{error}")));
                None
            }
        });
        if !found.is_empty() {
            return Err(found);
        }
        Ok(Self {
            colors,
            font: asked.font.to_owned(),
            kicker: kicker.to_owned(),
            photo,
            ..Self::default()
        })
    }

    /// Takes from a brand kit what the request left open. A palette that was
    /// asked for by name goes before the kit's colours.
    pub(crate) fn dress(&mut self, kit: &BrandKit, palette_asked: bool) -> Result<(), String> {
        if self.colors.is_empty() && !palette_asked {
            self.colors = read_colors(&kit.colors)?;
        }
        if self.font.is_empty() {
            self.font.clone_from(&kit.heading_font);
        }
        if !kit.logo_asset_id.is_empty() {
            let logo = kit.logo_asset_id.parse();
            self.logo = Some(logo.map_err(|error| format!("{error}"))?);
        }
        self.brand_kit_id.clone_from(&kit.id);
        Ok(())
    }

    /// Puts the choices into a brief.
    pub(crate) fn apply(&self, brief: &mut Brief) {
        brief.colors = Some(self.colors.clone()).filter(|colors| !colors.is_empty());
        brief.font = Some(self.font.clone()).filter(|font| !font.is_empty());
        brief.kicker = Some(self.kicker.clone()).filter(|kicker| !kicker.is_empty());
        brief.logo = self.logo.map(|id| id.to_string());
        brief.photo = self.photo.map(|photo| covergen_render::Photo {
            picture: photo.asset_id.to_string(),
            focal_x: photo.focal_x,
            focal_y: photo.focal_y,
            treatment: photo.treatment,
        });
    }

    /// The assets whose pixels a drawing needs, each once.
    pub(crate) fn assets(&self) -> Vec<AssetId> {
        let mut assets: Vec<AssetId> = self.photo.map(|photo| photo.asset_id).into_iter().collect();
        assets.extend(self.logo.filter(|logo| !assets.contains(logo)));
        assets
    }
}

impl Photo {
    /// As the contract shows it.
    pub(crate) fn encode(&self) -> wire::Photo {
        wire::Photo {
            asset_id: self.asset_id.to_string(),
            focal_x: Some(self.focal_x),
            focal_y: Some(self.focal_y),
            treatment: match self.treatment {
                PhotoTreatment::Duotone => wire::photo::Treatment::Duotone,
                PhotoTreatment::Natural => wire::photo::Treatment::Natural,
            }
            .into(),
        }
    }
}

fn read_colors(texts: &[String]) -> Result<Vec<Color>, String> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    if !(2..=6).contains(&texts.len()) {
        return Err(format!("give 2 to 6 colours, not {}", texts.len()));
    }
    texts
        .iter()
        .map(|text| {
            let color: Color = text
                .parse()
                .map_err(|_| format!("`{}` is not a colour as #RRGGBB", short(text)))?;
            if color.a == 255 {
                Ok(color)
            } else {
                Err(format!("`{}` is not opaque", short(text)))
            }
        })
        .collect()
}

fn short(text: &str) -> String {
    text.chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use covergen_proto::template::v1::BrandKit;

    use super::{Asked, Look};

    const NOTHING: Asked<'static> = Asked {
        colors: &[],
        font: "",
        kicker: "",
        photo: None,
    };

    #[test]
    fn everything_wrong_is_named() {
        let photo = covergen_proto::cover::v1::Photo {
            asset_id: "cov_1".to_owned(),
            ..Default::default()
        };
        let asked = Asked {
            colors: &["#112233".to_owned()],
            font: "comic sans",
            kicker: &"k".repeat(41),
            photo: Some(&photo),
        };
        let found = Look::read(asked).unwrap_err();
        let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["colors", "font", "kicker", "photo.assetId"]);
    }

    #[test]
    fn a_brand_kit_fills_what_was_left_open() {
        let kit = BrandKit {
            id: "kit".to_owned(),
            colors: vec!["#000000".to_owned(), "#FFFFFF".to_owned()],
            heading_font: "anton".to_owned(),
            ..BrandKit::default()
        };
        let mut open = Look::read(NOTHING).unwrap();
        open.dress(&kit, false).unwrap();
        assert_eq!((open.colors.len(), open.font.as_str()), (2, "anton"));

        let mut chosen = Look::read(Asked {
            font: "inter",
            ..NOTHING
        })
        .unwrap();
        chosen.dress(&kit, true).unwrap();
        assert_eq!((chosen.colors.len(), chosen.font.as_str()), (0, "inter"));
    }

    #[test]
    fn no_choices_are_not_written() {
        let look = Look::read(NOTHING).unwrap();
        assert_eq!(serde_json::to_string(&look).unwrap(), "{}");
    }
}
