//! What a brand kit may be.

use covergen_ids::AssetId;
use covergen_proto::template::v1::BrandKitDraft;
use covergen_proto::wkt::FieldMask;
use covergen_render::{Color, Typeface};

use super::Violations;
use super::draft::{Field, changed, check_name};
use super::slots::COLORS;

/// A brand kit that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brand {
    pub(crate) name: String,
    pub(crate) colors: Vec<String>,
    pub(crate) heading_font: String,
    pub(crate) logo: Option<AssetId>,
}

const FIELDS: &[Field<BrandKitDraft>] = &[
    Field {
        path: "name",
        is_present: |draft| !draft.name.is_empty(),
        copy: |to, from| to.name.clone_from(&from.name),
    },
    Field {
        path: "colors",
        is_present: |draft| !draft.colors.is_empty(),
        copy: |to, from| to.colors.clone_from(&from.colors),
    },
    Field {
        path: "heading_font",
        is_present: |draft| !draft.heading_font.is_empty(),
        copy: |to, from| to.heading_font.clone_from(&from.heading_font),
    },
    Field {
        path: "logo_asset_id",
        is_present: |draft| !draft.logo_asset_id.is_empty(),
        copy: |to, from| to.logo_asset_id.clone_from(&from.logo_asset_id),
    },
];

/// A brand kit with what the mask names, or what is present, taken from `new`.
pub(crate) fn merged(
    current: BrandKitDraft,
    new: &BrandKitDraft,
    mask: Option<&FieldMask>,
) -> Result<BrandKitDraft, Violations> {
    changed(FIELDS, current, new, mask).map(|(draft, _)| draft)
}

/// Checks everything and tidies what can be tidied.
pub(crate) fn check(draft: &BrandKitDraft) -> Result<Brand, Violations> {
    let mut faults = Vec::new();
    let name = check_name(&draft.name, &mut faults);
    let colors = check_colors(&draft.colors, &mut faults);
    if !draft.heading_font.is_empty()
        && let Err(error) = Typeface::parse(&draft.heading_font)
    {
        faults.push(("headingFont".to_owned(), error.to_string()));
    }
    let logo = match draft.logo_asset_id.as_str() {
        "" => None,
        id => id
            .parse()
            .map_err(|error: covergen_ids::ParseIdError| {
                faults.push(("logoAssetId".to_owned(), error.to_string()));
            })
            .ok(),
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Brand {
        name,
        colors,
        heading_font: draft.heading_font.clone(),
        logo,
    })
}

fn check_colors(colors: &[String], faults: &mut Violations) -> Vec<String> {
    let (fewest, most) = COLORS;
    let count = i32::try_from(colors.len()).unwrap_or(i32::MAX);
    if !(fewest..=most).contains(&count) {
        let problem = format!("must be {fewest} to {most} colours, background first");
        faults.push(("colors".to_owned(), problem));
    }
    let mut read = Vec::new();
    for (index, text) in colors.iter().enumerate() {
        match text.parse::<Color>() {
            Ok(color) if color.a == 255 => read.push(color.to_string()),
            Ok(_) => faults.push((format!("colors[{index}]"), "must be opaque".to_owned())),
            Err(error) => faults.push((format!("colors[{index}]"), error.to_string())),
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use covergen_proto::template::v1::BrandKitDraft;

    use super::check;

    fn draft() -> BrandKitDraft {
        BrandKitDraft {
            name: " Acme ".to_owned(),
            colors: vec!["#101020".to_owned(), "#FF5533".to_owned()],
            heading_font: "anton".to_owned(),
            logo_asset_id: String::new(),
        }
    }

    #[test]
    fn a_brand_kit_is_tidied() {
        let brand = check(&draft()).unwrap();
        assert_eq!(brand.name, "Acme");
        assert_eq!(brand.colors, ["#101020", "#ff5533"]);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let bad = BrandKitDraft {
            name: "  ".to_owned(),
            colors: vec!["red".to_owned()],
            heading_font: "comic".to_owned(),
            logo_asset_id: "usr_1".to_owned(),
        };
        let fields: Vec<String> = check(&bad).unwrap_err().into_iter().map(|f| f.0).collect();
        assert_eq!(
            fields,
            ["name", "colors", "colors[0]", "headingFont", "logoAssetId"]
        );
    }
}
