//! Custom templates as files.

use covergen_identity::Principal;
use covergen_proto::template::v1::ImportCustomTemplateRequest;

use super::App;
use super::custom_templates::as_draft;
use crate::error::Error;
use crate::store::entity::template;

/// What the file says it is.
const FORMAT: &str = "covergen.template";

/// A file to be downloaded.
pub(crate) struct Download {
    pub(crate) file_name: String,
    pub(crate) json: Vec<u8>,
}

impl App {
    /// A custom template as a file that can be imported. Owners have it
    /// whatever their tier: it is theirs.
    pub(crate) async fn export_custom_template(
        &self,
        who: &Principal,
        id: &str,
    ) -> Result<Download, Error> {
        let (row, _) = self.get_template(Some(who), id).await?;
        Ok(Download {
            file_name: file_name(&row.name),
            json: file(&row)?,
        })
    }
}

/// The file of a version: a request to import it, without what is not of it.
pub(super) fn file(row: &template::Model) -> Result<Vec<u8>, Error> {
    let request = ImportCustomTemplateRequest {
        format: FORMAT.to_owned(),
        format_version: 1,
        template: Some(as_draft(row)?),
        request_id: String::new(),
    };
    let corrupt = |error: serde_json::Error| Error::Corrupt(error.to_string());
    let mut json = serde_json::to_value(&request).map_err(corrupt)?;
    if let Some(fields) = json.as_object_mut() {
        fields.remove("requestId");
    }
    serde_json::to_vec_pretty(&json).map_err(corrupt)
}

/// A file name that every system takes: ASCII letters and digits of the
/// template's name.
fn file_name(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().take(60) {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { "template" } else { slug };
    format!("{slug}.covergen.json")
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_name_is_plain() {
        assert_eq!(
            file_name("House style / 2026!"),
            "house-style-2026.covergen.json"
        );
        assert_eq!(file_name("物語"), "template.covergen.json");
        assert_eq!(file_name("a\"; rm -rf"), "a-rm-rf.covergen.json");
    }
}
