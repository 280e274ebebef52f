use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use metrics::{Key, Label};

/// The handles of one kind of metric, found by name and labels. Past `limit`
/// series of one name, further label sets share one.
pub(super) struct Series<H> {
    limit: usize,
    known: RwLock<Known<H>>,
}

struct Known<H> {
    handles: HashMap<Key, H>,
    counts: HashMap<String, usize>,
}

impl<H: Clone> Series<H> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            known: RwLock::new(Known {
                handles: HashMap::new(),
                counts: HashMap::new(),
            }),
        }
    }

    /// The handle of `key`, made where it is new.
    pub(super) fn get(&self, key: &Key, make: impl Fn(&Key) -> H) -> H {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = known.handles.get(key) {
            return handle.clone();
        }
        let is_full = known
            .counts
            .get(key.name())
            .is_some_and(|count| *count >= self.limit);
        if is_full && let Some(handle) = known.handles.get(&overflow(key)) {
            return handle.clone();
        }
        drop(known);
        let (handle, overflows) = self.insert(key, make);
        if overflows {
            // Once per name, and after the lock is gone.
            tracing::warn!(
                metric = key.name(),
                limit = self.limit,
                "a metric has too many label sets; new ones are counted together"
            );
        }
        handle
    }

    fn insert(&self, key: &Key, make: impl Fn(&Key) -> H) -> (H, bool) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = known.handles.get(key) {
            return (handle.clone(), false);
        }
        let count = known.counts.entry(key.name().to_owned()).or_default();
        let overflows = *count >= self.limit;
        let key = if overflows {
            overflow(key)
        } else {
            *count += 1;
            key.clone()
        };
        let is_new = !known.handles.contains_key(&key);
        let handle = known
            .handles
            .entry(key)
            .or_insert_with_key(|key| make(key))
            .clone();
        (handle, overflows && is_new)
    }
}

/// What label sets past the limit are counted under.
fn overflow(key: &Key) -> Key {
    Key::from_parts(
        key.name().to_owned(),
        vec![Label::from_static_parts("overflow", "true")],
    )
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn key(name: &'static str, label: u32) -> Key {
        Key::from_parts(name, vec![Label::new("label", label.to_string())])
    }

    #[test]
    fn a_series_is_made_once() {
        let series = Series::new(10);
        let made = Cell::new(0);
        for _ in 0..3 {
            series.get(&key("a", 1), |_| made.set(made.get() + 1));
        }
        assert_eq!(made.get(), 1);
    }

    #[test]
    fn past_the_limit_label_sets_share_a_series_of_their_name_only() {
        let series = Series::new(2);
        let get = |name, label| series.get(&key(name, label), ToString::to_string);
        assert_ne!(get("a", 1), get("a", 2));
        assert_eq!(get("a", 3), get("a", 4));
        assert!(get("a", 3).contains("overflow"));
        assert!(get("a", 1).contains("label"), "known ones stay");
        assert!(get("b", 3).contains("label"), "other names have room");
    }
}
