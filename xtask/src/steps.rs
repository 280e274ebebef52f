//! Steps that print a heading, run, and remember how long they took.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process;

/// Runs steps one after another; the first failure ends the run.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<(&'static str, Duration)>,
    skipped: Vec<(&'static str, &'static str)>,
}

impl Steps {
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        if process::interrupted() {
            bail!("interrupted");
        }
        eprintln!("\n── {name}");
        let start = Instant::now();
        work().with_context(|| format!("step `{name}` failed"))?;
        self.done.push((name, start.elapsed()));
        Ok(())
    }

    /// Says why a step is left out; the summary says it again.
    pub(crate) fn skip(&mut self, name: &'static str, why: &'static str) {
        eprintln!("\n── {name}\nskipped: {why}");
        self.skipped.push((name, why));
    }

    /// Every step so far with its duration, one a line, and what was left out.
    pub(crate) fn summary(&self) -> String {
        let names = self.done.iter().map(|(name, _)| name);
        let names = names.chain(self.skipped.iter().map(|(name, _)| name));
        let width = names.map(|name| name.chars().count()).max();
        let width = width.unwrap_or_default();
        let mut text = String::new();
        for (name, took) in &self.done {
            text += &format!("  ok  {name:width$}  {:>7.1} s\n", took.as_secs_f64());
        }
        for (name, why) in &self.skipped {
            text += &format!("  --  {name:width$}  skipped: {why}\n");
        }
        let total: Duration = self.done.iter().map(|(_, took)| *took).sum();
        text + &format!(
            "      {:width$}  {:>7.1} s\n",
            "in all",
            total.as_secs_f64()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_is_named_and_not_counted_as_done() {
        let mut steps = Steps::default();
        steps.step("first", || Ok(())).expect("passes");
        let error = steps.step("second", || bail!("broken")).expect_err("fails");
        assert_eq!(format!("{error:#}"), "step `second` failed: broken");
        let summary = steps.summary();
        assert!(
            summary.contains("ok  first") && !summary.contains("second"),
            "{summary}"
        );
    }

    #[test]
    fn a_step_that_is_left_out_is_told_with_its_reason() {
        let mut steps = Steps::default();
        steps.step("first", || Ok(())).expect("passes");
        steps.skip("a longer one", "it is not installed");
        let summary = steps.summary();
        let told = "  --  a longer one  skipped: it is not installed\n";
        assert!(summary.contains(told), "{summary}");
        assert!(summary.contains("ok  first"), "{summary}");
    }
}
