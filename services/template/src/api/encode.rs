//! Rows to messages.

use bytes::Bytes;
use covergen_chassis::timestamp;
use covergen_imaging::FileFormat;
use covergen_proto::google::api::HttpBody;
use covergen_proto::template::v1::{BrandKit, Category, Choice, DesignOptions, Palette, Template};
use covergen_render::scene::Painter;
use covergen_render::{Catalog, TemplateDocument};

use crate::domain::popularity::{COLD, score};
use crate::domain::slots::{choice, slots, typefaces};
use crate::domain::{self, draft, style};
use crate::store::Counted;
use crate::store::entity::{brand_kit, category, template};

/// A template as callers see it.
pub(crate) fn template((row, used): Counted, now_ms: i64, public_prefix: &str) -> Template {
    let etag = if row.document.is_some() {
        etag(&row)
    } else {
        String::new()
    };
    // Not checked again: what an older renderer took is shown, if not drawn.
    let document: Option<TemplateDocument> = row
        .document
        .as_deref()
        .and_then(|json| serde_json::from_str(json).ok());
    let (palettes, style_params) = match &document {
        Some(document) => (palettes_of(document), style::of_document(document)),
        None => (
            row.palettes.0.clone(),
            style::of_builtin(&row.id, row.version),
        ),
    };
    let kicker = document
        .as_ref()
        .and_then(|document| document.kicker.clone());
    let font = style_params.get("font").map_or("", String::as_str);
    Template {
        slots: slots(&palettes, font, &kicker.unwrap_or_default()),
        thumbnail_url: thumbnail_url(&row, public_prefix),
        name: row.name,
        category: row.category,
        prompt_template: row
            .prompt_template
            .unwrap_or_else(|| style::prompt(&row.description)),
        description: row.description,
        version: row.version,
        is_premium: row.is_premium,
        palettes: palettes.into_iter().map(palette).collect(),
        is_custom: row.document.is_some(),
        style_params,
        popularity_score: score(used.as_ref().map_or(COLD, |used| used.heat), now_ms),
        use_count: used.map_or(0, |used| used.use_count),
        etag,
        design: document.as_ref().map(draft::design),
        create_time: Some(timestamp(row.created_at_ms)),
        document: String::new(),
        id: row.id,
    }
}

/// A template as services see it, with the document that is drawn.
pub(crate) fn resolved(row: template::Model, public_prefix: &str) -> Template {
    let document = row.document.clone().unwrap_or_default();
    // What is drawn does not depend on how often it was.
    let mut resolved = template((row, None), 0, public_prefix);
    resolved.document = document;
    resolved
}

/// What changes with every version of a custom template.
pub(crate) fn etag(row: &template::Model) -> String {
    format!("v{}", row.version)
}

/// A custom template's sample changes with its version, and so does the
/// address; a built-in one's cache is told by its own tag.
fn thumbnail_url(row: &template::Model, public_prefix: &str) -> String {
    let address = format!("{public_prefix}/templates/{}/thumbnail", row.id);
    if row.document.is_some() {
        format!("{address}?version={}", row.version)
    } else {
        address
    }
}

/// The palettes that go with a document: its base's, unless it has colours of
/// its own.
fn palettes_of(document: &TemplateDocument) -> Vec<domain::Palette> {
    if document.colors.is_some() {
        return Vec::new();
    }
    let base = Catalog::builtin()
        .get(&document.base, Some(document.base_version))
        .or_else(|_| Catalog::builtin().get(&document.base, None));
    base.map(domain::palettes).unwrap_or_default()
}

fn palette(palette: domain::Palette) -> Palette {
    Palette {
        id: palette.id,
        name: palette.name,
        colors: palette.colors,
    }
}

pub(crate) fn category((row, template_count): (category::Model, i32)) -> Category {
    Category {
        id: row.id,
        name: row.name,
        template_count,
    }
}

pub(crate) fn brand_kit(row: brand_kit::Model) -> BrandKit {
    BrandKit {
        etag: brand_kit_etag(&row),
        id: row.id.to_string(),
        name: row.name,
        colors: row.colors.0,
        heading_font: row.heading_font,
        logo_asset_id: row
            .logo_asset_id
            .map(|id| id.to_string())
            .unwrap_or_default(),
        create_time: Some(timestamp(row.created_at_ms)),
        update_time: Some(timestamp(row.updated_at_ms)),
    }
}

/// What changes with every change of a brand kit.
pub(crate) fn brand_kit_etag(row: &brand_kit::Model) -> String {
    format!("r{}", row.revision)
}

/// What designs can be made of.
pub(crate) fn design_options() -> DesignOptions {
    let choices = |pairs: &[(&str, &str)]| -> Vec<Choice> {
        pairs.iter().map(|(id, name)| choice(id, name)).collect()
    };
    DesignOptions {
        fonts: typefaces(),
        backgrounds: Painter::ALL
            .into_iter()
            .map(|painter| choice(painter.slug(), &titled(painter.slug())))
            .collect(),
        letter_cases: choices(&[("as_typed", "As typed"), ("upper", "Capitals")]),
        aligns: choices(&[("start", "Start"), ("center", "Centre"), ("end", "End")]),
        photo_treatments: choices(&draft::TREATMENTS),
    }
}

/// A slug as a name: `stained_glass` is `Stained glass`.
fn titled(slug: &str) -> String {
    let words = slug.replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

pub(crate) fn png(data: Bytes) -> HttpBody {
    HttpBody {
        content_type: FileFormat::Png.media_type().to_owned(),
        data,
        extensions: Vec::new(),
    }
}

pub(crate) fn json(data: Vec<u8>) -> HttpBody {
    HttpBody {
        content_type: "application/json".to_owned(),
        data: data.into(),
        extensions: Vec::new(),
    }
}
