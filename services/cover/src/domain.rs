//! Rules without I/O.

pub(crate) mod csv;
pub(crate) mod history;
pub(crate) mod titles;

use covergen_proto::cover::v1::GenerateRequest;
use covergen_render::{Brief, Size};

use crate::look::{Asked, Look};
use crate::order::{Format, OrderedSize};

/// Everything wrong with a request, as `(field, problem)`.
pub(crate) type Violations = Vec<(String, String)>;

/// A request that was read and found right; what it leaves open is chosen
/// later.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) template_id: String,
    pub(crate) palette_id: String,
    pub(crate) brand_kit_id: String,
    pub(crate) seed: Option<u64>,
    pub(crate) variants: u32,
    pub(crate) sizes: Vec<OrderedSize>,
    pub(crate) formats: Vec<Format>,
    pub(crate) look: Look,
}

impl Draft {
    /// Reads a request, or lists everything that is wrong with it.
    pub(crate) fn read(request: &GenerateRequest, max_pictures: usize) -> Result<Self, Violations> {
        let mut found = Vec::new();
        check_texts(&request.title, &request.subtitle, &mut found);
        let mut sizes = Vec::new();
        for (at, size) in request.sizes.iter().enumerate() {
            match OrderedSize::read(size) {
                Ok(size) => sizes.push(size),
                Err(problem) => found.push((format!("sizes[{at}]"), problem)),
            }
        }
        if request.sizes.is_empty() {
            found.push(("sizes".to_owned(), "give at least one size".to_owned()));
        }
        let look = Look::read(Asked {
            colors: &request.colors,
            font: &request.font,
            kicker: &request.kicker,
            photo: request.photo.as_ref(),
        })
        .unwrap_or_else(|problems| {
            found.extend(problems);
            Look::default()
        });
        let variants = request.variants.unsigned_abs().max(1);
        let formats = formats(&request.formats);
        let (each, kinds) = (request.sizes.len(), formats.len());
        let wanted = usize::try_from(variants).unwrap_or(usize::MAX) * each * kinds;
        if wanted > max_pictures {
            found.push((
                "sizes".to_owned(),
                format!(
                    "{variants} variants in {each} sizes and {kinds} formats make {wanted} pictures; at most {max_pictures} are made at once"
                ),
            ));
        }
        if !found.is_empty() {
            return Err(found);
        }
        Ok(Self {
            title: request.title.clone(),
            subtitle: request.subtitle.clone(),
            template_id: request.template_id.clone(),
            palette_id: request.palette_id.clone(),
            brand_kit_id: request.brand_kit_id.clone(),
            seed: request.seed,
            variants,
            sizes,
            formats,
            look,
        })
    }

    /// Every text of it, for safety to look at.
    pub(crate) fn texts(&self) -> Vec<String> {
        texts(&self.title, &self.subtitle, &self.look.kicker)
    }
}

/// The texts that stand on a cover, without those that are absent.
pub(crate) fn texts(title: &str, subtitle: &str, kicker: &str) -> Vec<String> {
    let mut texts = vec![title.to_owned(), subtitle.to_owned()];
    if !kicker.is_empty() {
        texts.push(kicker.to_owned());
    }
    texts
}

fn check_texts(title: &str, subtitle: &str, found: &mut Violations) {
    let smallest = Size {
        width: 64,
        height: 64,
    };
    if let Err(error) = Brief::new(title, smallest).validate() {
        found.push(("title".to_owned(), error.to_string()));
    }
    if !subtitle.is_empty() {
        let brief = Brief {
            subtitle: Some(subtitle.to_owned()),
            ..Brief::new("title", smallest)
        };
        if let Err(error) = brief.validate() {
            found.push(("subtitle".to_owned(), error.to_string()));
        }
    }
}

fn formats(names: &[String]) -> Vec<Format> {
    let mut formats: Vec<Format> = names
        .iter()
        .filter_map(|name| Format::parse(name))
        .collect();
    if formats.is_empty() {
        formats.push(Format::Png);
    }
    formats
}

/// A size scaled down so that its long side is at most `side_px`. Never below
/// what the renderer takes, and never up.
pub(crate) fn preview_size(size: &OrderedSize, side_px: u32) -> OrderedSize {
    let long = size.width.max(size.height);
    if long <= side_px {
        return size.clone();
    }
    let scaled = |side: u32| {
        let exact = u64::from(side) * u64::from(side_px) / u64::from(long);
        u32::try_from(exact).unwrap_or(side_px).max(64)
    };
    OrderedSize {
        preset: size.preset.clone(),
        width: scaled(size.width),
        height: scaled(size.height),
    }
}

/// The format an Accept header asks for: the one it names with the highest
/// weight, PNG where it leaves the choice to us.
pub(crate) fn accepted(accept: &str) -> Format {
    let mut best = (Format::Png, 0.0_f32);
    for entry in accept.split(',') {
        let mut parts = entry.split(';');
        let format = match parts.next().map(str::trim) {
            Some("image/png") => Format::Png,
            Some("image/jpeg") => Format::Jpeg,
            Some("image/webp") => Format::Webp,
            _ => continue,
        };
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q=")?.parse().ok())
            .unwrap_or(1.0);
        if weight > best.1 {
            best = (format, weight);
        }
    }
    best.0
}

/// The seed of a preview without one: the same for one person all day, so that
/// the picture stays while they type.
pub(crate) fn preview_seed(user: &covergen_ids::UserId) -> u64 {
    #[allow(clippy::cast_possible_truncation)] // The random half of the id.
    let low = user.uuid().as_u128() as u64;
    low
}

#[cfg(test)]
mod tests {
    use covergen_proto::cover::v1::GenerateRequest;

    use super::{Draft, accepted, preview_size};
    use crate::order::{Format, OrderedSize};

    #[test]
    fn every_violation_is_named_at_once() {
        let size = |width, height| covergen_proto::cover::v1::Size {
            preset: String::new(),
            width,
            height,
        };
        let request = GenerateRequest {
            title: "\u{200b}\u{200d}".to_owned(),
            subtitle: "ok".to_owned(),
            sizes: vec![size(64, 64), size(0, 9)],
            variants: 8,
            formats: ["png", "jpeg", "webp"].map(str::to_owned).to_vec(),
            colors: vec!["#123456".to_owned()],
            ..GenerateRequest::default()
        };
        let found = Draft::read(&request, 47).unwrap_err();
        let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["title", "sizes[1]", "colors", "sizes"]);
    }

    #[test]
    fn a_preview_keeps_the_shape_and_never_grows() {
        let size = |width, height| OrderedSize {
            preset: String::new(),
            width,
            height,
        };
        let scaled = |width, height| {
            let scaled = preview_size(&size(width, height), 1280);
            (scaled.width, scaled.height)
        };
        assert_eq!(scaled(3000, 3000), (1280, 1280));
        assert_eq!(scaled(1080, 1920), (720, 1280));
        assert_eq!(scaled(320, 180), (320, 180));
        assert_eq!(scaled(4096, 64), (1280, 64));
    }

    #[test]
    fn the_accept_header_chooses_by_weight() {
        assert_eq!(
            accepted("image/avif, image/webp;q=0.9, */*;q=0.1"),
            Format::Webp
        );
        assert_eq!(accepted("image/jpeg;q=0.5,image/png;q=0.4"), Format::Jpeg);
        assert_eq!(accepted("*/*"), Format::Png);
        assert_eq!(accepted(""), Format::Png);
    }
}
