//! What the programs print, and the medians of it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value};

/// The values of every round, by subject and metric.
///
/// A program prints an object a line: its subject as `case` (ours) or `peer`
/// (theirs) and a member for every metric, with the unit at the end of its name
/// (`previewCpuMs`). A line with `skipped` says why a peer measured nothing.
#[derive(Debug, Default)]
pub(super) struct Samples {
    values: BTreeMap<(String, String), Vec<f64>>,
    skipped: BTreeMap<String, String>,
}

impl Samples {
    /// Adds what one start of a program printed.
    pub(super) fn add(&mut self, printed: &str) -> Result<()> {
        for line in printed.lines().filter(|line| !line.trim().is_empty()) {
            self.add_line(line)
                .with_context(|| format!("not a measurement: {line}"))?;
        }
        Ok(())
    }

    fn add_line(&mut self, line: &str) -> Result<()> {
        let members: Map<String, Value> = serde_json::from_str(line)?;
        let text = |key| members.get(key).and_then(Value::as_str);
        let subject = text("peer").or(text("case")).context("it has no subject")?;
        if let Some(why) = text("skipped") {
            self.skipped.insert(subject.to_owned(), why.to_owned());
            return Ok(());
        }
        for (metric, value) in &members {
            if let Some(value) = value.as_f64() {
                // Only of failures is nought a figure, and only what is added
                // may be less than that: one side was faster in this round.
                let least = if metric.starts_with("added") {
                    f64::MIN
                } else if metric.starts_with("failed") {
                    0.0
                } else {
                    f64::MIN_POSITIVE
                };
                ensure!(value >= least, "nothing takes nothing");
                let key = (subject.to_owned(), metric.clone());
                self.values.entry(key).or_default().push(value);
            }
        }
        Ok(())
    }

    /// The median over the rounds, or why there is none.
    pub(super) fn median(&self, subject: &str, metric: &str) -> Result<f64, String> {
        if let Some(why) = self.skipped.get(subject) {
            return Err(why.clone());
        }
        let key = (subject.to_owned(), metric.to_owned());
        let values = self.values.get(&key);
        values
            .map(|values| median(values))
            .ok_or_else(|| format!("it printed no {metric} of {subject}"))
    }
}

/// The middle value, or the mean of the two middle ones.
fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_the_rounds_is_taken() {
        let mut samples = Samples::default();
        for value in [9.0, 1.0, 2.0] {
            let line =
                format!("{{\"bench\":\"b\",\"case\":\"a\",\"cpuMs\":{value},\"bytes\":7}}\n");
            samples.add(&line).expect("is a measurement");
        }
        assert_eq!(samples.median("a", "cpuMs"), Ok(2.0));
        assert_eq!(samples.median("a", "bytes"), Ok(7.0));
        assert!((median(&[1.0, 4.0, 2.0, 8.0]) - 3.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_peer_that_measured_nothing_says_why() {
        let mut samples = Samples::default();
        let line = "{\"peer\":\"them\",\"skipped\":\"no binary\"}";
        samples.add(line).expect("is a line");
        assert_eq!(samples.median("them", "cpuMs"), Err("no binary".to_owned()));
        assert!(samples.median("others", "cpuMs").is_err());
    }

    #[test]
    fn noise_is_an_error() {
        for noise in [
            "warming up",
            "{\"cpuMs\":1}",
            "{\"case\":\"a\",\"cpuMs\":0}",
        ] {
            assert!(Samples::default().add(noise).is_err(), "{noise}");
        }
    }
}
