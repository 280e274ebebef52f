use covergen_proto::cover::v1::SuggestTitlesRequest;

use super::App;
use crate::domain::titles::{Language, Title, Wish, suggest};
use crate::error::Error;

/// Titles where no number is asked for.
const COUNT: usize = 8;

impl App {
    /// Titles by rule, and the language they are in.
    pub(crate) fn suggest_titles(
        request: &SuggestTitlesRequest,
    ) -> Result<(Vec<Title>, Language), Error> {
        let texts = [&request.topic, &request.draft_title]
            .into_iter()
            .chain(&request.keywords);
        if !texts
            .into_iter()
            .any(|text| text.chars().any(char::is_alphanumeric))
        {
            return Err(Error::invalid(
                "topic",
                "say what it is about: a topic, keywords or a draft",
            ));
        }
        let asked = |number: i32, default: usize| match usize::try_from(number) {
            Ok(0) | Err(_) => default,
            Ok(number) => number,
        };
        let mut wish = Wish {
            topic: &request.topic,
            keywords: &request.keywords,
            draft: &request.draft_title,
            seed: request.seed,
            max_characters: 0,
            count: asked(request.count, COUNT),
        };
        let language = Language::of(&request.language, &wish);
        wish.max_characters = asked(request.max_characters, language.comfortable());
        Ok((suggest(language, &wish), language))
    }
}
