use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::Clock;
use crate::kind::{Kind, Workspace};

/// A typed id: prints as `<prefix>_<32 hex digits>`.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

/// A text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not an id of the form {prefix}_…")]
pub struct ParseIdError {
    given: String,
    prefix: &'static str,
}

/// The text that stands for the workspace of rows that belong to nobody.
const SYSTEM_WORKSPACE: &str = "wks_system";

impl<K: Kind> Id<K> {
    /// Makes a new id whose time part is the clock's now.
    #[must_use]
    pub fn new(clock: &Clock) -> Self {
        Self::from_uuid(clock.uuid_v7())
    }

    /// Wraps a UUID that is known to be of this kind.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self {
            uuid,
            kind: PhantomData,
        }
    }

    /// The UUID without its kind.
    #[must_use]
    pub const fn uuid(&self) -> Uuid {
        self.uuid
    }

    /// An id that a given namespace and name always yield, for work that must
    /// mint the same id when it is repeated.
    #[must_use]
    pub fn derived(seed: &Uuid, index: u32) -> Self {
        // The time part stays, so derived ids still sort by their parent; the
        // index goes into the random tail, spread by an odd multiplier so that
        // neighbours differ in many bits and a zero index does not map to the
        // parent itself.
        let mixed = (u128::from(index) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        let tail = (seed.as_u128() ^ mixed) & 0x3FFF_FFFF_FFFF_FFFF;
        let head = seed.as_u128() & !0x3FFF_FFFF_FFFF_FFFF;
        Self::from_uuid(Uuid::from_u128(head | tail))
    }
}

impl Id<Workspace> {
    /// The workspace of rows that belong to nobody, such as built-in templates.
    pub const SYSTEM: Self = Self::from_uuid(Uuid::nil());
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.uuid.is_nil() && K::PREFIX == Workspace::PREFIX {
            return f.write_str(SYSTEM_WORKSPACE);
        }
        write!(f, "{}_{}", K::PREFIX, self.uuid.simple())
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == SYSTEM_WORKSPACE && K::PREFIX == Workspace::PREFIX {
            return Ok(Self::from_uuid(Uuid::nil()));
        }
        let refuse = || ParseIdError {
            // An id is short; a long text is not worth repeating to anybody.
            given: text.chars().take(48).collect(),
            prefix: K::PREFIX,
        };
        let hex = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or_else(refuse)?;
        // One spelling per id: upper case, dashes and braces are refused, so
        // that equal ids are equal as text in every store.
        let canonical = hex.len() == 32
            && hex
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if !canonical {
            return Err(refuse());
        }
        let uuid = Uuid::try_parse(hex).map_err(|_| refuse())?;
        if uuid.is_nil() {
            return Err(refuse());
        }
        Ok(Self::from_uuid(uuid))
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

// Written by hand because a derive would ask the marker type for the same.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Clock, CoverId, UserId, WorkspaceId};

    #[test]
    fn an_id_prints_its_prefix_and_parses_back() {
        let id = CoverId::new(&Clock::system());
        let text = id.to_string();
        assert!(text.starts_with("cov_") && text.len() == 36, "{text}");
        assert_eq!(text.parse::<CoverId>(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_does_not_parse() {
        let text = UserId::new(&Clock::system()).to_string();
        assert!(text.parse::<CoverId>().is_err());
    }

    #[test]
    fn only_the_canonical_spelling_parses() {
        let hex = "0192f3a4b5c67d8e9fa0b1c2d3e4f506";
        assert!(format!("cov_{hex}").parse::<CoverId>().is_ok());
        for bad in [
            hex.to_owned(),
            format!("cov_{}", hex.to_uppercase()),
            format!("cov_{hex}0"),
            "cov_00000000000000000000000000000000".to_owned(),
            "cov_".to_owned(),
            format!("cov_{{{}}}", &hex[2..]),
        ] {
            assert!(bad.parse::<CoverId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_system_workspace_has_a_name_of_its_own() {
        assert_eq!(WorkspaceId::SYSTEM.to_string(), "wks_system");
        assert_eq!("wks_system".parse::<WorkspaceId>(), Ok(WorkspaceId::SYSTEM));
        assert!("usr_system".parse::<UserId>().is_err());
    }

    #[test]
    fn ids_made_later_sort_later() {
        let clock = Clock::manual(1_700_000_000_000);
        let first = CoverId::new(&clock.clock());
        clock.advance_ms(1);
        assert!(first < CoverId::new(&clock.clock()));
    }

    #[test]
    fn a_derived_id_is_stable_and_unlike_its_neighbours() {
        let parent = CoverId::new(&Clock::system()).uuid();
        let first = CoverId::derived(&parent, 0);
        assert_eq!(first, CoverId::derived(&parent, 0));
        assert_ne!(first, CoverId::derived(&parent, 1));
        assert_ne!(first.uuid(), parent);
    }
}
