//! What is told of a built-in template's style, read off the scene it makes.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use covergen_render::scene::{Flow, Item, Layer, LetterCase, Role, TextItem};
use covergen_render::{Brief, Catalog, Size, Template, TemplateDocument, Typeface};

/// Settings by name.
pub(crate) type Params = BTreeMap<String, String>;

/// Making a scene is cheap, but not so cheap that every list should do it.
static STYLES: LazyLock<HashMap<(&'static str, u32), Params>> = LazyLock::new(|| {
    let known = Catalog::builtin().templates();
    known
        .map(|template| ((template.id, template.version), read(template)))
        .collect()
});

/// The settings of a version of a built-in template; empty where this build
/// does not have it.
pub(crate) fn of_builtin(id: &str, version: i32) -> Params {
    let version = u32::try_from(version).unwrap_or(0);
    STYLES.get(&(id, version)).cloned().unwrap_or_default()
}

/// The settings of a custom template: its own over those of its base.
pub(crate) fn of_document(document: &TemplateDocument) -> Params {
    let base_version = i32::try_from(document.base_version).unwrap_or(0);
    let mut params = of_builtin(&document.base, base_version);
    let own = [
        ("background", &document.background),
        ("font", &document.font),
        ("letterCase", &document.letter_case),
        ("align", &document.align),
    ];
    for (name, value) in own {
        if let Some(value) = value {
            params.insert(name.to_owned(), value.clone());
        }
    }
    params.insert("base".to_owned(), document.base.clone());
    params
}

/// What an AI provider is asked to paint with, for a template without a prompt
/// of its own.
pub(crate) fn prompt(description: &str) -> String {
    let look = description.trim().trim_end_matches('.');
    format!(
        "Background art for a cover titled \"{{title}}\". Look: {look}. Colours: {{colors}}. \
         Leave a calm area for the title. No words, letters, numbers, logos or frames."
    )
}

fn read(template: &Template) -> Params {
    let mut params = Params::new();
    let brief = Brief::new("Title", SAMPLE_SIZE);
    let Ok(scene) = template.scene(&brief) else {
        return params;
    };
    for layer in &scene.layers {
        match layer {
            Layer::Background(background) => {
                let slug = background.painter.slug().to_owned();
                params.entry("background".to_owned()).or_insert(slug);
            }
            Layer::Flow(flow) => read_title(flow, &mut params),
            _ => {}
        }
    }
    params
}

const SAMPLE_SIZE: Size = Size {
    width: 1280,
    height: 720,
};

fn read_title(flow: &Flow, params: &mut Params) {
    let Some(title) = flow.items.iter().find_map(title) else {
        return;
    };
    let case = match title.case {
        LetterCase::Upper => "upper",
        _ => "as_typed",
    };
    params.insert("letterCase".to_owned(), case.to_owned());
    let align = serde_json::to_value(flow.horizontal).ok();
    if let Some(align) = align.as_ref().and_then(serde_json::Value::as_str) {
        params.insert("align".to_owned(), align.to_owned());
    }
    // A font's slug is that of its typeface and the cut.
    let typeface = Typeface::ALL
        .iter()
        .filter(|typeface| title.font.starts_with(typeface.id))
        .max_by_key(|typeface| typeface.id.len());
    if let Some(typeface) = typeface {
        params.insert("font".to_owned(), typeface.id.to_owned());
    }
}

fn title(item: &Item) -> Option<&TextItem> {
    match item {
        Item::Text(text) if text.role == Role::Title => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use covergen_render::{Catalog, TemplateDocument};

    use super::{of_builtin, of_document};

    #[test]
    fn every_built_in_style_names_its_background_or_typeface() {
        for template in Catalog::builtin().templates() {
            let params = of_builtin(template.id, i32::try_from(template.version).unwrap());
            assert!(params.contains_key("letterCase"), "{}", template.id);
            assert!(params.contains_key("align"), "{}", template.id);
        }
    }

    #[test]
    fn a_custom_style_lies_over_its_base() {
        let base = Catalog::builtin().get("aurora", None).unwrap();
        let mut document = TemplateDocument::of(base);
        let plain = of_document(&document);
        document.background = Some("retro".to_owned());
        document.letter_case = Some("upper".to_owned());
        let styled = of_document(&document);
        assert_eq!(styled["background"], "retro");
        assert_eq!(styled["letterCase"], "upper");
        assert_eq!(styled["base"], "aurora");
        assert_eq!(styled.get("font"), plain.get("font"));
    }
}
