use serde::{Deserialize, Serialize};

/// A language that mails are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    #[default]
    En,
    Zh,
}

impl Language {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The one of ours that fits a language tag or an Accept-Language best
    /// (RFC 9110, 12.5.4); `None` when it names neither.
    pub(crate) fn wanted(text: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in text.split(',').take(32) {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim();
            let quality = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(Some(1.0), |q| q.trim().parse::<f32>().ok())
                .unwrap_or(0.0);
            let primary = tag.split(['-', '_']).next().unwrap_or_default();
            let language = match primary.to_ascii_lowercase().as_str() {
                "en" => Self::En,
                "zh" => Self::Zh,
                _ => continue,
            };
            if quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
                best = Some((quality, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// What is wanted, or else what was known before, or else English.
    pub(crate) fn choose(wanted: &str, known: &str) -> Self {
        Self::wanted(wanted)
            .or_else(|| Self::wanted(known))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_best_liked_language_of_ours_is_chosen() {
        for (text, expected) in [
            ("zh-CN", Some(Language::Zh)),
            ("fr-FR,zh;q=0.8,en;q=0.9", Some(Language::En)),
            ("en;q=0,zh;q=0.1", Some(Language::Zh)),
            ("zh_TW,en", Some(Language::Zh)),
            ("fr, de;q=0.9", None),
            ("en;q=nonsense", None),
            ("", None),
        ] {
            assert_eq!(Language::wanted(text), expected, "{text}");
        }
        assert_eq!(Language::choose("fr", "zh"), Language::Zh);
        assert_eq!(Language::choose("", ""), Language::En);
    }
}
