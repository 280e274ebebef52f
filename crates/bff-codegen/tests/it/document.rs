//! The OpenAPI document.

use serde_json::{Value, json};

use crate::contract::generate;

const CONTRACT: &str = r#"
option (covergen.bff.v1.tag) = "Things";
// Things are kept here.
service ThingService {
  // Makes a thing. It is kept for a year.
  rpc Make(MakeThing) returns (Thing) {
    option (google.api.http) = {post: "/shelves/{shelf_id}/things" body: "*"};
    option (covergen.bff.v1.bff) = {
      expose: [WEB]
      auth: {permission: "things.write"}
      status: 201
      idempotency: REQUIRED
      reason_status {key: "SHELF_FULL" value: 507}
    };
  }
  // Lists things.
  rpc List(ListThings) returns (Things) {
    option (google.api.http) = {get: "/things"};
    option (covergen.bff.v1.bff) = {expose: [WEB] auth: {public: true} cache: {etag: true}};
  }
  rpc Watch(ListThings) returns (stream Thing) {
    option (google.api.http) = {get: "/things:watch"};
    option (covergen.bff.v1.bff) = {expose: [WEB] auth: {public: true} stream: SSE};
  }
}
service FileService {
  // Keeps a file.
  rpc Keep(stream KeepFile) returns (Thing) {
    option (google.api.http) = {post: "/shelves/{shelf_id}/files" body: "*"};
    option (covergen.bff.v1.bff) = {
      expose: [WEB] auth: {permission: "files.write"} status: 201 idempotency: OPTIONAL
      upload: {header: "file" chunk: "chunk" filename: "name" content_type: "type" types: ["image/png"]}
    };
  }
  // Sends the browser away.
  rpc Leave(ListThings) returns (Thing) {
    option (google.api.http) = {get: "/away"};
    option (covergen.bff.v1.bff) = {
      expose: [WEB] auth: {public: true} redirect: "id"
      request_cookies: [{cookie: "flow" field: "page_token"}]
    };
  }
  // Names a thing anew.
  rpc Rename(Tagged) returns (Tagged) {
    option (google.api.http) = {put: "/things/{id}/name" body: "*"};
    option (covergen.bff.v1.bff) = {
      expose: [WEB] auth: {public: true}
      request_headers: [{header: "if-match" field: "etag"}]
      response_headers: [{header: "etag" field: "etag"}]
    };
  }
  // Gives a file back.
  rpc Fetch(Tagged) returns (stream google.api.HttpBody) {
    option (google.api.http) = {get: "/files/{id}"};
    option (covergen.bff.v1.bff) = {
      expose: [WEB] auth: {public: true} stream: BODY
      request_headers: [{header: "range" field: "etag"}]
    };
  }
}
message Tagged { string id = 1; string etag = 2; }
message KeepFile { oneof part { FileHead file = 1; bytes chunk = 2; } }
message FileHead {
  string shelf_id = 1;
  // What it is called.
  string title = 2 [(buf.validate.field).string = {min_len: 1}];
  string name = 3;
  string type = 4;
  string request_id = 5;
}
message MakeThing {
  string shelf_id = 1;
  // What it is called.
  string name = 2 [(buf.validate.field).string = {min_len: 1 max_len: 40}];
  int32 weight = 3 [(buf.validate.field).int32 = {gte: 2 lte: 9}];
  repeated string colours = 4 [(buf.validate.field).repeated = {min_items: 1 max_items: 3 unique: true items: {string: {in: ["red", "blue"]}}}];
  string request_id = 5;
  string made = 7 [(covergen.bff.v1.field).output_only = true];
  // Asked for by name.
  string email = 6 [(buf.validate.field).string.email = true];
}
message Filter { string owner_id = 1; }
message ListThings {
  Filter filter = 1;
  int32 page_size = 2;
  string page_token = 3;
}
message Things { repeated Thing things = 1; string next_page_token = 2; }
// Thing is a thing.
message Thing {
  enum Kind { KIND_UNSPECIFIED = 0; ROUND = 1; }
  string id = 1 [(covergen.bff.v1.field).output_only = true];
  int64 count = 2;
  Kind kind = 3;
  google.protobuf.Timestamp create_time = 4;
  Thing part = 5;
}
"#;

fn document() -> Value {
    let text = generate(CONTRACT).unwrap().openapi;
    serde_json::from_str(&text).expect("the document is JSON")
}

#[test]
fn an_operation_says_what_the_comment_and_the_annotations_say() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let make = &document["paths"]["/api/v1/shelves/{shelfId}/things"]["post"];
    assert_eq!(make["operationId"], "ThingService_Make");
    assert_eq!(make["summary"], "Makes a thing");
    assert_eq!(make["tags"], json!(["Things"]));
    assert_eq!(make["security"], json!([{"bearer": []}, {"cookie": []}]));
    for status in [
        "201", "400", "401", "403", "404", "409", "422", "429", "507", "default",
    ] {
        assert!(make["responses"].get(status).is_some(), "{status}");
    }
    let names: Vec<&Value> = make["parameters"].as_array().unwrap().iter().collect();
    assert_eq!(names[0]["name"], "shelfId");
    assert_eq!(names[0]["in"], "path");
    assert_eq!(
        names[1]["$ref"],
        "#/components/parameters/RequiredIdempotencyKey"
    );
}

