//! One comparison, as a line of JSON or as a row of the table.

use std::fmt::Write as _;

use serde::Serialize;

/// How we did in one case, against one peer or against a limit.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verdict {
    pub(super) bench: String,
    pub(super) case: String,
    pub(super) metric: String,
    pub(super) ours: f64,
    pub(super) peer: Option<f64>,
    /// Whom we are compared with; nobody where a limit is the standard.
    pub(super) peer_name: Option<String>,
    /// Ours by the peer's; below 1 we are ahead.
    pub(super) ratio: Option<f64>,
    /// What to stay at or below: a ratio beside a peer, else a limit in the
    /// metric's own unit.
    pub(super) target: f64,
    pub(super) ok: Option<bool>,
    /// Why there is nothing to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) skipped: Option<String>,
}

impl Verdict {
    /// The rows with a heading, columns aligned.
    pub(super) fn table(bench: &str, verdicts: &[Self]) -> String {
        let head = ["case", "metric", "ours", "peer", "", "ratio", "target", ""].map(str::to_owned);
        let rows: Vec<[String; 8]> = [head]
            .into_iter()
            .chain(verdicts.iter().map(Self::row))
            .collect();
        let mut widths = [0; 8];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = format!("{bench}\n");
        for row in rows {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                // Figures to the right, words to the left.
                let written = if matches!(column, 2 | 4 | 5 | 6) {
                    write!(line, "  {cell:>width$}")
                } else {
                    write!(line, "  {cell:<width$}")
                };
                written.expect("a String takes everything");
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }

    fn row(&self) -> [String; 8] {
        let figure = |value: Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
        };
        let outcome = match (&self.skipped, self.ok) {
            (Some(why), _) => format!("skipped: {why}"),
            (None, Some(true)) => "ok".to_owned(),
            (None, Some(false)) => "MISSED".to_owned(),
            (None, None) => String::new(),
        };
        [
            self.case.clone(),
            self.metric.clone(),
            figure(Some(self.ours)),
            self.peer_name.clone().unwrap_or_default(),
            figure(self.peer),
            figure(self.ratio),
            figure(Some(self.target)),
            outcome,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict() -> Verdict {
        Verdict {
            bench: "render".into(),
            case: "wide".into(),
            metric: "cpu_ms".into(),
            ours: 5.0,
            peer: Some(20.0),
            peer_name: Some("them".into()),
            ratio: Some(0.25),
            target: 0.5,
            ok: Some(true),
            skipped: None,
        }
    }

    #[test]
    fn a_line_has_the_promised_keys() {
        let line = serde_json::to_string(&verdict()).expect("is JSON");
        let keys = [
            "bench", "case", "metric", "ours", "peer", "peerName", "ratio", "target", "ok",
        ];
        let at: Vec<_> = keys
            .iter()
            .map(|key| line.find(&format!("\"{key}\":")))
            .collect();
        assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{line}");
        assert!(!line.contains("skipped"), "{line}");
    }

    #[test]
    fn the_table_tells_figures_misses_and_what_was_skipped() {
        let missed = Verdict {
            ok: Some(false),
            ..verdict()
        };
        let skipped = Verdict {
            skipped: Some("not installed".into()),
            ..verdict()
        };
        let table = Verdict::table("render", &[verdict(), missed, skipped]);
        assert!(
            table.contains("0.25") && table.contains("MISSED"),
            "{table}"
        );
        assert!(table.contains("skipped: not installed"), "{table}");
    }
}
