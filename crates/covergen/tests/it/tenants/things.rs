//! A tenant with one of everything.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use covergen_faults::checker::Databases;
use covergen_identity::{AccessTokens, Principal};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::api::{Person, read, register};
use crate::erasure::upload;
use crate::platform::{Platform, run_with};

/// What is refused, and so leaves a violation.
const FORBIDDEN: &str = "how to make a pipe bomb";

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Somebody, and the ids of what is theirs by kind.
pub(super) struct Things {
    pub(super) principal: Principal,
    ids: BTreeMap<&'static str, String>,
    /// Stands in whatever they wrote.
    pub(super) word: String,
}

impl Things {
    /// The id of a kind.
    pub(super) fn of(&self, kind: &str) -> &str {
        self.ids.get(kind).unwrap_or_else(|| {
            panic!("nobody has a `{kind}`: make one here, or say why it is not a tenant's")
        })
    }

    /// Every id.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.ids.values().map(String::as_str)
    }

    /// Makes somebody and one of everything. Every request bears this key.
    pub(super) async fn make(
        platform: &Platform,
        tokens: &AccessTokens,
        receiver: &str,
        name: &str,
        key: &str,
    ) -> Self {
        let person = register(platform, name).await;
        let email = format!("{name}@example.org");
        let tier = ["admin", "set-tier", "--email", &email, "pro_plus"];
        let (ok, text) = run_with(platform.folder(), &tier, platform.variables()).await;
        assert!(ok, "{text}");
        let principal = tokens.verify(&person.token).expect("a token of theirs");
        let word = format!("{name}wrote");
        let maker = Maker {
            person: &person,
            databases: Databases::in_folder(platform.folder()),
            receiver,
            key,
            word: &word,
        };
        let mut ids = Box::pin(maker.everything()).await;
        ids.insert("user", person.user_id.clone());
        ids.insert("workspace", principal.workspace_id.to_string());
        let session = principal.session_id.expect("they signed in");
        ids.insert("session", session.to_string());
        Self {
            principal,
            ids,
            word,
        }
    }
}

struct Maker<'a> {
    person: &'a Person,
    databases: Databases,
    receiver: &'a str,
    key: &'a str,
    word: &'a str,
}

