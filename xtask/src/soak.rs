//! Faults made on purpose, and whether the promises hold (docs/RELIABILITY.md).
//!
//! Everything is built as `cargo build` does: release builds have no points at
//! which a process can be told to end itself.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::process::{self, Program};
use crate::repo::Repo;
use crate::{deny, fonts, install};

/// A figure, as the program of the faults prints it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Figure {
    row: String,
    fault: String,
    promise: String,
    figure: f64,
    target: f64,
    bound: Bound,
    #[serde(default)]
    note: String,
}

/// On which side of its target a figure must lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Bound {
    AtMost,
    AtLeast,
}

impl Figure {
    fn ok(&self) -> bool {
        match self.bound {
            Bound::AtMost => self.figure <= self.target,
            Bound::AtLeast => self.figure >= self.target,
        }
    }

    fn read(line: &str) -> Result<Self> {
        serde_json::from_str(line).with_context(|| format!("not a figure: {line}"))
    }

    /// As a line of JSON, with the outcome.
    fn json(&self) -> Result<String> {
        let mut line = serde_json::to_value(self)?;
        line["ok"] = Value::from(self.ok());
        Ok(line.to_string())
    }
}

/// Runs the rows of these names, or all of them, and prints what was seen. A
/// promise that was not kept is an error, as is a row that cannot be run.
pub(crate) fn run(repo: &Repo, names: &[String], short: bool, json: bool) -> Result<()> {
    deny::always(repo)?;
    install::ensure_engines(repo)?;
    if names.is_empty() || names.iter().any(|name| name.starts_with("clock")) {
        install::ensure_clocks()?;
    }
    fonts::fetch(repo)?;
    // Together: each by itself would have their libraries built twice, with
    // other features.
    let build = [
        "build",
        "--package",
        "covergen",
        "--package",
        "covergen-faults",
    ];
    Program::cargo(repo).args(build).run()?;
    let debug = repo.target().join("debug");
    let faults = || Program::new(debug.join("covergen-faults")).within(repo.root());
    let (mut kept, mut broken) = (Vec::new(), Vec::new());
    for row in chosen(&faults().arg("--list").read()?, names)? {
        if process::interrupted() {
            break;
        }
        let program = faults().arg(debug.join("covergen")).arg(&row);
        let program = if short {
            program.arg("--short")
        } else {
            program
        };
        match program.read() {
            Ok(printed) => {
                for line in printed.lines() {
                    let figure = Figure::read(line)?;
                    if json {
                        println!("{}", figure.json()?);
                    }
                    kept.push(figure);
                }
            }
            Err(error) => broken.push(format!("{row}: {error:#}")),
        }
    }
    if !json {
        print!("{}", table(&kept));
    }
    let missed = kept.iter().filter(|figure| !figure.ok());
    broken.extend(missed.map(|figure| format!("{}: {}", figure.row, figure.promise)));
    if !broken.is_empty() {
        bail!("not kept:\n  {}", broken.join("\n  "));
    }
    Ok(())
}

/// The rows of these names, of those that the program lists.
fn chosen(listed: &str, names: &[String]) -> Result<Vec<String>> {
    let known: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!(
            "there is no row `{unknown}`; there are: {}",
            known.join(", ")
        );
    }
    let chosen = known
        .into_iter()
        .filter(|name| names.is_empty() || names.iter().any(|wanted| wanted == name));
    Ok(chosen.map(str::to_owned).collect())
}

/// The figures with a heading, columns aligned, and what is to be said of each.
fn table(figures: &[Figure]) -> String {
    let head = ["fault", "promise", "figure", "target", ""].map(str::to_owned);
    let row = |figure: &Figure| {
        let side = match figure.bound {
            Bound::AtMost => "≤",
            Bound::AtLeast => "≥",
        };
        [
            figure.fault.clone(),
            figure.promise.clone(),
            figure.figure.to_string(),
            format!("{side} {}", figure.target),
            if figure.ok() { "ok" } else { "MISSED" }.to_owned(),
        ]
    };
    let rows: Vec<[String; 5]> = [head].into_iter().chain(figures.iter().map(row)).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..5).map(width).collect();
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Figures to the right, words to the left.
            let written = if matches!(column, 2 | 3) {
                write!(line, "  {cell:>width$}")
            } else {
                write!(line, "  {cell:<width$}")
            };
            written.expect("a String takes everything");
        }
        text += line.trim_end();
        text.push('\n');
        let note = at.checked_sub(1).map_or("", |at| figures[at].note.as_str());
        if !note.is_empty() {
            text += &format!("      {note}\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(figure: f64, bound: &str) -> Figure {
        let line = format!(
            "{{\"row\":\"r\",\"fault\":\"f\",\"promise\":\"p\",\"figure\":{figure},\
             \"target\":2.0,\"bound\":\"{bound}\",\"note\":\"said\"}}"
        );
        Figure::read(&line).expect("is a figure")
    }

    #[test]
    fn a_figure_is_held_against_its_side_of_the_target() {
        assert!(figure(2.0, "at_most").ok() && figure(2.0, "at_least").ok());
        assert!(!figure(2.5, "at_most").ok() && !figure(1.5, "at_least").ok());
        let line = figure(2.5, "at_most").json().expect("is JSON");
        assert!(line.contains("\"ok\":false"), "{line}");
        assert!(Figure::read("warming up").is_err());
    }

    #[test]
    fn the_table_tells_figures_targets_and_misses() {
        let table = table(&[figure(1.0, "at_most"), figure(1.0, "at_least")]);
        assert!(table.contains("≤ 2") && table.contains("≥ 2"), "{table}");
        assert!(
            table.contains("MISSED") && table.contains("said"),
            "{table}"
        );
    }

    #[test]
    fn only_rows_there_are_can_be_chosen() {
        let listed = "one\tthe first\ntwo\tthe second\n";
        assert_eq!(chosen(listed, &[]).expect("all"), ["one", "two"]);
        let two = ["two".to_owned()];
        assert_eq!(chosen(listed, &two).expect("one"), two);
        assert!(chosen(listed, &["three".to_owned()]).is_err());
    }
}
