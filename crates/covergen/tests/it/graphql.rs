//! GraphQL for partners, phones and browsers: reads, and nothing else.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::api::{Person, client, read, register};
use crate::platform::{Platform, run};

struct World {
    platform: Platform,
    ada: Person,
    key: String,
    _folder: TempDir,
}

impl World {
    /// Somebody with one cover and a key.
    async fn start() -> Self {
        let folder = tempdir().unwrap();
        let platform = Platform::start(&folder).await;
        let ada = register(&platform, "ada").await;
        assert!(ada.get("/users/me").await.status().is_success());
        let set = [
            "admin",
            "set-tier",
            "--email",
            "ada@example.org",
            "pro_plus",
        ];
        let (ok, text) = run(folder.path(), &set).await;
        assert!(ok, "{text}");
        let key = ada
            .post(
                "/auth/api-keys",
                &json!({"name": "Reader", "mode": "LIVE", "scopes": ["covers:read"]}),
            )
            .await;
        let key = read(key).await["secret"].as_str().unwrap().to_owned();
        let body = json!({
            "title": "One graph",
            "subtitle": "of covers",
            "sizes": [{"preset": "thumbnail"}, {"width": 320, "height": 320}],
        });
        let (status, answer) = ada.generate("graph-1", &body).await.unwrap();
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        let ended = ada.ended(answer["taskId"].as_str().unwrap()).await;
        assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
        Self {
            platform,
            ada,
            key,
            _folder: folder,
        }
    }

    /// What the partner BFF answers to a request as it is.
    async fn ask(&self, body: &Value, accept: &str) -> (StatusCode, Value) {
        let answer = client()
            .post(format!("{}/v1/graphql", self.platform.partner))
            .bearer_auth(&self.key)
            .header("content-type", "application/json")
            .header("accept", accept)
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        (answer.status(), read(answer).await)
    }

    async fn query(&self, query: &str) -> Value {
        let (status, answer) = self.ask(&json!({"query": query}), "application/json").await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }
}

