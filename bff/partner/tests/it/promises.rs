//! Routes that callers rely on.

use crate::support::document;

#[test]
fn the_promised_routes_stand_where_they_were_promised() {
    let document = document();
    for route in [
        "POST /v1/covers/generate",
        "GET /v1/covers/tasks",
        "GET /v1/covers/tasks/{taskId}",
        "GET /v1/covers/tasks/{taskId}/status",
        "POST /v1/covers/tasks/{taskId}/cancel",
        "GET /v1/covers",
        "GET /v1/covers/{coverId}",
        "POST /v1/covers/bulk",
        "GET /v1/templates",
        "GET /v1/templates/{templateId}",
        "GET /v1/templates/categories",
        "GET /v1/templates/popular",
        "POST /v1/safety/check/text",
        "POST /v1/safety/check/image",
        "POST /v1/safety/check/composite",
        "POST /v1/export/prepare",
        "POST /v1/export/batch",
        "GET /v1/export/{exportId}/status",
        "GET /v1/export/{exportId}/download",
    ] {
        let (verb, path) = route.split_once(' ').unwrap();
        let operation = &document["paths"][path][verb.to_lowercase()];
        assert!(operation.is_object(), "{route}");
    }
}
