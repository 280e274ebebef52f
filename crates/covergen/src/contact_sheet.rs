//! Templates × sizes × scripts on one page, with a check of every cell.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use covergen_chassis::Config;
use covergen_imaging::{Encoding, Limits, Picture};
use covergen_render::{Catalog, Preset, Size, Template};
use covergen_studio::sheet::{Cell, Script, Sheet};

use crate::fonts;

/// Sizes shown unless others are asked for: one of every shape.
const USUAL_SIZES: &str = "youtube,instagram_square,story,wechat,podcast,book";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Template ids, with commas; all when absent.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    templates: Vec<String>,
    /// Presets, or WIDTHxHEIGHT in pixels, with commas; or `all`.
    #[arg(long, value_name = "SIZES", value_delimiter = ',', default_value = USUAL_SIZES)]
    sizes: Vec<String>,
    /// Scripts, with commas: latin, chinese, japanese, arabic, devanagari and
    /// emoji when absent; or `all`.
    #[arg(long, value_name = "SCRIPTS", value_delimiter = ',')]
    scripts: Vec<String>,
    /// Picture for the photo slots: PNG, JPEG or WebP.
    #[arg(long, value_name = "FILE")]
    photo: Option<PathBuf>,
    /// Seed of the first cell.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// PNG file to write.
    #[arg(short, long, value_name = "FILE", conflicts_with = "dir")]
    output: Option<PathBuf>,
    /// Folder to write one PNG file per template into.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Fail when a cell has a fault, and name it.
    #[arg(long)]
    check: bool,
    /// Print JSON: one object with every cell.
    #[arg(long)]
    json: bool,
    /// Folder with the large fonts.
    #[arg(long = "fonts", value_name = "DIR", env = "COVERGEN__FONTS__DIR")]
    fonts: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.output.is_none() && args.dir.is_none() && !args.check {
        bail!("give -o FILE, --dir DIR or --check");
    }
    let mut config = Config::default();
    config.fonts.dir = args.fonts.clone().unwrap_or_default();
    fonts::locate(&mut config);
    let fonts = &config.fonts.dir;
    let sheet = Sheet {
        templates: templates(&args.templates)?,
        sizes: sizes(&args.sizes)?,
        scripts: scripts(&args.scripts)?,
        photo: args.photo.as_deref().map(photo).transpose()?,
        seed: args.seed,
    };
    let cells = sheet.draw(fonts);
    if let Some(output) = &args.output {
        write(&sheet.page(&cells, fonts)?, output)?;
    }
    if let Some(dir) = &args.dir {
        by_template(&sheet, &cells, fonts, dir)?;
    }
    report(&cells, args.json);
    let is_faulty = cells.iter().any(|cell| !cell.problems.is_empty());
    Ok(if args.check && is_faulty {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn by_template(sheet: &Sheet, cells: &[Cell], fonts: &Path, dir: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let per_template = sheet.sizes.len() * sheet.scripts.len();
    for (template, cells) in sheet.templates.iter().zip(cells.chunks(per_template)) {
        let one = Sheet {
            templates: vec![*template],
            ..sheet.clone()
        };
        let file = dir.join(format!("{}.png", template.id));
        write(&one.page(cells, fonts)?, &file)?;
    }
    Ok(())
}

fn report(cells: &[Cell], json: bool) {
    let faulty: Vec<&Cell> = cells
        .iter()
        .filter(|cell| !cell.problems.is_empty())
        .collect();
    if json {
        let all: Vec<_> = cells
            .iter()
            .map(|cell| {
                serde_json::json!({
                    "template": cell.template,
                    "palette": cell.palette,
                    "size": cell.size,
                    "script": cell.script,
                    "contrast": cell.contrast,
                    "scrim": cell.scrim,
                    "problems": cell.problems,
                })
            })
            .collect();
        println!(
            "{}",
            serde_json::json!({ "cells": all, "faulty": faulty.len() })
        );
        return;
    }
    for cell in &faulty {
        let Cell {
            template,
            size,
            script,
            problems,
            ..
        } = cell;
        println!("{template} {size} {script}: {}", problems.join("; "));
    }
    let worst = cells
        .iter()
        .filter_map(|cell| cell.contrast)
        .min_by(f32::total_cmp);
    println!(
        "{} cells, {} with a fault; lowest contrast {:.2}:1",
        cells.len(),
        faulty.len(),
        worst.unwrap_or(0.0)
    );
}

fn is_all(list: &[String]) -> bool {
    list.is_empty() || list.iter().any(|item| item == "all")
}

fn templates(ids: &[String]) -> anyhow::Result<Vec<&'static Template>> {
    let catalog = Catalog::builtin();
    if is_all(ids) {
        return Ok(catalog.templates().collect());
    }
    ids.iter().map(|id| Ok(catalog.get(id, None)?)).collect()
}

fn sizes(names: &[String]) -> anyhow::Result<Vec<(String, Size)>> {
    if is_all(names) {
        let all = Preset::ALL.iter();
        return Ok(all
            .map(|preset| (preset.id.to_owned(), preset.size))
            .collect());
    }
    let size = |name: &String| Ok((name.clone(), crate::render::size(name)?));
    names.iter().map(size).collect()
}

fn scripts(ids: &[String]) -> anyhow::Result<Vec<&'static Script>> {
    if ids.is_empty() {
        return Ok(Script::ALL.iter().take(Script::USUAL).collect());
    }
    if is_all(ids) {
        return Ok(Script::ALL.iter().collect());
    }
    let known = || {
        let ids: Vec<&str> = Script::ALL.iter().map(|script| script.id).collect();
        ids.join(", ")
    };
    ids.iter()
        .map(|id| {
            Script::parse(id).ok_or_else(|| anyhow!("no script `{id}`; there are {}", known()))
        })
        .collect()
}

fn photo(path: &Path) -> anyhow::Result<Arc<Picture>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let picture = covergen_imaging::decode(&bytes, &Limits::default())
        .with_context(|| format!("{} is not a picture", path.display()))?;
    Ok(Arc::new(picture))
}

fn write(page: &Picture, path: &Path) -> anyhow::Result<()> {
    let bytes = covergen_imaging::encode(page, Encoding::PREVIEW)?;
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
