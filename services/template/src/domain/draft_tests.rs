use covergen_proto::template::v1::{PhotoStyle, TemplateDesign, TemplateDraft};
use covergen_proto::wkt::FieldMask;

use super::{check, design, document, merged};

fn draft() -> TemplateDraft {
    TemplateDraft {
        name: "House style".to_owned(),
        description: "For the blog".to_owned(),
        design: Some(TemplateDesign {
            base: "aurora".to_owned(),
            colors: vec!["#101020".to_owned(), "#ff5533".to_owned()],
            photo: Some(PhotoStyle {
                treatment: "duotone".to_owned(),
            }),
            ..TemplateDesign::default()
        }),
        ..TemplateDraft::default()
    }
}

fn mask(paths: &[&str]) -> FieldMask {
    FieldMask {
        paths: paths.iter().map(|&path| path.to_owned()).collect(),
    }
}

#[test]
fn a_design_comes_back_from_its_document_with_the_base_pinned() {
    let custom = check(&draft()).unwrap();
    let back = design(&custom.document);
    assert!(back.base_version > 0);
    assert_eq!(document(&back).unwrap(), custom.document);
    assert_eq!(custom.category, "technology");
}

#[test]
fn every_fault_of_a_design_is_told_at_once() {
    let bad = TemplateDesign {
        base: "aurora".to_owned(),
        background: "wallpaper".to_owned(),
        colors: vec!["#101020".to_owned()],
        font: "comic".to_owned(),
        letter_case: "lower".to_owned(),
        align: "left".to_owned(),
        photo: Some(PhotoStyle {
            treatment: "sepia".to_owned(),
        }),
        kicker: "k".repeat(41),
        ..TemplateDesign::default()
    };
    let fields: Vec<String> = document(&bad)
        .unwrap_err()
        .into_iter()
        .map(|f| f.0)
        .collect();
    assert_eq!(
        fields,
        [
            "design.photo.treatment",
            "design.background",
            "design.colors",
            "design.font",
            "design.letterCase",
            "design.align",
            "design.kicker"
        ]
    );
    for base in ["", "no-such"] {
        let bad = TemplateDesign {
            base: base.to_owned(),
            ..TemplateDesign::default()
        };
        assert_eq!(document(&bad).unwrap_err()[0].0, "design.base");
    }
}

#[test]
fn a_mask_changes_what_it_names_and_can_clear_it() {
    let new = TemplateDraft {
        name: "Other".to_owned(),
        description: "ignored".to_owned(),
        ..TemplateDraft::default()
    };
    let after = merged(draft(), &new, Some(&mask(&["name", "design.colors"]))).unwrap();
    assert_eq!(after.name, "Other");
    assert_eq!(after.description, "For the blog");
    let design = after.design.unwrap();
    assert!(design.colors.is_empty());
    assert!(design.photo.is_some());

    let all = merged(draft(), &draft(), Some(&mask(&["design"]))).unwrap();
    assert_eq!(all, draft());
    let faults = merged(draft(), &new, Some(&mask(&["id", "design.version"]))).unwrap_err();
    assert_eq!(faults.len(), 2);
}

#[test]
fn without_a_mask_what_is_present_is_changed() {
    let new = TemplateDraft {
        design: Some(TemplateDesign {
            font: "anton".to_owned(),
            ..TemplateDesign::default()
        }),
        ..TemplateDraft::default()
    };
    let after = merged(draft(), &new, None).unwrap();
    assert_eq!(after.name, "House style");
    let design = after.design.unwrap();
    assert_eq!((design.font.as_str(), design.colors.len()), ("anton", 2));
}

#[test]
fn another_base_is_taken_in_its_newest_version() {
    let mut current = draft();
    current.design.as_mut().unwrap().base_version = 1;
    let new = TemplateDraft {
        design: Some(TemplateDesign {
            base: "swiss".to_owned(),
            ..TemplateDesign::default()
        }),
        ..TemplateDraft::default()
    };
    let after = merged(current, &new, None).unwrap().design.unwrap();
    assert_eq!((after.base.as_str(), after.base_version), ("swiss", 0));
}