const RESULT: &str = "application/graphql-response+json";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partners_read_what_they_may_and_no_more() {
    let world = World::start().await;

    // Several routes at once, each cut down to what was asked for.
    let query = "query Page($size: Int) {
        covers(pageSize: $size) {
            covers { id title images { width height ...link } }
            nextPageToken
        }
        more: covers(pageSize: 1, query: \"nothing like it\") { covers { id } }
        categories { categories { id name } }
    }
    fragment link on Image { url format }";
    let body = json!({"query": query, "variables": {"size": 5}, "operationName": "Page"});
    let (status, answer) = world.ask(&body, "application/json").await;
    assert_eq!(status, StatusCode::OK);
    assert!(answer.get("errors").is_none(), "{answer}");
    let cover = &answer["data"]["covers"]["covers"][0];
    assert_eq!(cover["title"], "One graph");
    assert_eq!(cover.as_object().unwrap().len(), 3, "{cover}");
    assert_eq!(cover["images"].as_array().unwrap().len(), 2);
    assert_eq!(cover["images"][1]["width"], 320);
    assert!(cover["images"][0]["url"].as_str().unwrap().contains("/i/"));
    assert_eq!(answer["data"]["more"]["covers"], json!([]));
    assert!(
        !answer["data"]["categories"]["categories"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    // The same by GET, by id.
    let id = cover["id"].as_str().unwrap();
    let by_id = format!("{{ cover(coverId: \"{id}\") {{ __typename id createTime }} }}");
    let address = format!("{}/v1/graphql", world.platform.partner);
    let address = reqwest::Url::parse_with_params(&address, [("query", &by_id)]).unwrap();
    let answer = client()
        .get(address)
        .bearer_auth(&world.key)
        .send()
        .await
        .unwrap();
    let answer = read(answer).await;
    assert_eq!(answer["data"]["cover"]["id"], id, "{answer}");
    assert_eq!(answer["data"]["cover"]["__typename"], "Cover");

    // A field that fails is null; the others stand. The reason is the route's.
    let answer = world
        .query("{ cover(coverId: \"cov_01a223fb4f2976b48d6a415d73e84b8b\") { id } covers { covers { id } } }")
        .await;
    assert_eq!(answer["data"]["cover"], Value::Null);
    assert_eq!(
        answer["data"]["covers"]["covers"].as_array().unwrap().len(),
        1
    );
    assert_eq!(answer["errors"][0]["path"], json!(["cover"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");

    // Nobody in particular reads what is public, and is told about the rest.
    let answer = client()
        .post(format!("{}/v1/graphql", world.platform.partner))
        .header("content-type", "application/json")
        .body(
            json!({"query": "{ categories { categories { id } } covers { covers { id } } }"})
                .to_string(),
        )
        .send()
        .await
        .unwrap();
    let answer = read(answer).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{answer}"
    );
    assert!(answer["data"]["categories"]["categories"][0]["id"].is_string());

    // A key without the scope may not.
    let answer = world.query("{ webhooks { webhooks { id } } }").await;
    assert_eq!(answer["data"]["webhooks"], Value::Null);
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "PERMISSION_DENIED",
        "{answer}"
    );

    // The other audiences have it too.
    for (address, prefix) in [
        (&world.platform.web, "/api/v1"),
        (&world.platform.mobile, "/m/v1"),
    ] {
        let answer = client()
            .post(format!("{address}{prefix}/graphql"))
            .bearer_auth(&world.ada.token)
            .header("content-type", "application/json")
            .body(json!({"query": "{ quota(userId: \"me\") { limit used } }"}).to_string())
            .send()
            .await
            .unwrap();
        let answer = read(answer).await;
        assert_eq!(answer["data"]["quota"]["used"], 1, "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_costs_too_much_or_is_none_is_refused_with_a_reason() {
    let world = World::start().await;
    let deep = "{ __schema { types { fields { type { ofType { ofType { ofType { ofType { ofType \
                { ofType { ofType { ofType { name } } } } } } } } } } } } }";
    let wide = format!(
        "{{ {} }}",
        (0..60)
            .map(|n| format!(
                "a{n}: covers {{ covers {{ id title images {{ url }} }} nextPageToken }} "
            ))
            .collect::<String>()
    );
    let nothing = "{ covers { covers { nothing } } }";
    let write = "mutation { deleteCover(coverId: \"x\") { id } }";
    for query in [deep, &wide, nothing, write, "{", "{ covers }"] {
        let (status, answer) = world.ask(&json!({"query": query}), RESULT).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}: {answer}");
        assert!(answer["errors"][0]["message"].is_string(), "{answer}");
        assert_eq!(answer["data"], Value::Null, "{answer}");
    }

    // Twelve routes are two more than one query calls.
    let many: String = (0..12)
        .map(|n| format!("a{n}: categories {{ categories {{ id }} }} "))
        .collect();
    let answer = world.query(&format!("{{ {many} }}")).await;
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 2, "{answer}");
    assert_eq!(errors[0]["extensions"]["reason"], "QUERY_TOO_EXPENSIVE");

    for (body, status) in [
        (json!({"query": ""}), StatusCode::BAD_REQUEST),
        (
            json!({"query": "{ covers { nextPageToken } }", "more": 1}),
            StatusCode::BAD_REQUEST,
        ),
        (
            json!([{"query": "{ covers { nextPageToken } }"}]),
            StatusCode::BAD_REQUEST,
        ),
        (
            json!({"query": " ".repeat(70_000)}),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        let (answered, answer) = world.ask(&body, "application/json").await;
        assert_eq!(answered, status, "{answer}");
    }
    let other = client()
        .delete(format!("{}/v1/graphql", world.platform.partner))
        .send()
        .await
        .unwrap();
    assert_eq!(other.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(other.headers().contains_key("allow"));
    assert!(other.headers().contains_key("x-request-id"));
}
