//! Rows to messages.

use bytes::Bytes;
use covergen_imaging::FileFormat;
use covergen_proto::google::api::HttpBody;
use covergen_proto::template::v1::{Category, Palette, Template};

use crate::store::entity::{category, template};

pub(crate) fn template(row: template::Model, public_prefix: &str) -> Template {
    let palettes = row.palettes.0.into_iter().map(|palette| Palette {
        id: palette.id,
        name: palette.name,
        colors: palette.colors,
    });
    Template {
        thumbnail_url: format!("{public_prefix}/templates/{}/thumbnail", row.id),
        id: row.id,
        name: row.name,
        category: row.category,
        description: row.description,
        version: row.version,
        is_premium: row.is_premium,
        palettes: palettes.collect(),
    }
}

pub(crate) fn category((row, template_count): (category::Model, i32)) -> Category {
    Category {
        id: row.id,
        name: row.name,
        template_count,
    }
}

pub(crate) fn png(data: Bytes) -> HttpBody {
    HttpBody {
        content_type: FileFormat::Png.media_type().to_owned(),
        data,
        extensions: Vec::new(),
    }
}
