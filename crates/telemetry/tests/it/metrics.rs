//! What Prometheus reads.

use covergen_telemetry::TelemetryConfig;

use crate::capture::assemble;

fn value(rendered: &str, series: &str) -> Option<f64> {
    let line = rendered
        .lines()
        .find_map(|line| line.strip_prefix(series))?;
    line.trim().parse().ok()
}

#[test]
fn counters_gauges_and_histograms_are_rendered() {
    let (assembly, _) = assemble(&TelemetryConfig::default());
    metrics::with_local_recorder(&assembly.recorder, || {
        metrics::counter!("covers_total", "kind" => "book").increment(2);
        metrics::counter!("covers_total", "kind" => "book").increment(1);
        metrics::gauge!("waiting").set(4.0);
        metrics::gauge!("waiting").decrement(1.0);
        for seconds in [0.003, 0.2, 600.0] {
            metrics::histogram!("render_seconds", "template" => "plain").record(seconds);
        }
        metrics::histogram!("upload_bytes").record(5_000.0);
        metrics::histogram!("pages").record(7.0);
    });
    let rendered = assembly.telemetry.render();
    let read = |series: &str| value(&rendered, series);
    assert_eq!(read("covers_total{kind=\"book\"}"), Some(3.0), "{rendered}");
    assert_eq!(read("waiting "), Some(3.0));
    assert!(
        rendered.contains("# TYPE render_seconds histogram"),
        "{rendered}"
    );
    let bucket = |bound: &str| {
        read(&format!(
            "render_seconds_bucket{{template=\"plain\",le=\"{bound}\"}}"
        ))
    };
    assert_eq!(bucket("0.0025"), Some(0.0));
    assert_eq!(bucket("0.005"), Some(1.0));
    assert_eq!(bucket("0.25"), Some(2.0));
    assert_eq!(bucket("300"), Some(2.0));
    assert_eq!(bucket("+Inf"), Some(3.0));
    assert_eq!(read("render_seconds_count{template=\"plain\"}"), Some(3.0));
    assert_eq!(read("upload_bytes_bucket{le=\"16384\"}"), Some(1.0));
    assert_eq!(read("pages_bucket{le=\"5\"}"), Some(0.0));
    assert_eq!(read("pages_bucket{le=\"10\"}"), Some(1.0));
}

#[test]
fn labels_past_the_bound_are_counted_together() {
    let config = TelemetryConfig {
        max_series_per_metric: 3,
        ..TelemetryConfig::default()
    };
    let (assembly, capture) = assemble(&config);
    tracing::dispatcher::with_default(&assembly.dispatch, || {
        metrics::with_local_recorder(&assembly.recorder, || {
            for user in 0..100 {
                metrics::counter!("calls_total", "user" => user.to_string()).increment(1);
            }
        });
    });
    let rendered = assembly.telemetry.render();
    let series = rendered
        .lines()
        .filter(|line| line.starts_with("calls_total{"));
    assert_eq!(series.count(), 4, "{rendered}");
    assert_eq!(
        value(&rendered, "calls_total{overflow=\"true\"}"),
        Some(97.0)
    );
    let line = capture.line();
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["data"]["metric"], "calls_total");
}

#[tokio::test]
async fn a_scrape_tells_what_the_process_uses_now() {
    let (assembly, _) = assemble(&TelemetryConfig::default());
    let before = assembly.telemetry.render();
    for name in [
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_threads",
        "process_open_fds",
        "process_max_fds",
        "process_cpu_seconds",
        "process_start_time_seconds",
    ] {
        let value = value(&before, &format!("{name} ")).unwrap_or_else(|| panic!("{name}"));
        assert!(value > 0.0, "{name} {value}");
    }
    assert!(before.contains("# HELP process_open_fds "), "{before}");
    assert!(before.contains("covergen_build_info{version="), "{before}");

    let many: Vec<_> = (0..40)
        .map(|_| std::fs::File::open("/proc/self/status").unwrap())
        .collect();
    let idle = tokio::spawn(std::future::pending::<()>());
    let after = assembly.telemetry.render();
    drop(many);
    let open = |text: &str| value(text, "process_open_fds ").unwrap();
    // Other tests open and close files at the same time, but not as many.
    assert!(open(&after) > open(&before) + 10.0);
    assert_eq!(value(&after, "runtime_alive_tasks "), Some(1.0));
    idle.abort();
}
