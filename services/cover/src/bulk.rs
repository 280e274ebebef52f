//! What a bulk asks for: rows, and what all of them have in common.

mod findings;

use covergen_proto::cover::v1::{BulkGenerateRequest, BulkRow, GenerateRequest, Size};
use serde::{Deserialize, Serialize};

use crate::domain::Draft;
use crate::domain::csv::{self, Record};
use crate::look::Photo;

pub(crate) use findings::Findings;

/// Most rows of a bulk.
pub(crate) const MAX_ROWS: usize = 10_000;
/// Longest name that the caller gives a row.
const MAX_REFERENCE: usize = 120;

/// A row as it was given. Stored as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Row {
    pub(crate) title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) subtitle: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) kicker: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) template_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) palette_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) colors: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) font: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) sizes: Vec<RowSize>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) reference: String,
}

/// A size as it was given: a preset, or a width and a height.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RowSize {
    #[serde(skip_serializing_if = "String::is_empty")]
    preset: String,
    width: i32,
    height: i32,
}

/// What all rows have in common. Stored as JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) template_id: String,
    pub(crate) palette_id: String,
    pub(crate) sizes: Vec<RowSize>,
    pub(crate) formats: Vec<String>,
    pub(crate) colors: Vec<String>,
    pub(crate) font: String,
    pub(crate) photo: Option<Photo>,
    pub(crate) brand_kit_id: String,
}

impl Settings {
    pub(crate) fn of(request: &BulkGenerateRequest, photo: Option<Photo>) -> Self {
        Self {
            template_id: request.template_id.clone(),
            palette_id: request.palette_id.clone(),
            sizes: request.sizes.iter().map(RowSize::of).collect(),
            formats: request.formats.clone(),
            colors: request.colors.clone(),
            font: request.font.clone(),
            photo,
            brand_kit_id: request.brand_kit_id.clone(),
        }
    }

    /// The request that makes one row.
    pub(crate) fn request(&self, row: &Row) -> GenerateRequest {
        let or = |own: &String, common: &String| if own.is_empty() { common } else { own }.clone();
        // A palette belongs to a template: a row that names its own template
        // does not take the palette of the others.
        let palette_id = if row.template_id.is_empty() {
            or(&row.palette_id, &self.palette_id)
        } else {
            row.palette_id.clone()
        };
        let colors = if row.colors.is_empty() && row.palette_id.is_empty() {
            self.colors.clone()
        } else {
            row.colors.clone()
        };
        let sizes = if row.sizes.is_empty() {
            &self.sizes
        } else {
            &row.sizes
        };
        GenerateRequest {
            title: row.title.clone(),
            subtitle: row.subtitle.clone(),
            template_id: or(&row.template_id, &self.template_id),
            variants: 1,
            seed: row.seed,
            sizes: sizes.iter().map(RowSize::encode).collect(),
            formats: self.formats.clone(),
            palette_id,
            request_id: String::new(),
            colors,
            font: or(&row.font, &self.font),
            kicker: row.kicker.clone(),
            photo: self.photo.map(|photo| photo.encode()),
            brand_kit_id: self.brand_kit_id.clone(),
        }
    }
}

impl Row {
    pub(crate) fn of(row: BulkRow) -> Self {
        Self {
            title: row.title,
            subtitle: row.subtitle,
            kicker: row.kicker,
            template_id: row.template_id,
            palette_id: row.palette_id,
            seed: row.seed,
            colors: row.colors,
            font: row.font,
            sizes: row.sizes.iter().map(RowSize::of).collect(),
            reference: row.reference,
        }
    }

    pub(crate) fn encode(self) -> BulkRow {
        BulkRow {
            sizes: self.sizes.iter().map(RowSize::encode).collect(),
            title: self.title,
            subtitle: self.subtitle,
            kicker: self.kicker,
            template_id: self.template_id,
            palette_id: self.palette_id,
            seed: self.seed,
            colors: self.colors,
            font: self.font,
            reference: self.reference,
        }
    }

    /// Reads one CSV field into the column of that name.
    fn set(&mut self, column: &str, text: &str) -> Result<(), String> {
        let text = text.trim();
        match column {
            "title" => text.clone_into(&mut self.title),
            "subtitle" => text.clone_into(&mut self.subtitle),
            "kicker" => text.clone_into(&mut self.kicker),
            "template_id" => text.clone_into(&mut self.template_id),
            "palette_id" => text.clone_into(&mut self.palette_id),
            "font" => text.clone_into(&mut self.font),
            "reference" => text.clone_into(&mut self.reference),
            "colors" => self.colors = parts(text).map(str::to_owned).collect(),
            "sizes" => self.sizes = parts(text).map(RowSize::parse).collect(),
            _ if text.is_empty() => self.seed = None,
            _ => {
                let seed = text.parse();
                self.seed = Some(seed.map_err(|_| "is not a whole number".to_owned())?);
            }
        }
        Ok(())
    }
}

