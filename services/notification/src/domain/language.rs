/// A language that people are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Language {
    #[default]
    English,
    Chinese,
}

impl Language {
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The one of ours that a language tag or an Accept-Language likes best
    /// (RFC 9110, section 12.5.4), English where it likes neither.
    pub(crate) fn of(text: &str) -> Self {
        let liked = text.split(',').take(32).filter_map(|part| {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
            let quality = match parameters.trim().strip_prefix("q=") {
                Some(quality) => quality.trim().parse().unwrap_or(0.0),
                None => 1.0_f32,
            };
            let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
            let language = match primary.to_ascii_lowercase().as_str() {
                "en" => Self::English,
                "zh" => Self::Chinese,
                _ => return None,
            };
            (quality > 0.0).then_some((quality, language))
        });
        // Of those that are liked alike the first counts.
        liked
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .map(|(_, language)| language)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_best_liked_language_of_ours_is_taken() {
        for (text, tag) in [
            ("", "en"),
            ("zh", "zh"),
            ("zh-Hans-CN", "zh"),
            ("fr;q=1, en;q=0.3, zh;q=0.7", "zh"),
            ("en, zh", "en"),
            ("zh;q=0, fr", "en"),
            ("zh;q=much", "en"),
        ] {
            assert_eq!(Language::of(text).tag(), tag, "{text}");
        }
    }
}
