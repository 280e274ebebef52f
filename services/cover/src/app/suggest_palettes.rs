use covergen_identity::Principal;
use covergen_ids::AssetId;
use covergen_proto::cover::v1::suggest_palettes_request::Source;
use covergen_proto::cover::v1::{SuggestPalettesRequest, SuggestedPalette};
use covergen_render::palette::{self, ExtractedPalette};

use super::App;
use crate::error::Error;

/// Palettes where no number is asked for.
const COUNT: usize = 5;
/// Longest side of a photo whose colours are counted: more pixels say nothing
/// new.
const SIDE_PX: u32 = 384;
/// The step from one seed of a mood to the next.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl App {
    /// Palettes from a photo, a mood or a template.
    pub(crate) async fn suggest_palettes(
        &self,
        who: &Principal,
        request: &SuggestPalettesRequest,
    ) -> Result<Vec<SuggestedPalette>, Error> {
        let count = match usize::try_from(request.count) {
            Ok(0) | Err(_) => COUNT,
            Ok(count) => count,
        };
        let source = request
            .source
            .as_ref()
            .ok_or_else(|| Error::invalid("mood", "name a photo, a mood or a template"))?;
        let mut palettes = match source {
            Source::AssetId(id) => {
                let asset: AssetId = id
                    .parse()
                    .map_err(|error| Error::invalid("assetId", &error))?;
                self.of_photo(who, asset).await?
            }
            Source::Mood(word) => of_mood(word, request.seed, count)?,
            Source::TemplateId(id) => self.of_template(id, request.seed).await?,
        };
        palettes.truncate(count);
        Ok(palettes)
    }

    async fn of_photo(
        &self,
        who: &Principal,
        asset: AssetId,
    ) -> Result<Vec<SuggestedPalette>, Error> {
        let picture = self
            .pictures
            .read(&self.peers, &self.studio, who.workspace_id, asset, SIDE_PX)
            .await?;
        let palettes = self
            .studio
            .on_a_core(move || {
                let (width, height) = (picture.width(), picture.height());
                Ok(palette::from_picture(picture.rgba(), width, height))
            })
            .await?;
        if palettes.is_empty() {
            return Err(Error::PictureUnreadable(
                "it has no visible pixel".to_owned(),
            ));
        }
        Ok(palettes.into_iter().map(encode).collect())
    }

    /// The palettes that a template was designed for. Whoever may not make
    /// covers with it may still look at its colours.
    async fn of_template(&self, id: &str, seed: u64) -> Result<Vec<SuggestedPalette>, Error> {
        let template = self.peers.resolve(id, seed, true).await?;
        let own = template
            .palettes
            .into_iter()
            .map(|palette| SuggestedPalette {
                name: palette.name,
                colors: palette.colors,
                palette_id: palette.id,
            });
        Ok(own.collect())
    }
}

/// Different shades of one mood.
fn of_mood(word: &str, seed: u64, count: usize) -> Result<Vec<SuggestedPalette>, Error> {
    let mut palettes: Vec<SuggestedPalette> = Vec::new();
    // A mood has only so many shades; a few more throws find most of them.
    for throw in 0..count as u64 * 3 {
        let seed = seed.wrapping_add(throw.wrapping_mul(STEP));
        let palette = palette::from_mood(word.trim(), seed).ok_or_else(|| {
            Error::invalid(
                "mood",
                &format!("is not known; there are {}", palette::moods().join(", ")),
            )
        })?;
        let palette = encode(palette);
        if !palettes.iter().any(|known| known.colors == palette.colors) {
            palettes.push(palette);
        }
        if palettes.len() == count {
            break;
        }
    }
    Ok(palettes)
}

fn encode(palette: ExtractedPalette) -> SuggestedPalette {
    SuggestedPalette {
        name: palette.name,
        colors: palette.colors.iter().map(ToString::to_string).collect(),
        palette_id: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::of_mood;

    #[test]
    fn a_mood_gives_as_many_different_palettes_as_asked_and_the_same_each_time() {
        let palettes = of_mood("calm", 7, 5).unwrap();
        assert_eq!(palettes.len(), 5);
        for (at, palette) in palettes.iter().enumerate() {
            assert!((2..=6).contains(&palette.colors.len()));
            assert!(
                palettes[..at]
                    .iter()
                    .all(|other| other.colors != palette.colors)
            );
        }
        assert_eq!(palettes, of_mood("calm", 7, 5).unwrap());
        assert_ne!(palettes, of_mood("calm", 8, 5).unwrap());
    }

    #[test]
    fn an_unknown_mood_is_told_which_there_are() {
        let error = of_mood("xyzzy", 0, 1).unwrap_err();
        let crate::error::Error::Invalid(found) = error else {
            panic!("{error}");
        };
        assert!(found[0].1.contains("calm"), "{found:?}");
    }
}
