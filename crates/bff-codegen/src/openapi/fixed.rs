//! The parts of the document that every audience shares.

use super::doc::Doc;
use crate::Audience;

pub(super) const DESCRIPTION: &str = "JSON is proto3 JSON: names in lowerCamelCase, 64-bit numbers as strings, times in RFC 3339. \
Fields without a value are left out of requests; answers always hold the fields that cannot be absent. \
`fields=a,b.c` cuts an answer down to the members named. \
`_links` says where to go from an answer: partners see it unless they send `Prefer: links=off`, others with `Prefer: links`. \
Errors are `application/problem+json` (RFC 9457) with a stable `reason`. \
A request that changes something takes an `Idempotency-Key`: send the same key when you retry.";

pub(super) const PROBLEM: &str = "Problem";

/// The error shape.
pub(super) fn problem_schema() -> Doc {
    let text = |description: &str| {
        Doc::object([
            ("type", Doc::text("string")),
            ("description", Doc::text(description)),
        ])
    };
    let violation = Doc::object([
        ("type", Doc::text("object")),
        ("required", Doc::texts(["field", "description"])),
        (
            "properties",
            Doc::object([
                ("field", text("Path of the field or parameter.")),
                ("description", text("What is wrong with it.")),
            ]),
        ),
    ]);
    let integer = |description: &str| {
        Doc::object([
            ("type", Doc::text("integer")),
            ("description", Doc::text(description)),
        ])
    };
    let required = [
        "type",
        "title",
        "status",
        "detail",
        "code",
        "reason",
        "requestId",
    ];
    Doc::object([
        ("type", Doc::text("object")),
        (
            "description",
            Doc::text("Why a request was refused (RFC 9457)."),
        ),
        ("required", Doc::texts(required)),
        (
            "properties",
            Doc::object([
                ("type", text("URI of the kind of problem.")),
                ("title", text("The kind of problem in words.")),
                ("status", integer("HTTP status.")),
                ("detail", text("What happened this time.")),
                ("code", text("Canonical code, such as `INVALID_ARGUMENT`.")),
                (
                    "reason",
                    text("Stable reason to branch on, such as `UNKNOWN_FIELD`."),
                ),
                (
                    "violations",
                    Doc::object([("type", Doc::text("array")), ("items", violation)]),
                ),
                ("requestId", text("Id of the request, for support.")),
                ("retryAfterSeconds", integer("When to try again.")),
            ]),
        ),
    ])
}

/// Refusals that many operations share.
pub(super) fn responses() -> Doc {
    let refusal = |description: &str| {
        Doc::object([
            ("description", Doc::text(description)),
            (
                "content",
                Doc::object([(
                    "application/problem+json",
                    Doc::object([("schema", Doc::reference("schemas", PROBLEM))]),
                )]),
            ),
        ])
    };
    Doc::object([
        (
            "BadRequest",
            refusal("The request is not valid; `violations` names the fields."),
        ),
        (
            "Unauthorized",
            refusal("No valid credential was presented."),
        ),
        ("Forbidden", refusal("The caller may not do this.")),
        (
            "NotFound",
            refusal("There is no such thing, or not for this caller."),
        ),
        (
            "Conflict",
            refusal("Another request with the same key is in flight, or the state has changed."),
        ),
        (
            "Unprocessable",
            refusal("The idempotency key was used for another request."),
        ),
        (
            "TooManyRequests",
            refusal("A rate limit or quota is used up; see Retry-After."),
        ),
        ("Problem", refusal("Any other refusal.")),
    ])
}

