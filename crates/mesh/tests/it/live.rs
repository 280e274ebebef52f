//! What a document changes of connections while the process runs.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use covergen_mesh::{ClientHooks, Connect, Io, Mesh};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tonic::{Code, Request};

use crate::{
    fleet::{Replica, client, mesh_of, mesh_with, until, warm},
    probe::{WRITE, lookup},
};

fn apply(mesh: &Mesh, policy: &Value) {
    let document = json!({"targets": {"probe": policy}});
    mesh.apply(&document.to_string()).unwrap();
}

/// Where nobody answers, ever.
#[derive(Debug)]
struct Void;

impl Connect for Void {
    fn connect<'a>(&'a self, _: &'a str, _: u16) -> BoxFuture<'a, io::Result<Box<dyn Io>>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn the_time_to_connect_holds_for_the_next_connection() {
    let hooks = ClientHooks::new(lookup).with_network(Arc::new(Void));
    let mesh = mesh_with(
        json!({
            "targets": {"probe": {"address": "http://nowhere:1"}},
            "policy": {"targets": {"probe": {"connection": {"connectTimeout": "60s"}}}},
        }),
        hooks,
    );
    let mut client = client(&mesh);
    apply(&mesh, &json!({"connection": {"connectTimeout": "10ms"}}));
    let mut request = Request::new(Bytes::new());
    request.set_timeout(Duration::from_secs(30));
    // Its own time is far from over.
    let status = client.unary(WRITE, request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    assert!(status.message().contains("no answer in time"), "{status}");
}

#[tokio::test]
async fn a_connection_takes_as_many_calls_as_there_is_room_for_now() {
    let fleet = Replica::fleet(["a"]).await;
    let room = |calls: u32| json!({"bulkhead": {"maxRequestsPerEndpoint": calls, "maxStreamsPerEndpoint": 1}});
    let mesh = mesh_of(&fleet, &room(1));
    warm(&mesh, 1).await;
    fleet[0].set_delay(Duration::from_secs(30));
    fleet[0].forget_calls();
    apply(&mesh, &room(8));
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let mut client = client(&mesh);
            let mut request = Request::new(Bytes::new());
            request.set_timeout(Duration::from_secs(60));
            tokio::spawn(async move { client.unary(WRITE, request).await })
        })
        .collect();
    // On the one connection there was, which had places for two.
    until(async || fleet[0].calls() == 8).await;
    for call in calls {
        call.abort();
    }
    // And fewer again.
    apply(&mesh, &room(1));
    fleet[0].set_delay(Duration::ZERO);
    client(&mesh).text(WRITE).await.unwrap();
}
