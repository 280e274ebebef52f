//! Uploads, redirects, entity tags and ranges in the document.

use super::doc::Doc;
use super::parameters;
use super::schema::Schemas;
use crate::model::{Body, Http, Method, Stream, Upload};

/// Whether answers bear an entity tag.
pub(super) fn has_etag(method: &Method) -> bool {
    let exposure = &method.exposure;
    let from_content = exposure.cache.as_ref().is_some_and(|cache| cache.etag);
    from_content || bears(method, "etag")
}

fn bears(method: &Method, header: &str) -> bool {
    let mut headers = method.exposure.response_headers.iter();
    headers.any(|binding| binding.header == header)
}

fn takes(method: &Method, header: &str) -> bool {
    let mut headers = method.exposure.request_headers.iter();
    headers.any(|binding| binding.header == header)
}

/// Whether a download honours Range.
pub(super) fn takes_ranges(method: &Method) -> bool {
    method.exposure.stream == Stream::Body && takes(method, "range")
}

/// Statuses of refusals that only some operations know.
pub(super) fn refusals(method: &Method, http: &Http) -> Vec<&'static str> {
    let mut found = Vec::new();
    if takes(method, "if-match") || method.exposure.protocol.is_some() {
        found.push("412");
    }
    if method.exposure.upload.is_some() {
        found.push("408");
    }
    if http.body != Body::None {
        found.extend(["413", "415"]);
    }
    if takes_ranges(method) {
        found.push("416");
    }
    found
}

/// Headers of a good answer.
pub(super) fn answer_headers(method: &Method) -> Doc {
    let text = || Doc::object([("schema", Doc::object([("type", Doc::text("string"))]))]);
    let mut headers = Doc::object([]);
    if has_etag(method) {
        headers.set("ETag", text());
    }
    for binding in &method.exposure.response_headers {
        if binding.header != "etag" {
            headers.set(&binding.header, text());
        }
    }
    if method.exposure.location.is_some() {
        headers.set("Location", text());
    }
    if let Some(protocol) = &method.exposure.protocol {
        headers.set(&protocol.header, text());
    }
    if !method.exposure.response_cookies.is_empty() {
        headers.set("Set-Cookie", text());
    }
    headers
}

/// The answer that sends the browser elsewhere, under its status.
pub(super) fn redirect(status: u32) -> (String, Doc) {
    let status = if status == 0 { 302 } else { status };
    let location = Doc::object([(
        "schema",
        Doc::object([
            ("type", Doc::text("string")),
            ("format", Doc::text("uri-reference")),
        ]),
    )]);
    let answer = Doc::object([
        ("description", Doc::text("The browser goes on at Location.")),
        ("headers", Doc::object([("Location", location)])),
    ]);
    (status.to_string(), answer)
}

/// The body of an upload: a form with the file in it, or the file itself.
pub(super) fn upload_body(
    method: &Method,
    http: &Http,
    upload: &Upload,
    schemas: &mut Schemas<'_>,
) -> Doc {
    let file = || {
        Doc::object([
            ("type", Doc::text("string")),
            ("contentMediaType", Doc::text("application/octet-stream")),
        ])
    };
    if upload.bare {
        return bare_body(upload, &file());
    }
    let mut form = schemas.object(&method.head(), &parameters::taken(method, http));
    form.set("additionalProperties", Doc::Bool(false));
    if let Doc::Object(members) = &mut form {
        for (name, member) in members.iter_mut() {
            match (name.as_str(), member) {
                ("properties", member @ Doc::Object(_)) => {
                    member.set(
                        "file",
                        file().with("description", Doc::text("The file; last.")),
                    );
                }
                ("required", Doc::List(names)) => names.push(Doc::text("file")),
                _ => {}
            }
        }
        if !members.iter().any(|(name, _)| name == "required") {
            members.push(("required".to_owned(), Doc::texts(["file"])));
        }
    }
    let mut content = Doc::object([("multipart/form-data", Doc::object([("schema", form)]))]);
    let any = ["application/octet-stream".to_owned()];
    let types = if upload.types.is_empty() {
        &any[..]
    } else {
        &upload.types
    };
    for kind in types {
        content.set(kind, Doc::object([("schema", file())]));
    }
    Doc::object([
        ("required", Doc::Bool(true)),
        (
            "description",
            Doc::text(
                "A form whose fields stand before its one file, or the bare file, whose fields \
                 are query parameters then.",
            ),
        ),
        ("content", content),
    ])
}

/// The body of an upload without a form.
fn bare_body(upload: &Upload, file: &Doc) -> Doc {
    let mut content = Doc::object([]);
    for kind in &upload.types {
        content.set(kind, Doc::object([("schema", file.clone())]));
    }
    Doc::object([
        ("required", Doc::Bool(false)),
        ("description", Doc::text("The bytes, as they are.")),
        ("content", content),
    ])
}

/// The header with the version of a protocol.
pub(super) fn protocol(method: &Method, http: &Http) -> Option<Doc> {
    let protocol = method.exposure.protocol.as_ref()?;
    let schema = Doc::object([
        ("type", Doc::text("string")),
        ("const", Doc::text(&protocol.version)),
    ]);
    Some(Doc::object([
        ("name", Doc::text(&protocol.header)),
        ("in", Doc::text("header")),
        ("required", Doc::Bool(http.verb != "GET")),
        ("description", Doc::text("Version of the protocol.")),
        ("schema", schema),
    ]))
}
