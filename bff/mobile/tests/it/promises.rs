//! Routes that callers rely on.

use crate::support::document;

#[test]
fn the_promised_routes_stand_where_they_were_promised() {
    let document = document();
    for route in [
        "POST /m/v1/auth/register",
        "POST /m/v1/auth/login",
        "POST /m/v1/auth/logout",
        "POST /m/v1/auth/refresh",
        "POST /m/v1/auth/forgot-password",
        "POST /m/v1/auth/reset-password",
        "GET /m/v1/users/{userId}",
        "PUT /m/v1/users/{userId}",
        "PATCH /m/v1/users/{userId}",
        "DELETE /m/v1/users/{userId}",
        "GET /m/v1/users/{userId}/quota",
        "GET /m/v1/users/{userId}/subscription",
        "GET /m/v1/users/{userId}/history",
        "GET /m/v1/users/{userId}/preferences",
        "PUT /m/v1/users/{userId}/preferences",
        "POST /m/v1/covers/generate",
        "GET /m/v1/covers/tasks",
        "GET /m/v1/covers/tasks/{taskId}",
        "GET /m/v1/covers/tasks/{taskId}/status",
        "POST /m/v1/covers/tasks/{taskId}/cancel",
        "GET /m/v1/covers",
        "GET /m/v1/covers/{coverId}",
        "GET /m/v1/covers/changes",
        "GET /m/v1/covers/bulk",
        "GET /m/v1/brand-kits",
        "GET /m/v1/screens/home",
        "GET /m/v1/screens/library",
        "GET /m/v1/screens/make",
        "GET /m/v1/templates",
        "GET /m/v1/templates/{templateId}",
        "GET /m/v1/templates/categories",
        "GET /m/v1/templates/popular",
        "POST /m/v1/export/prepare",
        "POST /m/v1/export/batch",
        "GET /m/v1/export/{exportId}/status",
        "GET /m/v1/export/{exportId}/download",
    ] {
        let (verb, path) = route.split_once(' ').unwrap();
        let operation = &document["paths"][path][verb.to_lowercase()];
        assert!(operation.is_object(), "{route}");
    }
}
