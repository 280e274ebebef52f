//! Each call counts once on each side, under bounded labels.

use bytes::Bytes;
use metrics_exporter_prometheus::PrometheusBuilder;
use tonic::Status;

use crate::{
    probe::{Probe, READ, UNKNOWN, WATCH, WRITE},
    world::{Kind, World},
};

/// The value of the one line that has the name and all the labels.
fn value(rendered: &str, name: &str, labels: &[&str]) -> f64 {
    let mut lines = rendered.lines().filter(|line| {
        line.starts_with(&format!("{name}{{")) && labels.iter().all(|label| line.contains(label))
    });
    let line = lines
        .next()
        .unwrap_or_else(|| panic!("no {name} {labels:?} in\n{rendered}"));
    assert_eq!(lines.next(), None, "{labels:?} is ambiguous");
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn rate_errors_and_duration_are_counted_by_source_target_and_method() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    // This runtime has one thread, so every call of the test reports here.
    let _recording = metrics::set_default_local_recorder(&recorder);

    let probe = Probe::unary(|request| async move {
        if request.get_ref().is_empty() {
            Err(Status::unavailable("down"))
        } else {
            Ok(Bytes::new())
        }
    });
    let world = World::new(Kind::InProcess, probe).await;
    let mut client = world.client();
    // There before anything happens: what is not told cannot be alerted on.
    let breaker = |rendered: &str| value(rendered, "mesh_breaker_state", &["target=\"probe\""]);
    assert_eq!(breaker(&handle.render()), 0.0);
    for _ in 0..2 {
        client.text(READ).await.unwrap();
    }
    client.text(UNKNOWN).await.unwrap();
    let mut stream = client
        .watch(Bytes::from_static(b"x"))
        .await
        .unwrap()
        .into_inner();
    while stream.message().await.unwrap().is_some() {}
    drop(client.watch(Bytes::from_static(b"x")).await.unwrap());
    client.unary(READ, Bytes::new()).await.unwrap_err();
    for _ in 0..2 {
        client.unary(WRITE, Bytes::new()).await.unwrap_err();
    }

    let rendered = handle.render();
    let calls = |side: &str, method: &str, code: &str| {
        let name = format!("mesh_{side}_requests_total");
        let method = format!("method=\"{method}\"");
        let code = format!("code=\"{code}\"");
        let edge = ["source=\"tester\"", "target=\"probe\"", &method, &code];
        value(&rendered, &name, &edge)
    };
    for side in ["client", "server"] {
        assert_eq!(calls(side, READ, "OK"), 2.0);
        assert_eq!(calls(side, WRITE, "UNAVAILABLE"), 2.0);
        assert_eq!(calls(side, "other", "OK"), 1.0);
        assert_eq!(calls(side, WATCH, "OK"), 1.0);
        assert_eq!(calls(side, WATCH, "CANCELLED"), 1.0);
    }
    // The caller sees one failure, the target each attempt.
    assert_eq!(calls("client", READ, "UNAVAILABLE"), 1.0);
    assert_eq!(calls("server", READ, "UNAVAILABLE"), 3.0);
    assert_eq!(value(&rendered, "mesh_client_retries_total", &[]), 2.0);
    // Three attempts and two writes failed in a row.
    assert_eq!(breaker(&rendered), 2.0);
    assert!(
        rendered.contains("mesh_server_duration_seconds"),
        "{rendered}"
    );
    assert!(!rendered.contains(UNKNOWN), "{rendered}");
}
