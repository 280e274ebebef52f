use covergen_proto::safety::v1::TryRuleRequest;

use super::App;
use crate::domain::screen::Screen;
use crate::domain::{EVERYWHERE, Rule, Verdict};
use crate::error::Error;

impl App {
    /// What a rule that is not stored would match.
    pub(crate) async fn try_rule(&self, request: TryRuleRequest) -> Result<Verdict, Error> {
        let rule = Rule {
            id: "draft".to_owned(),
            version: 0,
            category: "draft".to_owned(),
            description: String::new(),
            region: EVERYWHERE.to_owned(),
            score: 1.0,
            patterns: request.patterns,
            exceptions: request.exceptions,
            is_retired: false,
            is_shadow: false,
            is_law: false,
            ground_reference: String::new(),
        };
        let texts = request.texts;
        tokio::task::spawn_blocking(move || {
            let screen =
                Screen::new(vec![rule]).map_err(|error| Error::invalid("patterns", &error))?;
            Ok(screen.check(&texts, &[]))
        })
        .await
        .map_err(|_| Error::Interrupted)?
    }
}
