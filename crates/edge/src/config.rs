use std::collections::BTreeMap;

use covergen_bff::BffConfig;
use covergen_cache::Window;
use covergen_identity::EDGES;
use serde::Deserialize;

use crate::{PublicUrl, PublicUrlError};

/// The `[bff]` section: what every BFF of a process is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EdgeConfig {
    /// Bodies, sessions, origins.
    pub http: BffConfig,
    /// Windows of each rate class that RPCs name. A class that is missing here
    /// counts as `default`.
    pub rates: BTreeMap<String, RateClass>,
    /// Where callers reach each BFF, such as
    /// `bff-partner = "https://api.example.com"`: what signed requests are
    /// checked against. For one that is missing here a request's own `Host`
    /// counts, which is right where no proxy changes it.
    pub public_urls: BTreeMap<String, String>,
}

/// The class that signed requests are counted in, beside that of their RPC.
pub(crate) const SIGNED: &str = "signed";

/// One rate class: all its windows must have room.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateClass {
    /// The windows.
    pub windows: Vec<RateWindow>,
    /// What becomes of requests while the cache cannot be reached; left out,
    /// what the default of this class says.
    #[serde(default)]
    pub on_outage: Option<OnOutage>,
}

/// What becomes of requests that cannot be counted together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOutage {
    /// Each process counts for itself: with N replicas a caller may get up to
    /// N times the limit, and everybody is served.
    #[default]
    JudgeLocally,
    /// They are refused (503): for money and administration, where a limit
    /// that can be got around by felling the cache is none.
    Refuse,
}

impl RateClass {
    /// Whether nobody is let through uncounted.
    pub(crate) fn is_strict(&self) -> bool {
        self.on_outage == Some(OnOutage::Refuse)
    }

    /// The windows, as they are counted.
    pub(crate) fn windows(&self) -> Vec<Window> {
        let window = |window: &RateWindow| Window {
            limit: window.limit,
            per_seconds: window.per_seconds,
        };
        self.windows.iter().map(window).collect()
    }
}

/// At most so many requests in so many seconds, per caller.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateWindow {
    /// Requests.
    pub limit: u32,
    /// Seconds.
    pub per_seconds: u32,
}

impl Default for EdgeConfig {
    fn default() -> Self {
        let class = |windows: &[(u32, u32)]| RateClass {
            windows: windows
                .iter()
                .map(|&(limit, per_seconds)| RateWindow { limit, per_seconds })
                .collect(),
            on_outage: None,
        };
        let strict = |windows| RateClass {
            on_outage: Some(OnOutage::Refuse),
            ..class(windows)
        };
        Self {
            http: BffConfig::default(),
            public_urls: BTreeMap::new(),
            rates: [
                ("default", class(&[(600, 60)])),
                // What administrators alone may call.
                ("admin", strict(&[(600, 60)])),
                ("generate", class(&[(60, 60), (1_000, 3_600)])),
                // Fast typing is about ten keys a second, each a preview.
                ("preview", class(&[(900, 60)])),
                // By address: a household or an office shares one.
                ("auth", class(&[(120, 60), (1_200, 3_600)])),
                ("refresh", class(&[(300, 60)])),
                ("image", class(&[(6_000, 60)])),
                ("upload", class(&[(60, 60), (600, 3_600)])),
                // A part of an upload; small ones on a bad line.
                ("upload_part", class(&[(600, 60), (10_000, 3_600)])),
                // Signed requests of one API key at one process, whatever they
                // ask for: each is written down in auth's database before the
                // class of what it asks for is counted.
                (SIGNED, class(&[(3_000, 60)])),
            ]
            .into_iter()
            .map(|(name, class)| (name.to_owned(), class))
            .collect(),
        }
    }
}

impl EdgeConfig {
    /// Reads the section over the defaults: a class that it names replaces the
    /// default of that name, the others stay.
    ///
    /// # Errors
    /// A key or value in it is not one there is.
    pub fn from_table(table: toml::Table) -> Result<Self, toml::de::Error> {
        let given: Self = toml::Value::Table(table).try_into()?;
        // A name that is misspelt would quietly settle nothing.
        let mut named = given.public_urls.keys();
        if let Some(unknown) = named.find(|name| !EDGES.contains(&name.as_str())) {
            let known = EDGES.join(", ");
            let told = format!("public_urls names `{unknown}`, which is none of {known}");
            return Err(serde::de::Error::custom(told));
        }
        let mut rates = Self::default().rates;
        for (name, mut class) in given.rates {
            // Who raises a limit does not mean to let it go.
            let default = rates.get(&name).and_then(|default| default.on_outage);
            class.on_outage = class.on_outage.or(default);
            rates.insert(name, class);
        }
        Ok(Self {
            http: given.http,
            rates,
            public_urls: given.public_urls,
        })
    }

    /// Where callers reach the BFF of this name, if that is settled.
    pub(crate) fn public_url(&self, edge: &str) -> Result<Option<PublicUrl>, PublicUrlError> {
        let named = self.public_urls.get(edge);
        named.map(|text| PublicUrl::parse(text)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::EdgeConfig;

    #[test]
    fn a_class_that_is_named_replaces_its_default_and_no_other() {
        let table = "[rates.generate]\nwindows = [{ limit = 5, per_seconds = 60 }]"
            .parse()
            .unwrap();
        let config = EdgeConfig::from_table(table).unwrap();
        assert_eq!(config.rates["generate"].windows[0].limit, 5);
        assert_eq!(config.rates["default"].windows[0].limit, 600);
    }

    #[test]
    fn a_public_url_is_for_a_bff_there_is() {
        let read = |text: &str| EdgeConfig::from_table(text.parse().unwrap());
        let config = read("[public_urls]\nbff-partner = \"https://api.example.com\"").unwrap();
        assert!(config.public_url("bff-partner").unwrap().is_some());
        assert!(config.public_url("bff-web").unwrap().is_none());
        assert!(read("[public_urls]\npartner = \"https://api.example.com\"").is_err());
        let wrong = read("[public_urls]\nbff-web = \"api.example.com\"").unwrap();
        assert!(wrong.public_url("bff-web").is_err());
    }

    #[test]
    fn a_class_says_what_becomes_of_it_without_the_cache() {
        let read = |text: &str| EdgeConfig::from_table(text.parse().unwrap());
        let config = read(
            "[rates.money]\nwindows = [{ limit = 5, per_seconds = 60 }]\non_outage = \"refuse\"",
        )
        .unwrap();
        let strict = |config: &EdgeConfig, name: &str| config.rates[name].is_strict();
        assert!(strict(&config, "money") && strict(&config, "admin"));
        assert!(!strict(&config, "default") && !strict(&config, "auth"));
        let raised = read("[rates.admin]\nwindows = [{ limit = 5, per_seconds = 60 }]").unwrap();
        assert!(strict(&raised, "admin"));
        let loose = "[rates.admin]\nwindows = []\non_outage = \"judge_locally\"";
        assert!(!strict(&read(loose).unwrap(), "admin"));
        assert!(read("[rates.money]\nwindows = []\non_outage = \"maybe\"").is_err());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let table = "[rates.generate]\nwindow = []".parse().unwrap();
        assert!(EdgeConfig::from_table(table).is_err());
    }
}
