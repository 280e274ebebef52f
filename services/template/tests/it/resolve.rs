use std::collections::BTreeSet;

use covergen_chassis::Harness;
use covergen_proto::template::v1::{ResolveTemplateRequest, Template, template_service_client};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt as _;

use crate::stage::{assert_refused, cover, listed, on_both_stores};

/// Asks as the cover service does.
async fn resolved(
    harness: &Harness,
    id: &str,
    seed: u64,
    premium_allowed: bool,
) -> Result<Template, Status> {
    let asked = asking(id, seed, premium_allowed);
    let answer = cover(harness).resolve_template(asked).await;
    answer.map(Response::into_inner)
}

fn asking(id: &str, seed: u64, premium_allowed: bool) -> ResolveTemplateRequest {
    ResolveTemplateRequest {
        template_id: id.to_owned(),
        seed,
        premium_allowed,
        version: 0,
    }
}

#[tokio::test]
async fn the_template_asked_for_is_answered() {
    on_both_stores(async |harness| {
        let found = resolved(harness, "swiss", 9, false).await;
        assert_eq!(found.unwrap().id, "swiss");
        let refused = resolved(harness, "no-such", 9, true).await;
        assert_refused(refused, Code::NotFound, "TEMPLATE_NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_premium_template_needs_a_tier_that_has_them() {
    on_both_stores(async |harness| {
        let premium = listed(harness, "").await;
        let premium = premium.into_iter().find(|one| one.is_premium).unwrap();
        let refused = resolved(harness, &premium.id, 1, false).await;
        let status = assert_refused(refused, Code::FailedPrecondition, "TEMPLATE_PREMIUM");
        let facts = status.get_details_error_info().unwrap().metadata;
        assert_eq!(facts["upgradeTo"], "pro");
        assert!(status.message().contains("upgrade to pro"), "{status:?}");

        let found = resolved(harness, &premium.id, 1, true).await;
        let found = found.unwrap();
        assert_eq!((&found.id, found.version), (&premium.id, premium.version));
        assert_eq!(found.document, "", "a built-in template is the renderer's");
    })
    .await;
}

#[tokio::test]
async fn a_seed_always_chooses_the_same_template_among_those_allowed() {
    on_both_stores(async |harness| {
        let mut client = cover(harness);
        for premium_allowed in [false, true] {
            let mut chosen = BTreeSet::new();
            for seed in 0..400 {
                let asked = asking("", seed, premium_allowed);
                let first = client.resolve_template(asked.clone()).await.unwrap();
                let first = first.into_inner();
                let second = client.resolve_template(asked).await.unwrap();
                assert_eq!(second.into_inner(), first);
                chosen.insert(first.id);
            }
            let all = listed(harness, "").await.into_iter();
            let allowed = all.filter(|one| premium_allowed || !one.is_premium);
            let allowed: BTreeSet<String> = allowed.map(|one| one.id).collect();
            assert_eq!(chosen, allowed);
        }
    })
    .await;
}

#[tokio::test]
async fn only_the_cover_service_may_resolve() {
    on_both_stores(async |harness| {
        let channel = harness.as_user(&harness.creator(), "template");
        let refused = template_service_client(channel)
            .resolve_template(asking("aurora", 0, true))
            .await;
        assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    })
    .await;
}
