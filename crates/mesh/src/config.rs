//! Where the targets are and how they are called: data, not code.

mod address;
mod policy;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

pub(crate) use address::MAX_ENDPOINTS;
pub use address::{Address, BadAddress, HostPort};
pub(crate) use policy::Policy;
pub use policy::PolicyConfig;

use crate::{IdentityConfig, MeshError, MethodLookup};

/// One service's view of the mesh.
///
/// ```toml
/// [defaults]
/// deadline_ms = 2000
/// [targets.cover]
/// address = "http://cover-0:7000,http://cover-1:7000"
/// policy = { in_flight_per_endpoint = 64 }
/// [targets.cover.methods."/covergen.cover.v1.CoverService/Preview"]
/// deadline_ms = 500
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeshConfig {
    /// Policy of every target that does not say otherwise.
    pub defaults: PolicyConfig,
    /// Targets by service name. One that is not listed runs in this process.
    pub targets: BTreeMap<String, TargetConfig>,
    /// Whether the mesh's own layers are at work.
    pub layers: Layers,
    /// The policy document, in the configuration itself.
    pub policy: Option<serde_json::Value>,
    /// Or the file it stands in (JSON or YAML), which is read again whenever
    /// it changes.
    pub policy_file: Option<PathBuf>,
    /// How often the file is looked at (2,000).
    pub policy_poll_ms: Option<u32>,
    /// Whether a policy may contain faults.
    pub allow_faults: bool,
    /// Concurrency towards dependencies, by name; `ai` (50), `database` (30)
    /// and `cache` (100) are there without being listed.
    pub pools: BTreeMap<String, PoolConfig>,
    /// What this process proves itself with; without it connections are plain.
    /// Whoever makes the hooks loads it once, for all meshes of the process.
    pub identity: Option<IdentityConfig>,
}

/// Whether the mesh's own layers are at work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layers {
    /// They are.
    #[default]
    On,
    /// A service mesh such as Istio or Linkerd does their work: retries,
    /// hedging, balancing, ejection, breaker, splits and faults are off.
    /// Deadlines, bounds, traces and who is calling stay.
    Off,
}

/// How much of one dependency is used at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PoolConfig {
    /// Uses at a time.
    pub concurrent: Option<u32>,
    /// Uses waiting for room before the next is shed (100).
    pub pending: Option<u32>,
}

/// One target.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TargetConfig {
    /// Where it is.
    pub address: Address,
    /// Policy that differs from the defaults.
    pub policy: PolicyConfig,
    /// What differs by method, by full path (`/package.Service/Method`).
    pub methods: BTreeMap<String, MethodConfig>,
}

/// What may differ by method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MethodConfig {
    /// Goes before the deadline the contract declares.
    pub deadline_ms: Option<u32>,
    /// Attempts in all; 1 turns retries off.
    pub retry_attempts: Option<u32>,
}

impl MeshConfig {
    /// Refuses settings out of their bounds, naming the first.
    pub fn validate(&self) -> Result<(), MeshError> {
        Policy::resolve(&[&self.defaults]).validate("defaults")?;
        for (name, target) in &self.targets {
            let place = format!("targets.{name}");
            Policy::resolve(&[&target.policy, &self.defaults]).validate(&place)?;
            for (path, method) in &target.methods {
                method.validate(&format!("{place}.methods.{path:?}"))?;
            }
        }
        if self.policy.is_some() && self.policy_file.is_some() {
            return Err(MeshError::setting(
                "policy",
                "stands beside `policy_file`; one of them is enough",
            ));
        }
        if self
            .policy_poll_ms
            .is_some_and(|ms| !(10..=3_600_000).contains(&ms))
        {
            return Err(MeshError::setting(
                "policy_poll_ms",
                "must be between 10 and 3600000",
            ));
        }
        for (name, pool) in &self.pools {
            if pool.concurrent == Some(0) {
                return Err(MeshError::setting(
                    format!("pools.{name}.concurrent"),
                    "must be at least 1",
                ));
            }
        }
        Ok(())
    }

    /// Refuses methods that are in no contract: what is said of them would be
    /// heard by nobody.
    pub(crate) fn check_methods(&self, lookup: MethodLookup) -> Result<(), MeshError> {
        for (name, target) in &self.targets {
            if let Some(path) = target.methods.keys().find(|path| lookup(path).is_none()) {
                return Err(MeshError::setting(
                    format!("targets.{name}.methods.{path:?}"),
                    "is a method of no contract",
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn target(&self, name: &str) -> TargetConfig {
        self.targets.get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn policy_poll(&self) -> Duration {
        Duration::from_millis(self.policy_poll_ms.unwrap_or(2_000).into())
    }
}

impl MethodConfig {
    fn validate(&self, place: &str) -> Result<(), MeshError> {
        if self.deadline_ms == Some(0) {
            return Err(MeshError::setting(
                format!("{place}.deadline_ms"),
                "must be at least 1",
            ));
        }
        if self.retry_attempts.is_some_and(|n| !(1..=10).contains(&n)) {
            return Err(MeshError::setting(
                format!("{place}.retry_attempts"),
                "must be between 1 and 10",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Result<MeshConfig, String> {
        let config: MeshConfig = serde_json::from_value(json).map_err(|e| e.to_string())?;
        config.validate().map_err(|e| e.to_string())?;
        Ok(config)
    }

    #[test]
    fn a_target_overrides_the_defaults_and_a_method_the_target() {
        let config = read(serde_json::json!({
            "defaults": {"pending": 7, "deadline_ms": 900},
            "targets": {"cover": {
                "address": "http://a:1,http://b:2",
                "policy": {"pending": 9},
                "methods": {"/p.S/M": {"deadline_ms": 5}},
            }},
        }))
        .unwrap();
        let policy_of = |name| Policy::resolve(&[&config.target(name).policy, &config.defaults]);
        let (target, policy) = (config.target("cover"), policy_of("cover"));
        assert_eq!(policy.pending, 9);
        assert_eq!(policy.deadline.as_millis(), 900);
        assert_eq!(target.methods["/p.S/M"].deadline_ms, Some(5));
        assert_eq!(config.target("safety").address, Address::InProcess);
        assert_eq!(policy_of("safety").pending, 7);
    }

    #[test]
    fn unknown_keys_and_values_out_of_bounds_are_refused_by_name() {
        let cases = [
            (serde_json::json!({"default": {}}), "default"),
            (serde_json::json!({"defaults": {"pendin": 1}}), "pendin"),
            (
                serde_json::json!({"defaults": {"deadline_ms": 0}}),
                "deadline_ms",
            ),
            (
                serde_json::json!({"targets": {"a": {"policy": {"breaker_failure_percent": 101}}}}),
                "targets.a.breaker_failure_percent",
            ),
            (
                serde_json::json!({"targets": {"a": {"methods": {"/p.S/M": {"retry_attempts": 11}}}}}),
                "retry_attempts",
            ),
            (
                serde_json::json!({"targets": {"a": {"address": "ftp://x:1"}}}),
                "http://",
            ),
        ];
        for (json, expected) in cases {
            let error = read(json).unwrap_err();
            assert!(error.contains(expected), "{error} does not name {expected}");
        }
    }

    #[test]
    fn a_method_of_no_contract_is_refused_by_name() {
        let config = read(serde_json::json!({
            "targets": {"a": {"methods": {"/p.S/M": {"deadline_ms": 5}}}}
        }));
        let error = config.unwrap().check_methods(|_| None).unwrap_err();
        let told = error.to_string();
        assert!(told.contains("targets.a.methods.\"/p.S/M\""), "{told}");
    }
}
