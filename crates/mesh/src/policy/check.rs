//! What can only be judged by whoever knows the rest of the mesh.

use super::{Known, MeshPolicy, TargetPolicy, reader::Node};

impl MeshPolicy {
    pub(super) fn check(&self, root: &Node<'_>, known: &Known) {
        let levels = self
            .targets
            .iter()
            .map(|(name, target)| (format!("targets.{name}"), name.as_str(), target));
        let defaults = ("defaults".to_owned(), "", &self.defaults);
        for (path, name, target) in levels.chain([defaults]) {
            self.check_bounds(root, &path, target, known);
            for (at, method) in target.methods.iter().enumerate() {
                method.check(root, &format!("{path}.methodConfig[{at}]"), known);
            }
            for (at, route) in target.routes.iter().enumerate() {
                for (cluster, _) in &route.clusters {
                    if cluster != name && !self.has_place(cluster, known) {
                        root.fail_at(
                            format!("{path}.routes[{at}]"),
                            format!(
                                "there is no target {cluster:?} to route to: neither the \
                                 configuration nor a `discovery` here says where it is"
                            ),
                        );
                    }
                }
            }
        }
        for name in self.targets.keys() {
            let is_owner = known.owners.is_none_or(|is_owner| is_owner(name));
            if !is_owner && !self.has_place(name, known) {
                root.fail_at(
                    format!("targets.{name}"),
                    "there is no such target: no contract's service is called so, and neither \
                     the configuration nor a `discovery` here says where it is",
                );
            }
        }
        self.check_levels(root, known);
    }

    fn check_bounds(&self, root: &Node<'_>, path: &str, target: &TargetPolicy, known: &Known) {
        if !known.faults_allowed && !target.faults.is_empty() {
            root.fail_at(
                format!("{path}.faults"),
                "faults are not enabled here; the setting `mesh.allow_faults` enables them",
            );
        }
        let is_pool = |name: &str| known.pools.contains(name) || self.pools.contains_key(name);
        if let Some(pool) = target.pool.as_deref().filter(|pool| !is_pool(pool)) {
            root.fail_at(
                format!("{path}.bulkhead.pool"),
                format!("there is no pool {pool:?}; there are {:?}", known.pools),
            );
        }
    }

    /// Whether it is known where a target is. Under its own name any may be in
    /// this process; under another's, only if somebody says so.
    fn has_place(&self, name: &str, known: &Known) -> bool {
        let documented = self.targets.get(name);
        known.targets.contains_key(name)
            || known.sources.contains(name)
            || documented.is_some_and(|target| target.discovery.is_some())
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
