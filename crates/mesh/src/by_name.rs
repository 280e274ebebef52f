//! What is looked up by name in every call.

use std::collections::HashMap;

/// A map whose keys no stranger chooses: they stand in contracts and in the
/// configuration. So its hash need not withstand an attack, and costs a fifth.
pub(crate) type ByName<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
