//! Who calls whom, as the contracts say it: the callers that an RPC names,
//! and the BFFs that it is exposed by or that put an answer together from it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::roster::{NO_SERVICES, ROSTER, Role, Unit};

/// What the contracts say about calls.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Callers {
    /// By service, the processes of the roster that may call it.
    by_service: BTreeMap<String, BTreeSet<String>>,
    /// RPCs with a stream either way, as `Service/Method`: they last as long
    /// as somebody listens.
    streams: BTreeSet<String>,
}

impl Callers {
    /// Reads the contracts as `buf build --output -#format=json` prints them.
    pub(crate) fn read(image: &str) -> Result<Self> {
        let image: Image = serde_json::from_str(image).context("the contracts")?;
        Self::of(&image, ROSTER)
    }

    fn of(image: &Image, roster: &[Unit]) -> Result<Self> {
        let mut callers = Self::default();
        let known = |name: &str| roster.iter().any(|unit| unit.name == name);
        for file in &image.file {
            let methods = file.service.iter();
            let methods =
                methods.flat_map(|service| service.method.iter().map(move |m| (service, m)));
            for (service, method) in methods {
                if method.client_streaming || method.server_streaming {
                    let name = format!("{}/{}", service.name, method.name);
                    callers.streams.insert(name);
                }
                let (target, options) = (domain(&file.package), &method.options);
                let bffs = audiences(&options.bff.expose, roster);
                for part in options.bff.compose.iter().flat_map(|one| &one.parts) {
                    let target = domain(&part.rpc);
                    ensure!(known(target), "{}: no `{target}` in the roster", part.rpc);
                    callers.add(target, bffs.iter().copied());
                }
                if NO_SERVICES.contains(&target) || !file.package.starts_with("covergen.") {
                    continue;
                }
                ensure!(
                    known(target),
                    "{} has RPCs, so xtask/src/k8s/roster.rs needs a line for `{target}`",
                    file.name
                );
                callers.add(target, bffs);
                // A caller that is not in the roster is no process of the
                // cluster: `covergen admin` answers to itself.
                let named = options.mesh.callers.iter().map(String::as_str);
                callers.add(target, named.filter(|name| known(name)));
            }
        }
        Ok(callers)
    }

    fn add<'a>(&mut self, target: &str, callers: impl IntoIterator<Item = &'a str>) {
        let known = self.by_service.entry(target.to_owned()).or_default();
        known.extend(callers.into_iter().map(str::to_owned));
    }

    /// RPCs with a stream either way, as `Service/Method`.
    pub(crate) fn streams(&self) -> impl Iterator<Item = &str> {
        self.streams.iter().map(String::as_str)
    }

    /// The processes that may call `service`, but for itself.
    pub(crate) fn of_service(&self, service: &str) -> Vec<&'static Unit> {
        let callers = self.by_service.get(service);
        let calls = |unit: &&Unit| {
            unit.name != service && callers.is_some_and(|names| names.contains(unit.name))
        };
        ROSTER.iter().filter(calls).collect()
    }

    /// The services that `unit` may call.
    pub(crate) fn callees(&self, unit: &str) -> Vec<&'static Unit> {
        let is_called = |service: &&Unit| {
            let callers = self.by_service.get(service.name);
            service.name != unit && callers.is_some_and(|names| names.contains(unit))
        };
        ROSTER.iter().filter(is_called).collect()
    }
}

/// `cover` of `covergen.cover.v1` and of `covergen.cover.v1.CoverService/Generate`.
fn domain(package: &str) -> &str {
    package.split('.').nth(1).unwrap_or_default()
}

/// The BFFs of these audiences.
fn audiences<'a>(exposed: &[String], roster: &'a [Unit]) -> Vec<&'a str> {
    let serves = |unit: &&Unit| match unit.role {
        Role::Bff { audience, .. } => exposed.iter().any(|one| one == audience),
        Role::Service => false,
    };
    roster.iter().filter(serves).map(|unit| unit.name).collect()
}

#[derive(Debug, Deserialize)]
struct Image {
    file: Vec<File>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    name: String,
    package: String,
    service: Vec<Service>,
}

#[derive(Debug, Deserialize)]
struct Service {
    #[serde(default)]
    name: String,
    #[serde(default)]
    method: Vec<Method>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Method {
    name: String,
    options: Options,
    client_streaming: bool,
    server_streaming: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Options {
    #[serde(rename = "[covergen.bff.v1.bff]")]
    bff: Exposure,
    #[serde(rename = "[covergen.mesh.v1.method]")]
    mesh: MethodPolicy,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Exposure {
    expose: Vec<String>,
    compose: Option<Compose>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Compose {
    parts: Vec<Part>,
}

#[derive(Debug, Deserialize)]
struct Part {
    rpc: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MethodPolicy {
    callers: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(package: &str, options: &serde_json::Value) -> Result<Callers> {
        let image = json!({"file": [{
            "name": "x.proto",
            "package": package,
            "service": [{"method": [{"options": options}]}],
        }]});
        Callers::read(&image.to_string())
    }

    fn names(units: &[&Unit]) -> Vec<&'static str> {
        units.iter().map(|unit| unit.name).collect()
    }

    #[test]
    fn callers_and_audiences_may_call_and_nobody_else() {
        let options = json!({
            "[covergen.mesh.v1.method]": {"callers": ["cover", "admin", "auth"]},
            "[covergen.bff.v1.bff]": {"expose": ["PARTNER"]},
        });
        let callers = image("covergen.auth.v1", &options).expect("reads");
        assert_eq!(names(&callers.of_service("auth")), ["cover", "bff-partner"]);
        assert_eq!(names(&callers.callees("cover")), ["auth"]);
        assert_eq!(names(&callers.callees("export")), [""; 0]);
    }

    #[test]
    fn an_answer_that_is_put_together_needs_a_way_to_each_part() {
        let part = json!({"rpc": "covergen.user.v1.UserService/GetUser"});
        let options = json!({
            "[covergen.bff.v1.bff]": {"expose": ["MOBILE"], "compose": {"parts": [part]}},
        });
        let callers = image("covergen.mobile.v1", &options).expect("reads");
        assert_eq!(names(&callers.of_service("user")), ["bff-mobile"]);
    }

    #[test]
    fn a_contract_without_a_line_in_the_roster_is_refused_by_name() {
        let told = image("covergen.loyalty.v1", &json!({})).expect_err("is refused");
        assert!(told.to_string().contains("`loyalty`"), "{told}");
    }
}
