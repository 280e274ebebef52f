//! Why a piece of work was stopped, in sentences that a person understands:
//! points (b), (d) and (e) of Article 17(3) of the Digital Services Act
//! (Regulation (EU) 2022/2065).

/// What was stopped, and by what.
pub(crate) struct Stopped<'a> {
    pub(crate) subject: &'a str,
    pub(crate) rule_id: &'a str,
    pub(crate) rule_version: i32,
    /// What the rule forbids, in a sentence.
    pub(crate) description: &'a str,
    pub(crate) region: &'a str,
    /// From 0.
    pub(crate) part_index: i32,
    /// Code points of the text.
    pub(crate) start: i32,
    pub(crate) end: i32,
    pub(crate) is_image: bool,
    /// A law forbids it, rather than the terms.
    pub(crate) is_law: bool,
    /// Clause of either; may be empty.
    pub(crate) ground_reference: &'a str,
    /// An appeal showed that it was wrong.
    pub(crate) is_overturned: bool,
}

/// The facts and circumstances relied on.
pub(crate) fn facts(stopped: &Stopped<'_>) -> String {
    let part = stopped.part_index + 1;
    let found = if stopped.is_image {
        format!(
            "Picture {part} looks like the blocked picture {}: {}",
            stopped.rule_id, stopped.description
        )
    } else {
        format!(
            "Characters {} to {} of text {part} read as a phrase that rule {}, version {}, forbids: {}",
            stopped.start + 1,
            stopped.end,
            stopped.rule_id,
            stopped.rule_version,
            stopped.description
        )
    };
    let outcome = if stopped.is_overturned {
        " An appeal showed that this was wrong; the same work passes now."
    } else {
        ""
    };
    format!(
        "{} was checked before anything was made of it. {found}{outcome}",
        stopped.subject
    )
}

/// Why that offends against the law or the terms.
pub(crate) fn explanation(stopped: &Stopped<'_>) -> String {
    let place = match stopped.region {
        super::EVERYWHERE => String::new(),
        region => format!(" in {region}"),
    };
    let clause = match stopped.ground_reference {
        "" => String::new(),
        clause => format!(" ({clause})"),
    };
    if stopped.is_law {
        format!("The law{place}{clause} forbids it. {}", stopped.description)
    } else {
        format!(
            "The terms of service{clause} do not allow it{place}. {}",
            stopped.description
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Stopped, explanation, facts};

    fn stopped() -> Stopped<'static> {
        Stopped {
            subject: "tsk_1",
            rule_id: "tea-en",
            rule_version: 3,
            description: "Offering tea.",
            region: "*",
            part_index: 0,
            start: 4,
            end: 11,
            is_image: false,
            is_law: false,
            ground_reference: "",
            is_overturned: false,
        }
    }

    #[test]
    fn a_statement_names_the_place_and_the_rule() {
        assert_eq!(
            facts(&stopped()),
            "tsk_1 was checked before anything was made of it. Characters 5 to 11 of text 1 \
             read as a phrase that rule tea-en, version 3, forbids: Offering tea."
        );
        assert_eq!(
            explanation(&stopped()),
            "The terms of service do not allow it. Offering tea."
        );
    }

    #[test]
    fn a_law_is_named_with_its_place_and_clause() {
        let by_law = Stopped {
            is_law: true,
            region: "DE",
            ground_reference: "TeeG § 1",
            is_overturned: true,
            ..stopped()
        };
        assert_eq!(
            explanation(&by_law),
            "The law in DE (TeeG § 1) forbids it. Offering tea."
        );
        assert!(facts(&by_law).ends_with("the same work passes now."));
    }
}
