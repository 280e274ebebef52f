//! Contact sheets.

use covergen_render::{Catalog, Preset};
use covergen_studio::sheet::{Script, Sheet};

use crate::fonts;

fn sheet(scripts: Vec<&'static Script>) -> Sheet {
    let size = |id: &str| (id.to_owned(), Preset::parse(id).unwrap().size);
    Sheet {
        templates: Catalog::builtin().templates().take(2).collect(),
        sizes: vec![size("thumbnail"), size("wechat")],
        scripts,
        photo: None,
        seed: 3,
    }
}

#[test]
fn every_cell_is_drawn_checked_and_shown() {
    let sheet = sheet(Script::ALL.iter().take(3).collect());
    let cells = sheet.draw(&fonts());
    assert_eq!(cells.len(), 2 * 2 * 3);
    for cell in &cells {
        assert_eq!(cell.problems, Vec::<String>::new(), "{}", cell.template);
        assert!(cell.contrast.unwrap() >= 4.5);
        assert!(cell.picture.is_some());
    }
    let names: Vec<_> = cells
        .iter()
        .map(|cell| (cell.template, cell.script))
        .collect();
    assert_eq!(
        names[..3],
        [
            ("aurora", "latin"),
            ("aurora", "latin"),
            ("aurora", "chinese")
        ]
    );
    let page = sheet.page(&cells, &fonts()).unwrap();
    assert!(page.is_opaque());
    assert!(page.width() > 600 && page.height() > 600, "{page:?}");
}

#[test]
fn a_cell_that_cannot_be_drawn_says_why_and_is_still_on_the_page() {
    static CUNEIFORM: Script = Script {
        id: "cuneiform",
        title: "\u{12000}\u{12001}",
        subtitle: "A tablet",
        kicker: "Clay",
    };
    let sheet = sheet(vec![&CUNEIFORM]);
    let cells = sheet.draw(&fonts());
    assert_eq!(cells.len(), 4);
    for cell in &cells {
        assert!(cell.problems[0].contains("U+12000"), "{:?}", cell.problems);
        assert!(cell.picture.is_none() && cell.contrast.is_none());
    }
    assert!(sheet.page(&cells, &fonts()).is_ok());
}

#[test]
fn scripts_are_found_by_their_slug() {
    for script in Script::ALL {
        assert_eq!(Script::parse(script.id), Some(script));
    }
    assert_eq!(Script::parse("linear-a"), None);
    assert!(Script::ALL.len() >= Script::USUAL);
}