impl Maker<'_> {
    async fn everything(&self) -> BTreeMap<&'static str, String> {
        let mut ids = BTreeMap::new();
        let word = self.word;
        let webhook = self.post("/webhooks", &json!({"url": self.receiver})).await;
        ids.insert("webhook", text(&webhook["webhook"]["id"]));
        let key = json!({"name": word, "scopes": ["covers:read"]});
        let key = self.post("/auth/api-keys", &key).await;
        ids.insert("api_key", text(&key["apiKey"]["id"]));
        let asset = upload(self.person).await;
        let kit = json!({"name": word, "colors": ["#112233", "#ddeeff"], "logoAssetId": asset});
        let kit = self.post("/brand-kits", &kit).await;
        ids.insert("brand_kit", text(&kit["id"]));
        let template = json!({"name": word, "design": {"base": "aurora"}});
        let template = self.post("/templates/custom", &template).await;
        ids.insert("template", text(&template["id"]));
        self.covers(&mut ids, &asset).await;
        ids.insert("asset", asset);
        let copy = self.post("/users/me/export", &json!({})).await;
        ids.insert("data_export", text(&copy["id"]));
        ids.insert("upload", self.begun().await);
        ids.insert("passkey", self.passkey().await);
        self.refused(&mut ids).await;
        // The last, so that no message to the device is under way afterwards.
        let webhook = ids["webhook"].clone();
        let delivery = format!("/webhooks/{webhook}/deliveries?status=SUCCEEDED");
        ids.insert(
            "delivery",
            self.eventually_first(&delivery, "deliveries").await,
        );
        let told = self.eventually_first("/notifications/user/me", "notifications");
        ids.insert("notification", told.await);
        ids.insert("push_subscription", self.device().await);
        ids
    }

    async fn covers(&self, ids: &mut BTreeMap<&'static str, String>, asset: &str) {
        let sizes = json!([{"preset": "thumbnail"}]);
        let cover = json!({
            "title": self.word,
            "photo": {"assetId": asset},
            "sizes": sizes,
            "formats": ["jpeg"],
        });
        let task = text(&self.post("/covers/generate", &cover).await["taskId"]);
        let ended = self.person.ended(&task).await;
        let cover = text(&ended["covers"][0]["id"]);
        let bulk = json!({
            "rows": [{"title": self.word}],
            "name": self.word,
            "sizes": sizes,
            "formats": ["jpeg"],
        });
        let bulk = text(&self.post("/covers/bulk", &bulk).await["bulkId"]);
        self.eventually_done(&format!("/covers/bulk/{bulk}")).await;
        let export = json!({"coverId": cover, "preset": "thumbnail", "format": "jpeg"});
        let export = text(&self.post("/export/prepare", &export).await["exportId"]);
        self.eventually_done(&format!("/export/{export}/status"))
            .await;
        ids.extend([("task", task), ("cover", cover), ("bulk", bulk)]);
        ids.insert("export", export);
    }

    /// A file of which nothing has come yet.
    async fn begun(&self) -> String {
        let request = self.person.request(Method::POST, "/media/uploads");
        let answer = request
            .header("tus-resumable", "1.0.0")
            .header("upload-length", 1000)
            .header("content-length", 0)
            .send()
            .await
            .expect("the platform answers");
        assert_eq!(answer.status(), StatusCode::CREATED);
        let at = answer.headers()["location"].to_str().expect("an address");
        at.rsplit('/').next().expect("an id").to_owned()
    }

    /// As an authenticator would leave it.
    async fn passkey(&self) -> String {
        let user = &self.person.user_id;
        let id = user.replace("usr_", "pky_");
        let row = format!(
            "INSERT INTO passkeys SELECT '{id}', user_id, workspace_id, \
             CAST('{id}' AS BLOB), x'00', 0, '{}', '', 0, 0, 1, NULL \
             FROM role_bindings WHERE user_id = '{user}'",
            self.word
        );
        self.databases
            .change("auth", &row)
            .await
            .expect("a passkey");
        id
    }

    /// A work that was stopped, and an appeal against that.
    async fn refused(&self, ids: &mut BTreeMap<&'static str, String>) {
        let body = json!({"title": FORBIDDEN, "sizes": [{"preset": "thumbnail"}]});
        let answer = self.person.post("/covers/generate", &body).await;
        assert!(answer.status().is_client_error(), "{}", answer.status());
        let sql = format!(
            "SELECT id FROM violations WHERE user_id = '{}'",
            self.person.user_id
        );
        let rows = self.databases.rows("safety", &sql).await.expect("rows");
        let violation: String = rows[0].try_get("", "id").expect("an id");
        let appeal = json!({"violationId": violation, "reason": self.word});
        let appeal = self.post("/safety/appeals", &appeal).await;
        ids.insert("appeal", text(&appeal["id"]));
        ids.insert("violation", violation);
    }

    async fn device(&self) -> String {
        let keys = json!({"p256dh": a_public_key(), "auth": URL_SAFE_NO_PAD.encode([7; 16])});
        let endpoint = self.receiver.replace("/hook", "/device");
        let device = json!({"endpoint": endpoint, "keys": keys, "deviceName": self.word});
        text(
            &self
                .post("/notifications/push-subscriptions", &device)
                .await["id"],
        )
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self
            .person
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .header("idempotency-key", self.key)
            .body(body.to_string())
            .send()
            .await
            .expect("the platform answers");
        let status = answer.status();
        let answer = read(answer).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    /// Waits until something has succeeded.
    async fn eventually_done(&self, path: &str) {
        self.eventually(path, |found| {
            assert_ne!(found["status"], "FAILED", "{found}");
            (found["status"] == "SUCCEEDED").then_some(())
        })
        .await;
    }

    /// The id of the first of a list, once there is one.
    async fn eventually_first(&self, path: &str, list: &str) -> String {
        self.eventually(path, |found| {
            found[list][0]["id"].as_str().map(ToOwned::to_owned)
        })
        .await
    }

    /// What is looked for in an answer, once it is there.
    async fn eventually<T>(&self, path: &str, look: impl Fn(&Value) -> Option<T>) -> T {
        for _ in 0..600 {
            let found = read(self.person.get(path).await).await;
            if let Some(it) = look(&found) {
                return it;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("{path} never has it");
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

/// The generator of P-256 (SEC 2), which is a public key like any other.
fn a_public_key() -> String {
    let x = "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296";
    let y = "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5";
    let point = format!("04{x}{y}");
    let bytes = (0..point.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&point[at..at + 2], 16).expect("hex"));
    URL_SAFE_NO_PAD.encode(bytes.collect::<Vec<u8>>())
}