/// Parameters that many operations share.
pub(super) fn parameters() -> Doc {
    let key = Doc::object([
        ("type", Doc::text("string")),
        ("minLength", Doc::number(1_u64)),
        ("maxLength", Doc::number(128_u64)),
    ]);
    let header = |name: &str, required: bool, description: &str, schema: Doc| {
        Doc::object([
            ("name", Doc::text(name)),
            ("in", Doc::text("header")),
            ("required", Doc::Bool(required)),
            ("description", Doc::text(description)),
            ("schema", schema),
        ])
    };
    let text = Doc::object([("type", Doc::text("string"))]);
    let number = |name: &str, least: u64, description: &str| {
        let schema = Doc::object([("type", Doc::text("integer"))]);
        Doc::object([
            ("name", Doc::text(name)),
            ("in", Doc::text("query")),
            ("required", Doc::Bool(false)),
            ("description", Doc::text(description)),
            ("schema", schema.with("minimum", Doc::number(least))),
        ])
    };
    Doc::object([
        (
            "IdempotencyKey",
            header(
                "Idempotency-Key",
                false,
                "Key of this request; made where it is absent. The same key answers the same for 24 hours.",
                key.clone(),
            ),
        ),
        (
            "RequiredIdempotencyKey",
            header(
                "Idempotency-Key",
                true,
                "Key of this request. The same key answers the same for 24 hours.",
                key,
            ),
        ),
        (
            "IfNoneMatch",
            header(
                "If-None-Match",
                false,
                "Entity tag of the copy at hand; 304 when it is still good.",
                text.clone(),
            ),
        ),
        (
            "LastEventId",
            Doc::object([
                ("name", Doc::text("lastEventId")),
                ("in", Doc::text("query")),
                ("required", Doc::Bool(false)),
                (
                    "description",
                    Doc::text("As the header Last-Event-ID, for those who cannot set it."),
                ),
                ("schema", text.clone()),
            ]),
        ),
        (
            "Page",
            number(
                "page",
                1,
                "Page, from 1, for those who do not follow `nextPageToken`.",
            ),
        ),
        ("Limit", number("limit", 0, "Another name for `pageSize`.")),
        (
            "Prefer",
            header(
                "Prefer",
                false,
                "`links` or `links=off`: whether the answer holds `_links`.",
                text.clone(),
            ),
        ),
        (
            "Fields",
            Doc::object([
                ("name", Doc::text("fields")),
                ("in", Doc::text("query")),
                ("required", Doc::Bool(false)),
                (
                    "description",
                    Doc::text("Members wanted in the answer, by commas, such as `id,images.url`."),
                ),
                ("schema", text),
            ]),
        ),
    ])
}

/// How callers of an audience identify themselves.
pub(super) fn security(audience: Audience) -> Doc {
    let bearer = Doc::object([
        ("type", Doc::text("http")),
        ("scheme", Doc::text("bearer")),
        ("bearerFormat", Doc::text("JWT")),
    ]);
    let key = |place: &str, name: &str, description: &str| {
        Doc::object([
            ("type", Doc::text("apiKey")),
            ("in", Doc::text(place)),
            ("name", Doc::text(name)),
            ("description", Doc::text(description)),
        ])
    };
    let second = match audience {
        Audience::Web => (
            "cookie",
            key(
                "cookie",
                "covergen_session",
                "Browser session. Unsafe methods repeat the covergen_csrf cookie in X-CSRF-Token.",
            ),
        ),
        Audience::Partner => (
            "apiKey",
            key(
                "header",
                "X-Api-Key",
                "Key of a partner. One that was made with a `signingKey` is good for signed requests alone: \
                 HTTP message signatures (RFC 9421) with Ed25519 in `Signature-Input` and `Signature`, over `@method`, \
                 `@authority`, `@path`, `@query` (or `@target-uri`), `x-api-key`, `content-digest` (RFC 9530) where \
                 there is a body and `idempotency-key` where it is sent, with `created`, `keyid` (the key's id) and a \
                 fresh `nonce`. A refusal bears `Accept-Signature`, which says what is wanted.",
            ),
        ),
        Audience::Mobile => return Doc::object([("bearer", bearer)]),
    };
    Doc::object([("bearer", bearer), second])
}

/// Names of an audience's security schemes.
pub(super) fn security_names(audience: Audience) -> &'static [&'static str] {
    match audience {
        Audience::Web => &["bearer", "cookie"],
        Audience::Partner => &["bearer", "apiKey"],
        Audience::Mobile => &["bearer"],
    }
}
