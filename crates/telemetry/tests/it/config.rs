//! What the configuration accepts.

use covergen_telemetry::{LogFormat, Telemetry, TelemetryConfig};

use crate::capture::Capture;

fn refusal(text: &str) -> String {
    let config: TelemetryConfig = toml::from_str(text).unwrap();
    let built = Telemetry::assemble(&config, Capture::default());
    built.err().expect("it is refused").to_string()
}

#[test]
fn every_key_has_a_default_and_an_unknown_one_is_refused() {
    let empty: TelemetryConfig = toml::from_str("").unwrap();
    assert_eq!(empty, TelemetryConfig::default());
    let error = toml::from_str::<TelemetryConfig>("log_fitler = \"info\"").unwrap_err();
    assert!(error.to_string().contains("log_fitler"), "{error}");
}

#[test]
fn every_key_can_be_set() {
    let config: TelemetryConfig = toml::from_str(
        r#"
        log_filter = "debug"
        log_format = "text"
        service_name = "cover"
        otlp_endpoint = "http://127.0.0.1:4317"
        trace_filter = "info"
        trace_sample_ratio = 0.25
        metrics_interval_ms = 1000
        max_series_per_metric = 10
        "#,
    )
    .unwrap();
    let expected = TelemetryConfig {
        log_filter: "debug".to_owned(),
        log_format: LogFormat::Text,
        service_name: "cover".to_owned(),
        otlp_endpoint: "http://127.0.0.1:4317".to_owned(),
        trace_filter: "info".to_owned(),
        trace_sample_ratio: 0.25,
        metrics_interval_ms: 1_000,
        max_series_per_metric: 10,
    };
    assert_eq!(config, expected);
}

#[test]
fn a_process_names_itself_unless_it_is_told_a_name() {
    let named = TelemetryConfig::default().named("cover");
    assert_eq!(named.service_name, "cover");
    assert_eq!(named.named("other").service_name, "cover");
}

#[test]
fn a_refusal_names_the_key() {
    for (text, key) in [
        ("log_filter = \"a=b=c\"", "log_filter"),
        ("trace_filter = \"x=loud\"", "trace_filter"),
        ("trace_sample_ratio = 1.5", "trace_sample_ratio"),
        ("trace_sample_ratio = -0.1", "trace_sample_ratio"),
        ("trace_sample_ratio = nan", "trace_sample_ratio"),
        ("metrics_interval_ms = 0", "metrics_interval_ms"),
        ("max_series_per_metric = 0", "max_series_per_metric"),
        ("otlp_endpoint = \"collector:4317\"", "otlp_endpoint"),
        ("otlp_endpoint = \"ftp://collector\"", "otlp_endpoint"),
        ("otlp_endpoint = \"/tmp\"", "otlp_endpoint"),
    ] {
        let told = refusal(text);
        assert!(told.contains(key), "{text} answers {told}");
    }
}
