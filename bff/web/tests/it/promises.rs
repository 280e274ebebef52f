//! Routes and shapes that scripts rely on.

use serde_json::Value;

use crate::support::document;

#[test]
fn the_promised_routes_stand_where_they_were_promised() {
    let document = document();
    for route in [
        "POST /api/v1/auth/register",
        "POST /api/v1/auth/login",
        "POST /api/v1/auth/refresh",
        "POST /api/v1/auth/logout",
        "GET /api/v1/auth/sessions",
        "GET /.well-known/jwks.json",
        "GET /api/v1/users/{userId}",
        "PATCH /api/v1/users/{userId}",
        "GET /api/v1/users/{userId}/quota",
        "POST /api/v1/users/{userId}/quota/consume",
        "POST /api/v1/covers/generate",
        "POST /api/v1/covers/preview",
        "GET /api/v1/covers/tasks",
        "GET /api/v1/covers/tasks/{taskId}",
        "GET /api/v1/covers/tasks/{taskId}/status",
        "GET /api/v1/covers/tasks/{taskId}/events",
        "POST /api/v1/covers/tasks/{taskId}/cancel",
        "GET /api/v1/covers",
        "GET /api/v1/covers/{coverId}",
        "GET /api/v1/templates",
        "GET /api/v1/templates/{templateId}",
        "POST /api/v1/export/prepare",
        "GET /api/v1/export/{exportId}/status",
        "GET /api/v1/export/{exportId}/download",
        "POST /api/v1/safety/check/text",
    ] {
        let (verb, path) = route.split_once(' ').unwrap();
        let operation = &document["paths"][path][verb.to_lowercase()];
        assert!(operation.is_object(), "{route}");
    }
}

/// The properties of the answer to a promised operation.
fn answer<'a>(document: &'a Value, verb: &str, path: &str, status: &str) -> &'a Value {
    let media = &document["paths"][path][verb]["responses"][status]["content"]["application/json"];
    let reference = media["schema"]["$ref"]
        .as_str()
        .unwrap_or_else(|| panic!("{verb} {path} {status}"));
    let name = reference.rsplit('/').next().unwrap();
    &document["components"]["schemas"][name]["properties"]
}

#[test]
fn the_promised_shapes_have_their_members() {
    let document = document();
    for (verb, path, status, members) in [
        (
            "post",
            "/api/v1/auth/register",
            "201",
            &["user", "accessToken", "refreshToken", "expiresIn"][..],
        ),
        (
            "post",
            "/api/v1/auth/login",
            "200",
            &["user", "accessToken", "refreshToken", "expiresIn"],
        ),
        (
            "post",
            "/api/v1/covers/generate",
            "202",
            &["taskId", "status"],
        ),
        (
            "get",
            "/api/v1/covers/tasks/{taskId}",
            "200",
            &["taskId", "status", "progressPercent", "covers", "error"],
        ),
        (
            "post",
            "/api/v1/export/prepare",
            "202",
            &["exportId", "status"],
        ),
        (
            "get",
            "/api/v1/templates",
            "200",
            &["templates", "nextPageToken"],
        ),
        (
            "get",
            "/api/v1/users/{userId}/quota",
            "200",
            &["limit", "used", "reserved", "remaining", "resetsAt"],
        ),
    ] {
        let properties = answer(&document, verb, path, status);
        for member in members {
            assert!(properties.get(member).is_some(), "{verb} {path}: {member}");
        }
    }
}
