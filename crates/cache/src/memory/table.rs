use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;

use super::sliding::Sliding;

/// What an entry takes beside its key and value: two map slots and the key's
/// second copy, roughly.
const ENTRY_BYTES: usize = 160;

/// What stands under a key.
#[derive(Debug)]
pub(super) enum Stored {
    Value(Bytes),
    Counter(i64),
    Sliding(Box<Sliding>),
}

impl Stored {
    fn bytes(&self) -> usize {
        match self {
            Self::Value(value) => value.len(),
            Self::Counter(_) => 8,
            Self::Sliding(sliding) => sliding.bytes(),
        }
    }
}

#[derive(Debug)]
struct Entry {
    stored: Stored,
    until_ms: u64,
    /// Position in the order of use.
    used: u64,
    bytes: usize,
}

/// A map that forgets what was not used for longest once it is full.
#[derive(Debug)]
pub(super) struct Table {
    entries: HashMap<String, Entry>,
    /// Keys in the order of their last use.
    order: BTreeMap<u64, String>,
    tick: u64,
    bytes: usize,
    max_bytes: usize,
    max_entries: usize,
}

impl Table {
    pub(super) fn new(max_bytes: usize, max_entries: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: BTreeMap::new(),
            tick: 0,
            bytes: 0,
            max_bytes,
            max_entries,
        }
    }

    /// What stands under a key and is still alive; that counts as a use.
    pub(super) fn get(&mut self, key: &str, now_ms: u64) -> Option<&Stored> {
        let until_ms = self.entries.get(key)?.until_ms;
        if until_ms <= now_ms {
            self.remove(key);
            return None;
        }
        self.touch(key, until_ms).map(|stored| &*stored)
    }

    /// Marks an entry as used and sets its end.
    pub(super) fn touch(&mut self, key: &str, until_ms: u64) -> Option<&mut Stored> {
        let entry = self.entries.get_mut(key)?;
        if let Some(name) = self.order.remove(&entry.used) {
            self.tick += 1;
            entry.used = self.tick;
            self.order.insert(self.tick, name);
        }
        entry.until_ms = until_ms;
        Some(&mut entry.stored)
    }

    /// Stores something, making room first. What is larger than the whole
    /// table is not stored.
    pub(super) fn put(&mut self, key: &str, stored: Stored, until_ms: u64, now_ms: u64) {
        self.remove(key);
        let bytes = ENTRY_BYTES + 2 * key.len() + stored.bytes();
        if bytes > self.max_bytes || self.max_entries == 0 {
            return;
        }
        self.make_room(bytes, now_ms);
        self.tick += 1;
        self.bytes += bytes;
        self.order.insert(self.tick, key.to_owned());
        let entry = Entry {
            stored,
            until_ms,
            used: self.tick,
            bytes,
        };
        self.entries.insert(key.to_owned(), entry);
    }

    /// Replaces what stands under a key and keeps its end. The size must not
    /// grow, which holds for counters.
    pub(super) fn replace(&mut self, key: &str, stored: Stored) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.stored = stored;
        }
    }

    pub(super) fn remove(&mut self, key: &str) {
        if let Some(entry) = self.entries.remove(key) {
            self.order.remove(&entry.used);
            self.bytes -= entry.bytes;
        }
    }

    fn make_room(&mut self, bytes: usize, now_ms: u64) {
        let fits = |table: &Self| {
            table.bytes + bytes <= table.max_bytes && table.entries.len() < table.max_entries
        };
        if fits(self) {
            return;
        }
        // Dead entries first, but not a walk over everything each time.
        let dead: Vec<String> = self
            .order
            .values()
            .take(32)
            .filter(|key| self.entries.get(*key).is_some_and(|e| e.until_ms <= now_ms))
            .cloned()
            .collect();
        for key in dead {
            self.remove(&key);
        }
        while !fits(self) {
            let Some((_, oldest)) = self.order.pop_first() else {
                return;
            };
            if let Some(entry) = self.entries.remove(&oldest) {
                self.bytes -= entry.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(bytes: usize) -> Stored {
        Stored::Value(Bytes::from(vec![0; bytes]))
    }

    fn has(table: &mut Table, key: &str) -> bool {
        table.get(key, 0).is_some()
    }

    #[test]
    fn the_least_recently_used_goes_when_entries_run_out() {
        let mut table = Table::new(1_000_000, 2);
        table.put("a", value(1), 10, 0);
        table.put("b", value(1), 10, 0);
        assert!(has(&mut table, "a"));
        table.put("c", value(1), 10, 0);
        assert!(has(&mut table, "a") && has(&mut table, "c"));
        assert!(!has(&mut table, "b"));
    }

    #[test]
    fn bytes_stay_below_the_bound_and_are_given_back() {
        let mut table = Table::new(10_000, 1_000);
        for n in 0..500 {
            table.put(&format!("k{n}"), value(n % 3_000), 10, 0);
            assert!(table.bytes <= 10_000);
            assert_eq!(table.entries.len(), table.order.len());
        }
        table.put("huge", value(20_000), 10, 0);
        assert!(!has(&mut table, "huge"));
        let keys: Vec<String> = table.entries.keys().cloned().collect();
        for key in keys {
            table.remove(&key);
        }
        assert_eq!((table.bytes, table.order.len()), (0, 0));
    }

    #[test]
    fn the_dead_make_room_before_the_living() {
        let mut table = Table::new(1_000_000, 2);
        table.put("living", value(1), 100, 0);
        table.put("dead", value(1), 5, 0);
        table.put("new", value(1), 100, 50);
        assert!(table.get("living", 50).is_some());
        assert!(table.get("new", 50).is_some());
    }
}
