use covergen_proto::auth::v1::ClaimSignatureNoncesRequest;
use tonic::{Code, Status};

use crate::world::{Engine, World, eventually, refused};

on_both_engines!(
    a_nonce_is_used_once_however_many_present_it_at_once,
    the_same_claim_may_ask_again_when_its_answer_was_lost,
    of_several_nonces_all_are_used_or_none,
    nonces_outlive_a_restart_and_go_when_they_are_over,
    edges_alone_use_nonces_up,
);

fn claim(nonces: &[u8], claim_id: &str) -> ClaimSignatureNoncesRequest {
    ClaimSignatureNoncesRequest {
        nonce_hashes: nonces.iter().map(|n| vec![*n; 32].into()).collect(),
        keep_seconds: 300,
        claim_id: format!("claim-number-{claim_id:0>4}"),
    }
}

async fn ask(world: &World, nonces: &[u8], claim_id: &str) -> Result<(), Status> {
    let mut edge = world.by("bff-partner").keys();
    edge.claim_signature_nonces(claim(nonces, claim_id))
        .await
        .map(drop)
}

fn used(answer: Result<(), Status>) {
    refused(answer, Code::AlreadyExists, "NONCE_USED");
}

async fn a_nonce_is_used_once_however_many_present_it_at_once(engine: Engine) {
    let world = World::start(engine).await;
    let ids: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let asked = ids.iter().map(|id| ask(&world, &[1], id));
    let mut new = 0;
    for answer in futures::future::join_all(asked).await {
        match answer {
            Ok(()) => new += 1,
            refusal => used(refusal),
        }
    }
    assert_eq!(new, 1);
    ask(&world, &[2], "other").await.unwrap();
}

async fn the_same_claim_may_ask_again_when_its_answer_was_lost(engine: Engine) {
    let world = World::start(engine).await;
    ask(&world, &[1, 2], "one").await.unwrap();
    ask(&world, &[1, 2], "one").await.unwrap();
    used(ask(&world, &[1], "two").await);
}

async fn of_several_nonces_all_are_used_or_none(engine: Engine) {
    let world = World::start(engine).await;
    ask(&world, &[2], "one").await.unwrap();
    used(ask(&world, &[1, 2, 3], "two").await);
    ask(&world, &[1, 3], "three").await.unwrap();
    assert_eq!(
        world.number("SELECT count(*) FROM signature_nonces").await,
        3
    );
}

async fn nonces_outlive_a_restart_and_go_when_they_are_over(engine: Engine) {
    let world = World::start(engine).await;
    ask(&world, &[1], "one").await.unwrap();
    ask(&world, &[2], "two").await.unwrap();
    let world = world.restart("sweep_interval_ms = 20").await;
    used(ask(&world, &[1], "three").await);
    world
        .change("UPDATE signature_nonces SET expires_at_ms = 1 WHERE claim_id LIKE '%one'")
        .await;
    eventually("the one that is over goes", async || {
        world.number("SELECT count(*) FROM signature_nonces").await == 1
    })
    .await;
    used(ask(&world, &[2], "three").await);
}

async fn edges_alone_use_nonces_up(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.register("ada@example.org").await;
    for mut other in [world.session(&ada).keys(), world.by("cover").keys()] {
        let answer = other.claim_signature_nonces(claim(&[1], "one")).await;
        refused(answer, Code::PermissionDenied, "PERMISSION_DENIED");
    }
    let malformed = [
        claim(&[], "one"),
        claim(&[1; 9], "one"),
        ClaimSignatureNoncesRequest {
            keep_seconds: 1_000_000,
            ..claim(&[1], "one")
        },
    ];
    for wrong in malformed {
        let mut edge = world.by("bff-web").keys();
        let status = edge.claim_signature_nonces(wrong).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    }
}
