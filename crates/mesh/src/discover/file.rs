//! Endpoints listed in a file that somebody else writes.

use std::{path::PathBuf, time::Duration};

use futures::future::BoxFuture;
use serde_json::Value;

use super::{Discover, DiscoverError};
use crate::config::{HostPort, MAX_ENDPOINTS};

/// A list larger than this is no list of endpoints.
const MAX_BYTES: u64 = 1024 * 1024;

/// Reads a JSON or YAML list of `http://host:port`, alone or under the key
/// `endpoints`, every `refresh`. The whole file is read each time: it is
/// small, and a ConfigMap is replaced by moving a link, which leaves times of
/// change that say nothing.
#[derive(Debug, Clone)]
pub(crate) struct EndpointFile {
    pub(crate) path: PathBuf,
    pub(crate) refresh: Duration,
}

impl EndpointFile {
    async fn read(&self) -> Result<Vec<HostPort>, DiscoverError> {
        let fail =
            |problem: String| DiscoverError::new(format!("{}: {problem}", self.path.display()));
        let about = tokio::fs::metadata(&self.path).await;
        let about = about.map_err(|error| fail(error.to_string()))?;
        if about.len() > MAX_BYTES {
            return Err(fail(format!("a list is at most {MAX_BYTES} bytes")));
        }
        let text = tokio::fs::read_to_string(&self.path).await;
        let text = text.map_err(|error| fail(error.to_string()))?;
        endpoints(&text).map_err(fail)
    }
}

/// Reads JSON, or else YAML, which JSON is part of but for odd corners.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with(['{', '[']) {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}

fn endpoints(text: &str) -> Result<Vec<HostPort>, String> {
    let value = parse(text)?;
    let list = match &value {
        Value::Array(list) => Some(list),
        Value::Object(object) => object.get("endpoints").and_then(Value::as_array),
        _ => None,
    };
    let list = list.ok_or("expected a list of `http://host:port`, alone or under `endpoints`")?;
    if list.len() > MAX_ENDPOINTS {
        return Err(format!(
            "at most {MAX_ENDPOINTS} endpoints, not {}",
            list.len()
        ));
    }
    // An empty list is an answer: the target was scaled to nothing.
    list.iter()
        .enumerate()
        .map(|(at, entry)| {
            let place = entry.as_str().and_then(HostPort::parse);
            place.ok_or_else(|| format!("entry {at} is no `http://host:port`: {entry}"))
        })
        .collect()
}

impl Discover for EndpointFile {
    fn resolve(&self) -> BoxFuture<'_, Result<Vec<HostPort>, DiscoverError>> {
        Box::pin(self.read())
    }

    fn refresh(&self) -> Option<Duration> {
        Some(self.refresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_yaml_lists_are_read() {
        for text in [
            r#"["http://a:1", "http://b:2"]"#,
            r#"{"endpoints": ["http://a:1", "http://b:2"]}"#,
            "- http://a:1\n- http://b:2\n",
            "endpoints:\n  - http://a:1\n  - http://b:2\n",
        ] {
            let places = endpoints(text).unwrap();
            let printed: Vec<_> = places.iter().map(ToString::to_string).collect();
            assert_eq!(printed, ["a:1", "b:2"], "{text}");
        }
        assert_eq!(endpoints("[]").unwrap(), []);
    }

    #[test]
    fn what_is_no_list_says_where_it_is_wrong() {
        for (text, expected) in [
            ("endpoints: 5", "expected a list"),
            ("- http://a:1\n- b", "entry 1"),
            ("[\"http://a:1\"", "EOF"),
            ("", "expected a list"),
        ] {
            let error = endpoints(text).unwrap_err();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