impl RowSize {
    fn of(size: &Size) -> Self {
        Self {
            preset: size.preset.clone(),
            width: size.width,
            height: size.height,
        }
    }

    fn encode(&self) -> Size {
        Size {
            preset: self.preset.clone(),
            width: self.width,
            height: self.height,
        }
    }

    /// `1280x720`, or else a preset.
    fn parse(text: &str) -> Self {
        let sides = text
            .split_once(['x', 'X', '×'])
            .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        match sides {
            Some((width, height)) => Self {
                preset: String::new(),
                width,
                height,
            },
            None => Self {
                preset: text.to_owned(),
                width: 0,
                height: 0,
            },
        }
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ';', '|'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// The columns that a CSV may have.
const COLUMNS: [&str; 10] = [
    "title",
    "subtitle",
    "kicker",
    "template_id",
    "palette_id",
    "seed",
    "font",
    "colors",
    "sizes",
    "reference",
];

/// The rows of a request, from JSON or CSV.
pub(crate) fn read_rows(request: &mut BulkGenerateRequest) -> Result<Vec<Row>, Findings> {
    let mut found = Findings::default();
    let rows = match (request.rows.is_empty(), request.csv.is_empty()) {
        (true, true) => {
            found.push("rows".to_owned(), "give rows, as JSON or as CSV".to_owned());
            Vec::new()
        }
        (false, false) => {
            found.push("csv".to_owned(), "give rows or CSV, not both".to_owned());
            Vec::new()
        }
        (false, true) => std::mem::take(&mut request.rows)
            .into_iter()
            .map(Row::of)
            .collect(),
        (true, false) => read_csv(&request.csv, &mut found),
    };
    if found.total == 0 {
        Ok(rows)
    } else {
        Err(found)
    }
}

fn read_csv(text: &str, found: &mut Findings) -> Vec<Row> {
    // One more for the header.
    let records = match csv::parse(text, MAX_ROWS + 1) {
        Ok(records) => records,
        Err(error) => {
            found.push("csv".to_owned(), error.to_string());
            return Vec::new();
        }
    };
    let Some((header, lines)) = records.split_first() else {
        found.push("csv".to_owned(), "there is no header line".to_owned());
        return Vec::new();
    };
    let columns = match read_header(header) {
        Ok(columns) => columns,
        Err(problem) => {
            found.push("csv".to_owned(), format!("line {}: {problem}", header.line));
            return Vec::new();
        }
    };
    if lines.is_empty() {
        found.push(
            "csv".to_owned(),
            "there are no rows below the header".to_owned(),
        );
    }
    let mut rows = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let mut row = Row::default();
        if line.fields.len() != columns.len() {
            let problem = format!(
                "line {} has {} fields, the header {}",
                line.line,
                line.fields.len(),
                columns.len()
            );
            found.add(at, "csv", &problem);
            continue;
        }
        for (column, field) in columns.iter().zip(&line.fields) {
            if let Err(problem) = row.set(column, field) {
                found.add(
                    at,
                    &camel(column),
                    &format!("line {}: {problem}", line.line),
                );
            }
        }
        rows.push(row);
    }
    rows
}

/// The columns in the order of the header, each known and none twice.
fn read_header(header: &Record) -> Result<Vec<&'static str>, String> {
    let mut columns = Vec::new();
    for name in &header.fields {
        let plain: String = name
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        let column = COLUMNS
            .into_iter()
            .find(|column| column.replace('_', "") == plain)
            .ok_or_else(|| {
                let name: String = name.chars().take(32).collect();
                format!("`{name}` is no column; there are {}", COLUMNS.join(", "))
            })?;
        if columns.contains(&column) {
            return Err(format!("`{column}` stands there twice"));
        }
        columns.push(column);
    }
    if !columns.contains(&"title") {
        return Err("there is no column `title`".to_owned());
    }
    Ok(columns)
}

/// Checks every row, as far as that needs nobody else.
pub(crate) fn check_rows(
    settings: &Settings,
    rows: &[Row],
    max_pictures: usize,
) -> Result<(), Findings> {
    let mut found = Findings::default();
    for (at, row) in rows.iter().enumerate() {
        if let Err(problems) = Draft::read(&settings.request(row), max_pictures) {
            for (field, problem) in problems {
                found.add(at, &field, &problem);
            }
        }
        for (field, text) in [
            ("templateId", &row.template_id),
            ("paletteId", &row.palette_id),
        ] {
            if text.len() > 64 {
                found.add(at, field, "has more than 64 bytes");
            }
        }
        if row.reference.chars().count() > MAX_REFERENCE {
            found.add(
                at,
                "reference",
                &format!("has more than {MAX_REFERENCE} characters"),
            );
        }
    }
    if found.total == 0 { Ok(()) } else { Err(found) }
}

fn camel(column: &str) -> String {
    match column {
        "template_id" => "templateId".to_owned(),
        "palette_id" => "paletteId".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests;
