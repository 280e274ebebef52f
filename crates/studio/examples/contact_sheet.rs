//! A contact sheet without the platform: `cargo run -p covergen-studio
//! --example contact_sheet -- OUT TEMPLATES SIZES SCRIPTS [PHOTO]`, lists with
//! commas, `all` for everything.

use std::path::Path;
use std::sync::Arc;

use covergen_imaging::{Encoding, encode};
use covergen_render::{Catalog, Preset};
use covergen_studio::sheet::{Script, Sheet};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, templates, sizes, scripts, rest @ ..] = arguments.as_slice() else {
        return Err("usage: contact_sheet OUT TEMPLATES SIZES SCRIPTS [PHOTO]".into());
    };
    let wanted = |list: &str, id: &str| list == "all" || list.split(',').any(|item| item == id);
    let photo = match rest.first() {
        None => None,
        Some(path) => Some(Arc::new(read(Path::new(path))?)),
    };
    let sheet = Sheet {
        templates: Catalog::builtin()
            .templates()
            .filter(|template| wanted(templates, template.id))
            .collect(),
        sizes: Preset::ALL
            .iter()
            .filter(|preset| wanted(sizes, preset.id))
            .map(|preset| (preset.id.to_owned(), preset.size))
            .collect(),
        scripts: Script::ALL
            .iter()
            .filter(|script| wanted(scripts, script.id))
            .collect(),
        photo,
        seed: 1,
    };
    let fonts = Path::new("assets/fonts/fetched");
    let cells = sheet.draw(fonts);
    for cell in cells.iter().filter(|cell| !cell.problems.is_empty()) {
        println!(
            "{} {} {}: {:?}",
            cell.template, cell.size, cell.script, cell.problems
        );
    }
    for cell in cells.iter().filter(|cell| cell.scrim > 0.0) {
        println!(
            "scrim {:.2} {} {} {} {}",
            cell.scrim, cell.template, cell.palette, cell.size, cell.script
        );
    }
    std::fs::write(out, encode(&sheet.page(&cells, fonts)?, Encoding::PREVIEW)?)?;
    Ok(())
}

fn read(path: &Path) -> Result<covergen_imaging::Picture, Box<dyn std::error::Error>> {
    Ok(covergen_imaging::decode(
        &std::fs::read(path)?,
        &covergen_imaging::Limits::default(),
    )?)
}
