use super::App;
use crate::domain::Verdict;
use crate::error::Error;

/// Texts longer than this together are looked at on another thread: a reader
/// of titles should not hold up the runtime's own.
const INLINE_BYTES: usize = 4 * 1024;

impl App {
    /// What the rules of some regions say about texts. Nothing is logged.
    pub(crate) async fn check_text(
        &self,
        texts: Vec<String>,
        regions: Vec<String>,
    ) -> Result<Verdict, Error> {
        let book = self.rulebook.book();
        let verdict = if texts.iter().map(String::len).sum::<usize>() <= INLINE_BYTES {
            book.screen.check(&texts, &regions)
        } else {
            tokio::task::spawn_blocking(move || book.screen.check(&texts, &regions))
                .await
                .map_err(|_| Error::Interrupted)?
        };
        count(&verdict);
        Ok(verdict)
    }
}

/// What was found, for the dashboards.
pub(super) fn count(verdict: &Verdict) {
    for category in verdict.scores().into_keys() {
        metrics::counter!("safety_flagged_total", "category" => category).increment(1);
    }
    if !verdict.shadow.is_empty() {
        metrics::counter!("safety_shadow_total").increment(1);
    }
}
