//! What a person says of a webhook.

use covergen_proto::notification::v1::WebhookDraft;
use covergen_proto::wkt::FieldMask;

use super::{Violations, target};

/// A webhook that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) url: String,
    pub(crate) event_types: Vec<String>,
    pub(crate) description: String,
    pub(crate) enabled: bool,
}

const FIELDS: [&str; 4] = ["url", "event_types", "description", "enabled"];

/// Checks what the contract cannot, and tidies what can be tidied.
pub(crate) fn check(draft: WebhookDraft, allow_loopback: bool) -> Result<Wanted, Violations> {
    let url = target::parse(draft.url.trim(), allow_loopback)
        .map_err(|problem| vec![("url".to_owned(), problem)])?;
    Ok(Wanted {
        url: url.into(),
        event_types: draft.event_types,
        description: draft.description.trim().to_owned(),
        enabled: draft.enabled.unwrap_or(true),
    })
}

/// `current` with what the mask names, or without one what is present, taken
/// from `new`; checked.
pub(crate) fn merged(
    current: Wanted,
    new: WebhookDraft,
    mask: Option<&FieldMask>,
    allow_loopback: bool,
) -> Result<Wanted, Violations> {
    let present = [
        !new.url.is_empty(),
        !new.event_types.is_empty(),
        !new.description.is_empty(),
        new.enabled.is_some(),
    ];
    let named = |field: &str| match mask {
        Some(mask) => mask.paths.iter().any(|path| path == field || path == "*"),
        None => FIELDS
            .iter()
            .zip(present)
            .any(|(known, is_present)| is_present && *known == field),
    };
    let unknown = mask.into_iter().flat_map(|mask| &mask.paths);
    let unknown: Violations = unknown
        .filter(|path| *path != "*" && !FIELDS.contains(&path.as_str()))
        .map(|path| {
            let problem = format!("`{path}` is not a field that can be changed");
            ("updateMask".to_owned(), problem)
        })
        .collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let draft = WebhookDraft {
        url: if named("url") { new.url } else { current.url },
        event_types: if named("event_types") {
            new.event_types
        } else {
            current.event_types
        },
        description: if named("description") {
            new.description
        } else {
            current.description
        },
        enabled: if named("enabled") {
            new.enabled
        } else {
            Some(current.enabled)
        },
    };
    check(draft, allow_loopback)
}

#[cfg(test)]
mod tests {
    use covergen_proto::notification::v1::WebhookDraft;
    use covergen_proto::wkt::FieldMask;

    use super::{Wanted, check, merged};

    fn draft() -> WebhookDraft {
        WebhookDraft {
            url: " https://example.com/hook ".to_owned(),
            event_types: vec!["export.ready".to_owned()],
            description: " the shop ".to_owned(),
            enabled: None,
        }
    }

    fn changed(new: &WebhookDraft, paths: Option<&[&str]>) -> Result<Wanted, Vec<String>> {
        let current = check(draft(), false).unwrap();
        let mask = paths.map(|paths| FieldMask {
            paths: paths.iter().map(ToString::to_string).collect(),
        });
        let fields = |faults: super::Violations| faults.into_iter().map(|(field, _)| field);
        merged(current, new.clone(), mask.as_ref(), false)
            .map_err(|faults| fields(faults).collect())
    }

    #[test]
    fn a_new_webhook_is_tidied_and_enabled() {
        let made = check(draft(), false).unwrap();
        assert_eq!(made.url, "https://example.com/hook");
        assert_eq!(made.description, "the shop");
        assert!(made.enabled);
        assert!(check(WebhookDraft::default(), false).is_err());
    }

    #[test]
    fn a_mask_names_what_changes_and_without_one_what_is_present_does() {
        let new = WebhookDraft {
            enabled: Some(false),
            ..WebhookDraft::default()
        };
        let before = check(draft(), false).unwrap();
        let paused = changed(&new, None).unwrap();
        assert_eq!(
            paused,
            Wanted {
                enabled: false,
                ..before.clone()
            }
        );
        let emptied = changed(&new, Some(&["event_types", "description"])).unwrap();
        assert_eq!(
            emptied,
            Wanted {
                event_types: Vec::new(),
                description: String::new(),
                ..before
            }
        );
        assert_eq!(
            changed(&new, Some(&["secret"])),
            Err(vec!["updateMask".to_owned()])
        );
        assert_eq!(changed(&new, Some(&["url"])), Err(vec!["url".to_owned()]));
        assert_eq!(changed(&new, Some(&["*"])), Err(vec!["url".to_owned()]));
    }
}
