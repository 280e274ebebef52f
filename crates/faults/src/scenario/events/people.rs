//! Two people of whom every kind of event is told that somebody hears: one has
//! a webhook and stays, one leaves.

use anyhow::{Context as _, Result, ensure};
use covergen_ids::{Clock, WebhookId};
use reqwest::Method;
use serde_json::{Value, json};

use super::World;
use crate::person::Person;
use crate::site::Site;
use crate::workload::PATIENCE;

/// A title that rules refuse which come with the platform.
const REFUSED: &str = "how to make a pipe bomb";

/// Lets both do what they do.
pub(super) async fn live(world: &World) -> Result<()> {
    stay(world).await?;
    leave(&world.site).await
}

async fn stay(world: &World) -> Result<()> {
    let (site, name) = (&world.site, "stays");
    let person = Person::register(site, name).await?;
    let token = token(site, name).await?;
    hook(world, &person.user).await?;

    let task = made(&person, name).await?;
    let told = person.get(&format!("/covers/tasks/{task}")).await?;
    let cover = told["covers"][0]["id"].as_str().context("no cover")?;
    let export = person.export("stays-file", cover).await?;
    person.export_ended(&export, PATIENCE).await?;
    let titles = ["stays 1", "stays 2"].map(str::to_owned);
    let bulk = person.bulk("stays-many", &titles).await?;
    person.bulk_ended(&bulk, PATIENCE).await?;
    let cover = format!("/covers/{cover}");
    call(site, &token, Method::DELETE, &cover, &Value::Null).await?;

    let stopped = person.generate("stays-stopped", "stays 3").await?;
    // Where that comes too late, the cover is made: an event all the same.
    drop(person.cancel(&stopped).await);
    person.ended(&stopped, PATIENCE).await?;

    let refused = person.generate("stays-refused", REFUSED).await;
    ensure!(refused.is_err(), "{REFUSED:?} was not refused");
    let found = "SELECT id FROM violations";
    let found = world.engines.databases().rows("safety", found).await?;
    let found = found.first().context("no violation")?;
    let found: String = found.try_get("", "id")?;
    let appeal = json!({"violationId": found, "reason": "the title of a film"});
    let appeal = call(site, &token, Method::POST, "/safety/appeals", &appeal).await?;
    let appeal = appeal["id"].as_str().context("no appeal")?;
    let back = format!("/safety/appeals/{appeal}/withdraw");
    call(site, &token, Method::POST, &back, &json!({})).await?;

    let used_up = format!(
        "UPDATE quota_periods SET limit_units = used_units + reserved_units
         WHERE user_id = '{}'",
        person.user
    );
    world.engines.databases().change("user", &used_up).await?;
    let refused = person.generate("stays-more", "stays 4").await;
    ensure!(refused.is_err(), "there is quota left");
    Ok(())
}

async fn leave(site: &Site) -> Result<()> {
    let name = "leaves";
    let person = Person::register(site, name).await?;
    let token = token(site, name).await?;
    made(&person, name).await?;
    let account = "/users/me?confirmation=delete%20my%20account";
    call(site, &token, Method::DELETE, account, &Value::Null).await?;
    Ok(())
}

/// The task of a cover that is made.
async fn made(person: &Person, name: &str) -> Result<String> {
    let task = person.generate(name, name).await?;
    let status = person.ended(&task, PATIENCE).await?;
    ensure!(status == "SUCCEEDED", "the cover of {name} is {status}");
    Ok(task)
}

/// A webhook that is switched off: what would be sent to it is kept for a
/// replay, and nobody sends it.
async fn hook(world: &World, user: &str) -> Result<()> {
    let databases = world.engines.databases();
    let home = format!("SELECT workspace_id FROM accounts WHERE id = '{user}'");
    let home = databases.rows("auth", &home).await?;
    let home = home.first().context("no account")?;
    let home: String = home.try_get("", "workspace_id")?;
    let id = WebhookId::new(&Clock::system());
    let insert = format!(
        "INSERT INTO webhooks (id, workspace_id, owner_id, url, event_types, description, enabled,
            secret, failed_attempts, revision, created_at_ms, updated_at_ms)
         VALUES ('{id}', '{home}', '{user}', 'https://example.org/', '[]', '', FALSE,
            '', 0, 1, 0, 0)"
    );
    databases.change("notification", &insert).await
}

/// The access token of somebody who has registered.
async fn token(site: &Site, name: &str) -> Result<String> {
    let account = json!({
        "email": format!("{name}@example.org"),
        "password": "correct horse battery",
    });
    let session = call(site, "", Method::POST, "/auth/login", &account).await?;
    let token = session["accessToken"].as_str().context("no token")?;
    Ok(token.to_owned())
}

/// Asks for what [`Person`] has no word for.
async fn call(site: &Site, token: &str, method: Method, path: &str, body: &Value) -> Result<Value> {
    let mut request = site.request(method, path);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if !body.is_null() {
        request = request
            .header("content-type", "application/json")
            .body(body.to_string());
    }
    let answer = request.send().await?;
    let (status, bytes) = (answer.status(), answer.bytes().await?);
    let told = String::from_utf8_lossy(&bytes);
    ensure!(status.is_success(), "{path}: {status} {told}");
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}
