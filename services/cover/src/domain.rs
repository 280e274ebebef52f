//! Rules without I/O.

use covergen_render::{Brief, Size};

use crate::order::{Format, OrderedSize};

/// Everything wrong with a request's texts, sizes and number of pictures, as
/// `(field, problem)`.
pub(crate) fn violations(
    title: &str,
    subtitle: &str,
    sizes: &[covergen_proto::cover::v1::Size],
    pictures: (u32, usize, usize),
    max_pictures: usize,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let brief = |title: &str, subtitle: Option<&str>| Brief {
        subtitle: subtitle.map(str::to_owned),
        ..Brief::new(
            title,
            Size {
                width: 64,
                height: 64,
            },
        )
    };
    if let Err(error) = brief(title, None).validate() {
        found.push(("title".to_owned(), error.to_string()));
    }
    if !subtitle.is_empty()
        && let Err(error) = brief("title", Some(subtitle)).validate()
    {
        found.push(("subtitle".to_owned(), error.to_string()));
    }
    for (at, size) in sizes.iter().enumerate() {
        if let Err(problem) = OrderedSize::read(size) {
            found.push((format!("sizes[{at}]"), problem));
        }
    }
    let (variants, sizes, formats) = pictures;
    let wanted = usize::try_from(variants).unwrap_or(usize::MAX) * sizes * formats;
    if wanted > max_pictures {
        found.push((
            "sizes".to_owned(),
            format!(
                "{variants} variants in {sizes} sizes and {formats} formats make {wanted} pictures; at most {max_pictures} are made at once"
            ),
        ));
    }
    found
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
    use super::{accepted, preview_size, violations};
    use crate::order::{Format, OrderedSize};

    #[test]
    fn every_violation_is_named_at_once() {
        let size = |width, height| covergen_proto::cover::v1::Size {
            preset: String::new(),
            width,
            height,
        };
        let found = violations(
            "\u{200b}\u{200d}",
            "ok",
            &[size(64, 64), size(0, 9)],
            (8, 16, 3),
            128,
        );
        let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["title", "sizes[1]", "sizes"]);
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
