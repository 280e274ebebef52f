use covergen_proto::notification::v1::{
    DeleteWebhookRequest, GetWebhookRequest, ListWebhooksRequest, UpdateWebhookRequest,
    WebhookDraft,
};
use covergen_proto::wkt::FieldMask;
use tonic::Code;

use crate::world::{World, assert_refused, creating, on_both, on_both_with};

const URL: &str = "http://127.0.0.1:9/hook";

#[tokio::test]
async fn a_webhook_is_made_read_changed_and_deleted() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let made = world.webhook_for(&ada, URL, &["export.ready"]).await;
        assert!(made.secret.starts_with("whsec_"), "{}", made.secret);
        let webhook = made.webhook.unwrap();
        assert!(webhook.enabled && webhook.problem.is_none());
        assert_eq!(world.look_at(&ada, &webhook.id).await, webhook);

        let request = UpdateWebhookRequest {
            webhook_id: webhook.id.clone(),
            webhook: Some(WebhookDraft {
                description: "the shop".to_owned(),
                ..WebhookDraft::default()
            }),
            update_mask: Some(FieldMask {
                paths: vec!["description".to_owned(), "event_types".to_owned()],
            }),
            etag: webhook.etag.clone(),
            request_id: String::new(),
        };
        let mut client = world.webhooks(&ada);
        let changed = client.update_webhook(request.clone()).await;
        let changed = changed.unwrap().into_inner();
        assert_eq!(changed.description, "the shop");
        assert!(changed.event_types.is_empty() && changed.url == URL);
        assert_ne!(changed.etag, webhook.etag);
        let stale = client.update_webhook(request).await;
        assert_refused(stale, Code::Aborted, "ETAG_MISMATCH");

        let mut request = DeleteWebhookRequest {
            webhook_id: webhook.id.clone(),
            etag: webhook.etag,
            request_id: String::new(),
        };
        let stale = client.delete_webhook(request.clone()).await;
        assert_refused(stale, Code::Aborted, "ETAG_MISMATCH");
        request.etag = changed.etag;
        client.delete_webhook(request).await.unwrap();
        let request = GetWebhookRequest {
            webhook_id: webhook.id,
        };
        let gone = client.get_webhook(request).await;
        assert_refused(gone, Code::NotFound, "WEBHOOK_NOT_FOUND");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn webhooks_are_listed_newest_first_and_are_their_workspaces_own() {
    on_both(async |world| {
        let (ada, eve) = (world.harness.creator(), world.harness.creator());
        let mut made = Vec::new();
        for _ in 0..3 {
            let new = world.webhook(&ada, URL).await;
            made.insert(0, new.webhook.unwrap().id);
        }
        let mut client = world.webhooks(&ada);
        let mut listed = Vec::new();
        let mut request = ListWebhooksRequest {
            page_size: 2,
            ..ListWebhooksRequest::default()
        };
        loop {
            let page = client.list_webhooks(request.clone()).await;
            let page = page.unwrap().into_inner();
            listed.extend(page.webhooks.into_iter().map(|webhook| webhook.id));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(listed, made);
        let request = GetWebhookRequest {
            webhook_id: made[0].clone(),
        };
        let foreign = world.webhooks(&eve).get_webhook(request).await;
        assert_refused(foreign, Code::NotFound, "WEBHOOK_NOT_FOUND");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_workspace_has_at_most_so_many_webhooks() {
    on_both_with("max_webhooks = 2", async |world| {
        let ada = world.harness.creator();
        for _ in 0..2 {
            world.webhook(&ada, URL).await;
        }
        let more = world
            .webhooks(&ada)
            .create_webhook(creating(URL, &[]))
            .await;
        assert_refused(more, Code::ResourceExhausted, "LIMIT_REACHED");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_repeated_key_answers_with_the_same_secret() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let mut request = creating(URL, &[]);
        request.request_id = "a key".to_owned();
        let mut client = world.webhooks(&ada);
        let first = client.create_webhook(request.clone()).await;
        let again = client.create_webhook(request).await;
        assert_eq!(first.unwrap().into_inner(), again.unwrap().into_inner());
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn addresses_of_private_networks_and_unknown_types_are_refused_by_field() {
    let world = World::as_it_comes().await;
    let ada = world.harness.creator();
    for url in [
        "",
        "http://example.com/hook",
        "https://127.0.0.1/",
        "https://[::ffff:169.254.169.254]/",
        "https://2852039166/",
        "https://localhost/",
        "https://10.0.0.1/",
    ] {
        let refused = world
            .webhooks(&ada)
            .create_webhook(creating(url, &[]))
            .await;
        let fields = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        assert_eq!(fields, ["url"], "{url}");
    }
    let request = creating("https://example.com/", &["cover.painted"]);
    let refused = world.webhooks(&ada).create_webhook(request).await;
    let fields = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
    assert_eq!(fields, ["webhook.eventTypes[0]"]);
    world.harness.stop().await;
}
