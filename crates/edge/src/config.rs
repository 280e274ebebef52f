use std::collections::BTreeMap;

use covergen_bff::BffConfig;
use covergen_cache::Window;
use serde::Deserialize;

/// The `[bff]` section: what every BFF of a process is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EdgeConfig {
    /// Bodies, sessions, origins.
    pub http: BffConfig,
    /// Windows of each rate class that RPCs name. A class that is missing here
    /// counts as `default`.
    pub rates: BTreeMap<String, RateClass>,
}

/// One rate class: all its windows must have room.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateClass {
    /// The windows.
    pub windows: Vec<RateWindow>,
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
        };
        Self {
            http: BffConfig::default(),
            rates: [
                ("default", class(&[(600, 60)])),
                ("generate", class(&[(60, 60), (1_000, 3_600)])),
                // Fast typing is about ten keys a second, each a preview.
                ("preview", class(&[(900, 60)])),
                // By address: a household or an office shares one.
                ("auth", class(&[(120, 60), (1_200, 3_600)])),
                ("refresh", class(&[(300, 60)])),
                ("image", class(&[(6_000, 60)])),
                ("upload", class(&[(60, 60), (600, 3_600)])),
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
        let mut rates = Self::default().rates;
        rates.extend(given.rates);
        Ok(Self {
            http: given.http,
            rates,
        })
    }

    pub(crate) fn windows(&self) -> BTreeMap<String, Vec<Window>> {
        self.rates
            .iter()
            .map(|(name, class)| {
                let windows = class
                    .windows
                    .iter()
                    .map(|window| Window {
                        limit: window.limit,
                        per_seconds: window.per_seconds,
                    })
                    .collect();
                (name.clone(), windows)
            })
            .collect()
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
    fn an_unknown_key_is_refused() {
        let table = "[rates.generate]\nwindow = []".parse().unwrap();
        assert!(EdgeConfig::from_table(table).is_err());
    }
}
