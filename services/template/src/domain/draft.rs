//! What a custom template may be, and how one is changed.

use covergen_proto::template::v1::{PhotoStyle, TemplateDesign, TemplateDraft};
use covergen_proto::wkt::FieldMask;
use covergen_render::{Catalog, Category, Error, PhotoTreatment, TemplateDocument};

use super::Violations;

/// Most characters of a name.
const MAX_NAME_CHARS: usize = 80;

/// A custom template that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Custom {
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) description: String,
    /// None where it follows from the base.
    pub(crate) prompt: Option<String>,
    pub(crate) document: TemplateDocument,
}

/// One field that a mask may name.
pub(crate) struct Field<T: 'static> {
    pub(crate) path: &'static str,
    pub(crate) is_present: fn(&T) -> bool,
    pub(crate) copy: fn(&mut T, &T),
}

/// Takes the fields that the mask names, or without one those that are
/// present, from `new`. Answers the paths taken as well.
pub(crate) fn changed<T>(
    fields: &'static [Field<T>],
    mut current: T,
    new: &T,
    mask: Option<&FieldMask>,
) -> Result<(T, Vec<&'static str>), Violations> {
    let mut taken = Vec::new();
    let mut unknown = Vec::new();
    let Some(mask) = mask else {
        for field in fields.iter().filter(|field| (field.is_present)(new)) {
            (field.copy)(&mut current, new);
            taken.push(field.path);
        }
        return Ok((current, taken));
    };
    for path in &mask.paths {
        // A path names a field or everything below it; `*` names everything.
        let below = |field: &&Field<T>| {
            path == "*"
                || field.path == path
                || field
                    .path
                    .strip_prefix(path.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
        };
        let mut is_known = false;
        for field in fields.iter().filter(below) {
            (field.copy)(&mut current, new);
            taken.push(field.path);
            is_known = true;
        }
        if !is_known {
            let problem = format!("`{path}` is not a field that can be changed");
            unknown.push(("updateMask".to_owned(), problem));
        }
    }
    if unknown.is_empty() {
        Ok((current, taken))
    } else {
        Err(unknown)
    }
}

/// A field of the draft itself.
macro_rules! text {
    ($name:ident) => {
        Field {
            path: stringify!($name),
            is_present: |draft: &TemplateDraft| !draft.$name.is_empty(),
            copy: |to: &mut TemplateDraft, from: &TemplateDraft| {
                to.$name.clone_from(&from.$name);
            },
        }
    };
}

/// A field of its design.
macro_rules! design {
    ($path:literal, $name:ident, $is_present:expr) => {
        Field {
            path: $path,
            is_present: |draft: &TemplateDraft| draft.design.as_ref().is_some_and($is_present),
            copy: |to: &mut TemplateDraft, from: &TemplateDraft| {
                let from = from.design.as_ref();
                let value = from.map(|design| design.$name.clone()).unwrap_or_default();
                to.design.get_or_insert_default().$name = value;
            },
        }
    };
}

const FIELDS: &[Field<TemplateDraft>] = &[
    text!(name),
    text!(category),
    text!(description),
    text!(prompt_template),
    design!("design.base", base, |d| !d.base.is_empty()),
    design!("design.base_version", base_version, |d| d.base_version != 0),
    design!("design.background", background, |d| !d
        .background
        .is_empty()),
    design!("design.colors", colors, |d| !d.colors.is_empty()),
    design!("design.font", font, |d| !d.font.is_empty()),
    design!("design.letter_case", letter_case, |d| !d
        .letter_case
        .is_empty()),
    design!("design.align", align, |d| !d.align.is_empty()),
    design!("design.photo", photo, |d| d.photo.is_some()),
    design!("design.kicker", kicker, |d| !d.kicker.is_empty()),
];

/// A draft with what the mask names, or what is present, taken from `new`.
pub(crate) fn merged(
    current: TemplateDraft,
    new: &TemplateDraft,
    mask: Option<&FieldMask>,
) -> Result<TemplateDraft, Violations> {
    let old_base = current.design.as_ref().map(|design| design.base.clone());
    let (mut draft, taken) = changed(FIELDS, current, new, mask)?;
    if let Some(design) = &mut draft.design
        && old_base.is_some_and(|old| old != design.base)
        && !taken.contains(&"design.base_version")
    {
        // The old number counts versions of another template.
        design.base_version = 0;
    }
    Ok(draft)
}

/// Checks everything and tidies what can be tidied. Fields are named as a
/// draft has them.
pub(crate) fn check(draft: &TemplateDraft) -> Result<Custom, Violations> {
    let mut faults = Vec::new();
    let name = check_name(&draft.name, &mut faults);
    for (field, text) in [
        ("description", &draft.description),
        ("promptTemplate", &draft.prompt_template),
    ] {
        if text.chars().any(char::is_control) {
            faults.push((field.to_owned(), "must be one line of text".to_owned()));
        }
    }
    let is_shelf = |slug: &str| Category::ALL.iter().any(|known| known.slug() == slug);
    if !draft.category.is_empty() && !is_shelf(&draft.category) {
        let known = Category::ALL.map(Category::slug).join(", ");
        faults.push(("category".to_owned(), format!("must be one of {known}")));
    }
    let empty = TemplateDesign::default();
    let document = document(draft.design.as_ref().unwrap_or(&empty));
    let document = document.map_err(|found| faults.extend(found)).ok();
    let Some(document) = document.filter(|_| faults.is_empty()) else {
        return Err(faults);
    };
    let base = document.template().map(|base| base.category.slug());
    let category = match draft.category.as_str() {
        "" => base.unwrap_or_default(),
        named => named,
    };
    let prompt = draft.prompt_template.trim();
    Ok(Custom {
        name,
        category: category.to_owned(),
        description: draft.description.trim().to_owned(),
        prompt: Some(prompt.to_owned()).filter(|prompt| !prompt.is_empty()),
        document,
    })
}

/// A name: something visible, on one line.
pub(crate) fn check_name(given: &str, faults: &mut Violations) -> String {
    let name = given.trim();
    let problem = if name.is_empty() {
        "must hold more than spaces"
    } else if name.chars().any(char::is_control) {
        "must be one line of text"
    } else if name.chars().count() > MAX_NAME_CHARS {
        "must have at most 80 characters"
    } else {
        return name.to_owned();
    };
    faults.push(("name".to_owned(), problem.to_owned()));
    name.to_owned()
}

/// The renderer's document of a design, or every key at fault.
pub(crate) fn document(design: &TemplateDesign) -> Result<TemplateDocument, Violations> {
    let version = u32::try_from(design.base_version).ok().filter(|v| *v > 0);
    let base = Catalog::builtin()
        .get(&design.base, None)
        .and_then(|newest| {
            let wanted = version.unwrap_or(newest.version);
            Catalog::builtin().get(&design.base, Some(wanted))
        });
    let base = match base {
        Ok(base) => base,
        Err(_) if design.base.is_empty() => {
            let problem = "name the built-in template it is based on".to_owned();
            return Err(vec![("design.base".to_owned(), problem)]);
        }
        Err(error) => return Err(vec![("design.base".to_owned(), error.to_string())]),
    };
    let plain = TemplateDocument::of(base);
    let mut faults = Vec::new();
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let treatment = design.photo.as_ref().and_then(|photo| {
        treatment(&photo.treatment)
            .map_err(|problem| faults.push(("design.photo.treatment".to_owned(), problem)))
            .ok()
    });
    let parts = [
        TemplateDocument {
            background: given(&design.background),
            ..plain.clone()
        },
        TemplateDocument {
            colors: Some(design.colors.clone()).filter(|colors| !colors.is_empty()),
            ..plain.clone()
        },
        TemplateDocument {
            font: given(&design.font),
            ..plain.clone()
        },
        TemplateDocument {
            letter_case: given(&design.letter_case),
            ..plain.clone()
        },
        TemplateDocument {
            align: given(&design.align),
            ..plain.clone()
        },
        TemplateDocument {
            kicker: given(&design.kicker),
            ..plain.clone()
        },
    ];
    // The renderer tells the first fault it finds: asked about one key at a
    // time, it tells all of them.
    for part in &parts {
        if let Err(error) = part.validate() {
            faults.push(fault("design", &error));
        }
    }
    let [background, colors, font, case, align, kicker] = parts;
    let whole = TemplateDocument {
        background: background.background,
        colors: colors.colors,
        font: font.font,
        letter_case: case.letter_case,
        align: align.align,
        photo: treatment.map(|treatment| covergen_render::PhotoStyle { treatment }),
        kicker: kicker.kicker,
        ..plain
    };
    if faults.is_empty()
        && let Err(error) = whole.validate()
    {
        faults.push(fault("design", &error));
    }
    if faults.is_empty() {
        Ok(whole)
    } else {
        Err(faults)
    }
}

/// What the renderer says against a document, as a violation of a field below
/// `path`.
pub(crate) fn fault(path: &str, error: &Error) -> (String, String) {
    match error {
        Error::BadDocument { key, reason } if *key != "document" => {
            (format!("{path}.{key}"), reason.clone())
        }
        Error::BadDocument { reason, .. } => (path.to_owned(), reason.clone()),
        other => (path.to_owned(), other.to_string()),
    }
}

/// A document as a person edits it.
pub(crate) fn design(document: &TemplateDocument) -> TemplateDesign {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    TemplateDesign {
        base: document.base.clone(),
        base_version: i32::try_from(document.base_version).unwrap_or(i32::MAX),
        background: text(&document.background),
        colors: document.colors.clone().unwrap_or_default(),
        font: text(&document.font),
        letter_case: text(&document.letter_case),
        align: text(&document.align),
        photo: document.photo.map(|photo| PhotoStyle {
            treatment: treatment_name(photo.treatment).to_owned(),
        }),
        kicker: text(&document.kicker),
    }
}

/// The treatments of photos, with names for people.
pub(crate) const TREATMENTS: [(&str, &str); 2] = [("natural", "Natural"), ("duotone", "Duotone")];

fn treatment(name: &str) -> Result<PhotoTreatment, String> {
    match name {
        "" | "natural" => Ok(PhotoTreatment::Natural),
        "duotone" => Ok(PhotoTreatment::Duotone),
        _ => Err("must be natural or duotone".to_owned()),
    }
}

fn treatment_name(treatment: PhotoTreatment) -> &'static str {
    match treatment {
        PhotoTreatment::Natural => "natural",
        PhotoTreatment::Duotone => "duotone",
    }
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