#[test]
fn validation_rules_are_constraints() {
    let document = document();
    let make = &document["paths"]["/api/v1/shelves/{shelfId}/things"]["post"];
    let schema = &make["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["name", "colours"]));
    let properties = &schema["properties"];
    assert!(properties.get("shelfId").is_none(), "the path fills it");
    assert_eq!(properties["name"]["maxLength"], 40);
    assert_eq!(properties["name"]["description"], "What it is called.");
    assert_eq!(properties["weight"]["minimum"], 2);
    assert_eq!(properties["weight"]["maximum"], 9);
    assert_eq!(properties["colours"]["uniqueItems"], true);
    assert_eq!(
        properties["colours"]["items"]["enum"],
        json!(["red", "blue"])
    );
    assert_eq!(properties["email"]["format"], "email");
}

#[test]
fn examples_keep_the_rules() {
    let document = document();
    let make = &document["paths"]["/api/v1/shelves/{shelfId}/things"]["post"];
    let example = &make["requestBody"]["content"]["application/json"]["example"];
    assert_eq!(example["weight"], 2);
    assert_eq!(example["colours"], json!(["red"]));
    assert_eq!(example["email"], "ada@example.com");
    assert!(example.get("requestId").is_none());
    assert!(example.get("made").is_none(), "the server sets it");
}

#[test]
fn messages_are_schemas_of_their_json() {
    let document = document();
    let thing = &document["components"]["schemas"]["Thing"];
    assert_eq!(thing["description"], "Thing is a thing.");
    assert_eq!(thing["properties"]["count"]["type"], "string");
    assert_eq!(thing["properties"]["createTime"]["format"], "date-time");
    assert_eq!(
        thing["properties"]["part"]["$ref"],
        "#/components/schemas/Thing"
    );
    assert_eq!(thing["properties"]["id"]["readOnly"], true);
    assert_eq!(thing["required"], json!(["id", "count", "kind"]));
    let kind = &document["components"]["schemas"]["Thing.Kind"];
    assert_eq!(kind["enum"], json!(["KIND_UNSPECIFIED", "ROUND"]));
}

#[test]
fn query_parameters_reach_into_messages() {
    let document = document();
    let list = &document["paths"]["/api/v1/things"]["get"];
    assert_eq!(list["security"], json!([]));
    assert!(list["responses"].get("304").is_some());
    let names: Vec<&str> = list["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|parameter| parameter["name"].as_str())
        .collect();
    assert_eq!(names, ["filter.ownerId", "pageSize", "pageToken"]);
}

#[test]
fn streams_offer_both_framings() {
    let document = document();
    let watch = &document["paths"]["/api/v1/things:watch"]["get"];
    let content = watch["responses"]["200"]["content"].as_object().unwrap();
    assert!(content.contains_key("text/event-stream"));
    assert!(content.contains_key("application/x-ndjson"));
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, document: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    let pointer = reference.strip_prefix('#').expect("a local reference");
                    assert!(document.pointer(pointer).is_some(), "{reference}");
                }
                members.values().for_each(|value| walk(value, document));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, document)),
            _ => {}
        }
    }
    let document = document();
    walk(&document, &document);
}

#[test]
fn an_upload_is_a_form_or_a_bare_file() {
    let document = document();
    let keep = &document["paths"]["/api/v1/shelves/{shelfId}/files"]["post"];
    let content = &keep["requestBody"]["content"];
    let form = &content["multipart/form-data"]["schema"];
    let names: Vec<&String> = form["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["file", "title"]);
    assert_eq!(form["required"], json!(["title", "file"]));
    assert_eq!(
        form["properties"]["title"]["description"],
        "What it is called."
    );
    assert_eq!(content["image/png"]["schema"]["type"], "string");
    for status in ["201", "408", "413", "415", "409"] {
        assert!(keep["responses"].get(status).is_some(), "{status}");
    }
    assert_eq!(keep["parameters"][0]["name"], "shelfId");
    assert!(document["components"]["schemas"].get("KeepFile").is_none());
}

#[test]
fn redirects_tags_and_ranges_are_told() {
    let document = document();
    let away = &document["paths"]["/api/v1/away"]["get"];
    assert!(away["responses"]["302"]["headers"]["Location"].is_object());
    assert!(away["responses"]["200"]["content"].is_object());
    let parameters = away["parameters"].as_array().unwrap();
    let cookie = parameters
        .iter()
        .find(|parameter| parameter["in"] == "cookie");
    assert_eq!(cookie.unwrap()["name"], "flow");
    let rename = &document["paths"]["/api/v1/things/{id}/name"]["put"];
    assert!(rename["responses"].get("412").is_some());
    assert!(rename["responses"]["200"]["headers"]["ETag"].is_object());
    let fetch = &document["paths"]["/api/v1/files/{id}"]["get"];
    for status in ["200", "206", "416"] {
        assert!(fetch["responses"].get(status).is_some(), "{status}");
    }
}
