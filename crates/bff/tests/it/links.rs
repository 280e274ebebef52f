//! Links from an answer to where one can go from it.

use std::sync::Arc;

use axum::body::Body;
use covergen_bff::{Backend, Bff, BffConfig, Surface};
use serde_json::{Value, json};

use crate::generated::SURFACE;
use crate::support::{Answer, EchoBackend, Platform, ScratchGate, others, request};

async fn asked(platform: &Platform, path: &str, prefer: &str) -> Answer {
    let sent = request("GET", path)
        .header("prefer", prefer)
        .body(Body::empty());
    platform.send(sent.unwrap()).await
}

/// The links of a page that has everything.
fn rich() -> Value {
    let to = |href: &str| json!({"href": href, "method": "GET"});
    json!({
        "self": to("/api/v1/pages/rich%2F1%20%25%3A"),
        "note": to("/api/v1/pages/note%3F"),
        "leaf": to("/api/v1/pages/rich%2F1%20%25%3A/leaves/7:read"),
        "file": to("/api/v1/pagefiles/a%20b/%C3%BC/c%23d"),
        "home": to("/api/v1/pages/home"),
    })
}

const RICH: &str = "/api/v1/pages/rich%2F1%20%25%3A";

#[tokio::test]
async fn links_come_to_those_who_ask_for_them() {
    let platform = Platform::new();
    let plain = platform.get(RICH).await;
    assert!(plain.ok().get("_links").is_none());
    assert_eq!(plain.header("vary"), "prefer");
    assert_eq!(plain.header("preference-applied"), "");
    let answer = asked(&platform, RICH, "return=minimal, links").await;
    assert_eq!(answer.ok()["_links"], rich());
    assert_eq!(answer.header("preference-applied"), "links");
    assert_eq!(answer.header("vary"), "prefer");
    assert_ne!(answer.header("etag"), plain.header("etag"));
}

#[tokio::test]
async fn every_link_leads_to_what_it_names() {
    let platform = Platform::new();
    let links = asked(&platform, RICH, "links").await.ok()["_links"].clone();
    let at = |rel: &str| links[rel]["href"].as_str().unwrap().to_owned();
    assert_eq!(platform.get(&at("self")).await.ok()["id"], "rich/1 %:");
    assert_eq!(platform.get(&at("note")).await.ok()["id"], "note?");
    let leaf = platform.get(&at("leaf")).await.ok();
    assert_eq!(
        (&leaf["id"], &leaf["leaf"]),
        (&json!("rich/1 %:"), &json!(7))
    );
    assert_eq!(platform.get(&at("file")).await.ok()["file"], "a b/ü/c#d");
}

#[tokio::test]
async fn a_link_without_its_value_is_left_out() {
    let platform = Platform::new();
    let links = asked(&platform, "/api/v1/pages/poor", "links").await.ok()["_links"].clone();
    let rels: Vec<&String> = links.as_object().unwrap().keys().collect();
    assert_eq!(rels, ["home", "self"]);
}

#[tokio::test]
async fn links_belong_to_the_whole_answer() {
    let platform = Platform::new();
    let cut = asked(&platform, "/api/v1/pages/poor?fields=leaf", "links")
        .await
        .ok();
    assert_eq!(cut["leaf"], 0);
    assert!(cut.get("id").is_none());
    assert_eq!(cut["_links"]["self"]["href"], "/api/v1/pages/poor");
    let part = asked(&platform, &format!("{RICH}/note"), "links")
        .await
        .ok();
    assert_eq!(part["id"], "note?");
    assert!(part.get("_links").is_none());
    let note = asked(&platform, RICH, "links").await.ok()["note"].clone();
    assert!(note.get("_links").is_none());
    let unlinked = asked(&platform, "/api/v1/things/t1", "links").await;
    assert!(unlinked.ok().get("_links").is_none());
    assert_eq!(unlinked.header("preference-applied"), "");
}

#[tokio::test]
async fn partners_have_links_unless_they_want_none() {
    static PARTNERS: Surface = Surface {
        links_by_default: true,
        ..SURFACE
    };
    let backend = EchoBackend::default();
    let service = crate::scratch::covergen::echo::v1::echo_service_server::EchoServiceServer::new(
        backend.clone(),
    );
    let bff = Bff::builder(&PARTNERS, BffConfig::default())
        .gate(Arc::new(ScratchGate))
        .backend("echo", Backend::new(service));
    let router = others(bff).build().unwrap();
    let platform = Platform { router, backend };
    let answer = platform.get(RICH).await;
    assert_eq!(answer.ok()["_links"], rich());
    assert_eq!(answer.header("preference-applied"), "");
    let without = asked(&platform, RICH, "links=off").await;
    assert!(without.ok().get("_links").is_none());
    assert_eq!(without.header("preference-applied"), "links=off");
}
