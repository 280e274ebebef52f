//! Links, deprecations and copies: what is refused, and what is written.

use covergen_bff_codegen::Audience;
use serde_json::Value;

use crate::contract::{FIRST_LINE, generate, generate_for};

/// A service whose first RPC has these options.
fn contract(options: &str) -> String {
    format!(
        r#"service Shelf {{
  rpc Get(GetBook) returns (Book) {{
    option (google.api.http) = {{get: "/books/{{id}}"}};
    option (covergen.bff.v1.bff) = {{expose: [WEB, PARTNER] auth: {{public: true}} {options}}};
  }}
  rpc Read(ReadPage) returns (Book) {{
    option (google.api.http) = {{get: "/books/{{book.id}}/pages/{{page}}"}};
    option (covergen.bff.v1.bff) = {{expose: [WEB] auth: {{public: true}}}};
  }}
  rpc Pathless(GetBook) returns (Book) {{
    option (covergen.bff.v1.bff) = {{expose: [WEB] auth: {{public: true}}}};
  }}
  rpc Inside(GetBook) returns (Book);
}}
message GetBook {{ string id = 1; string code = 2; string after = 3; }}
message ReadPage {{ GetBook book = 1; int32 page = 2; }}
message Book {{
  enum State {{ STATE_UNSPECIFIED = 0; LENT = 1; LOST = 2; }}
  State state = 6;
  optional State before = 7;
  Shelved shelved = 8;
  repeated State states = 9;
  string id = 1;
  GetBook origin = 2;
  int32 page = 3;
  repeated string words = 4;
  bytes cover = 5;
}}
message BookChanged {{ string id = 1; }}
message Shelved {{ Book.State state = 1; }}
"#
    )
}

#[track_caller]
fn assert_error(body: &str, text: &str) {
    let found = generate(body).expect_err("the contract is wrong").0;
    let Some(hit) = found.iter().find(|error| error.message.contains(text)) else {
        panic!("no error says `{text}`: {found:?}");
    };
    assert_eq!(hit.file, "covergen/scratch/v1/scratch.proto");
    assert_eq!(hit.line, FIRST_LINE + 1, "{hit}");
}

const READ: &str = "covergen.scratch.v1.Shelf/Read";

fn link(rel: &str, rpc: &str, bind: &str) -> String {
    format!("links: {{rel: \"{rel}\" rpc: \"{rpc}\" {bind}}}")
}

#[test]
fn links_that_lead_nowhere_are_refused() {
    let good =
        "bind: {to: \"book.id\" from: \"answer.id\"} bind: {to: \"page\" from: \"answer.page\"}";
    for (links, text) in [
        (link("a", "covergen.scratch.v1.Shelf/Gone", ""), "is no RPC"),
        (link("a", "Shelf.Read", ""), "is no RPC"),
        (
            link("a", "covergen.scratch.v1.Shelf/Pathless", ""),
            "has no path",
        ),
        (link("", READ, good), "not the name of a relation"),
        (link("A b", READ, good), "not the name of a relation"),
        (
            link("a", READ, "bind: {to: \"book.id\" from: \"answer.id\"}"),
            "leaves `{page}` in /api/v1/books/{book.id}/pages/{page} unbound",
        ),
        (
            link(
                "a",
                READ,
                &format!("{good} bind: {{to: \"line\" text: \"1\"}}"),
            ),
            "binds `line`, which is no variable",
        ),
        (
            format!("{} {}", link("a", READ, good), link("a", READ, good)),
            "is there twice",
        ),
    ] {
        assert_error(&contract(&links), text);
    }
}

#[test]
fn links_that_read_what_is_not_there_are_refused() {
    for (from, text) in [
        ("answer.nothing", "neither request nor answer has"),
        ("request.words", "neither request nor answer has"),
        ("id", "neither request nor answer has"),
        ("answer.words", "no single text or number"),
        ("answer.origin", "no single text or number"),
        ("answer.cover", "no single text or number"),
        ("answer.words.id", "neither request nor answer has"),
    ] {
        let bind = format!(
            "bind: {{to: \"book.id\" from: \"{from}\"}} bind: {{to: \"page\" text: \"1\"}}"
        );
        assert_error(&contract(&link("a", READ, &bind)), text);
    }
    let both = "bind: {to: \"book.id\" from: \"answer.id\" text: \"x\"} \
                bind: {to: \"page\" text: \"1\"}";
    assert_error(&contract(&link("a", READ, both)), "both `from` and `text`");
}

const PAGE: &str = "bind: {to: \"book.id\" from: \"answer.id\"} bind: {to: \"page\" text: \"1\"}";

#[test]
fn conditions_on_what_is_not_there_are_refused() {
    for (when, text) in [
        ("state", "does not read `<field> in <VALUE>,<VALUE>`"),
        ("state = LENT", "does not read `<field> in"),
        (
            "gone in LENT",
            "reads `gone`, which the answer does not have",
        ),
        ("id in LENT", "reads `id`, which is no single enum"),
        ("states in LENT", "reads `states`, which is no single enum"),
        (
            "state in LENT,SOLD",
            "names `SOLD`, which is no covergen.scratch.v1.Book.State",
        ),
        ("state in ", "names ``, which is no"),
        ("state in LENT,LENT", "names `LENT` twice"),
    ] {
        let bind = format!("{PAGE} when: \"{when}\"");
        assert_error(&contract(&link("a", READ, &bind)), text);
    }
    let located = link("a", READ, &format!("{PAGE} when: \"state in LENT\""));
    let located = located
        .replace("links:", "location:")
        .replace("rel: \"a\"", "");
    assert_error(&contract(&located), "no `when`");
}

#[test]
fn a_link_with_a_condition_is_made_where_it_holds() {
    for (when, condition) in [
        (
            "state in LENT",
            "matches!(Some(&answer).map(|m| m.state), Some(1))",
        ),
        (
            "before in LENT, LOST",
            "matches!(Some(&answer).and_then(|m| m.before), Some(1 | 2))",
        ),
        (
            "shelved.state in LOST",
            "matches!(Some(&answer).and_then(|m| m.shelved.as_ref()).map(|m| m.state), Some(2))",
        ),
    ] {
        let with = contract(&link("a", READ, &format!("{PAGE} when: \"{when}\"")));
        let with = generate(&with).unwrap();
        let expected = format!("if call.wants_links() && {condition} {{ call.link(\"a\"");
        assert!(with.rust.contains(&expected), "{expected}");
        // Documents tell where links lead, not when.
        let without = generate(&contract(&link("a", READ, PAGE))).unwrap();
        assert_eq!(with.openapi, without.openapi);
    }
}

#[test]
fn links_need_an_answer_to_stand_in() {
    let options = format!(
        "status: 204 {}",
        link(
            "a",
            READ,
            "bind: {to: \"book.id\" from: \"answer.id\"} bind: {to: \"page\" text: \"1\"}"
        )
    );
    assert_error(&contract(&options), "stand in a JSON answer");
}

#[test]
fn deprecations_that_tell_no_day_are_refused() {
    for (told, text) in [
        ("since: \"soon\"", "`since` is `soon`"),
        ("", "`since` is ``"),
        ("since: \"2026-02-30\"", "`since` is `2026-02-30`"),
        (
            "since: \"2026-11-01\" sunset: \"later\"",
            "`sunset` is `later`",
        ),
        (
            "since: \"2026-11-01\" sunset: \"2027-04-30\"",
            "`sunset` cannot be before 2027-05-01",
        ),
        (
            "since: \"2026-11-01\" guide: \"read it\"",
            "neither a path nor a URL",
        ),
        (
            "since: \"2026-11-01\" guide: \"http://x\"",
            "neither a path nor a URL",
        ),
    ] {
        assert_error(&contract(&format!("deprecation: {{{told}}}")), text);
    }
    let good = "deprecation: {since: \"2026-11-01\" sunset: \"2027-05-01\" guide: \"/docs/x\"}";
    let rust = generate(&contract(good)).unwrap().rust;
    assert!(rust.contains("sunset: \"Sat, 01 May 2027 00:00:00 GMT\""));
}

#[test]
fn copies_of_what_may_differ_are_refused() {
    let event = "purge_on: \"covergen.scratch.v1.BookChanged\"";
    for (options, text) in [
        (
            "cache: {purge_on: \"BookChanged\" keep_seconds: 9}".to_owned(),
            "is no event",
        ),
        (
            "cache: {purge_on: \"covergen.scratch.v1.Gone\" keep_seconds: 9}".to_owned(),
            "is no event",
        ),
        (
            format!("cache: {{{event}}}"),
            "need `keep_seconds` or `max_age_seconds`",
        ),
        (
            format!(
                "cache: {{{event} keep_seconds: 9}} \
                 request_headers: {{header: \"x-code\" field: \"code\"}}"
            ),
            "only a public GET",
        ),
        (
            format!("cache: {{{event} keep_seconds: 9}} status: 201"),
            "only a public GET",
        ),
    ] {
        assert_error(&contract(&options), text);
    }
    let signed_in = contract("cache: {keep_seconds: 9}").replacen(
        "auth: {public: true}",
        "auth: {permission: \"books.read\"}",
        1,
    );
    assert_error(&signed_in, "only a public GET");
    let rust = generate(&contract(&format!(
        "cache: {{{event} max_age_seconds: 60}}"
    )));
    let kept = "Copies { seconds: 60, purge_on: &[\"covergen.scratch.v1.BookChanged\"] }";
    assert!(rust.unwrap().rust.contains(kept));
}

#[test]
fn a_sensitive_field_in_a_path_is_refused() {
    let body = contract("").replacen(
        "string id = 1; string code",
        "string id = 1 [(covergen.bff.v1.field).sensitive = true]; string code",
        1,
    );
    assert_error(&body, "is sensitive, and paths are logged");
}

const LINKED: &str = "links: [{rel: \"page\" rpc: \"covergen.scratch.v1.Shelf/Read\" \
     bind: {to: \"book.id\" from: \"request.id\"} bind: {to: \"page\" from: \"answer.page\"}}, \
     {rel: \"origin\" rpc: \"covergen.scratch.v1.Shelf/Get\" \
     bind: {to: \"id\" from: \"answer.origin.id\"}}]";

fn document(audience: Audience) -> Value {
    let generated = generate_for(audience, &contract(LINKED)).unwrap();
    serde_json::from_str(&generated.openapi).unwrap()
}

#[test]
fn the_document_tells_where_links_lead() {
    let document = document(Audience::Web);
    let get = &document["paths"]["/api/v1/books/{id}"]["get"];
    let success = &get["responses"]["200"];
    assert_eq!(success["links"]["page"]["operationId"], "Shelf_Read");
    let parameters = &success["links"]["page"]["parameters"];
    assert_eq!(parameters["book.id"], "$request.path.id");
    assert_eq!(parameters["page"], "$response.body#/page");
    let origin = &success["links"]["origin"]["parameters"];
    assert_eq!(origin["id"], "$response.body#/origin/id");
    let schema = &success["content"]["application/json"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/Book");
    let member = &schema["properties"]["_links"]["properties"]["page"];
    assert_eq!(member["$ref"], "#/components/schemas/Link");
    let listed = get["parameters"].as_array().unwrap();
    assert!(
        listed
            .iter()
            .any(|p| p["$ref"] == "#/components/parameters/Prefer")
    );
}

#[test]
fn a_link_to_what_an_audience_is_not_offered_does_not_exist_there() {
    let document = document(Audience::Partner);
    let get = &document["paths"]["/v1/books/{id}"]["get"];
    let links = get["responses"]["200"]["links"].as_object().unwrap();
    assert_eq!(links.keys().collect::<Vec<_>>(), ["origin"]);
}

#[test]
fn only_partners_have_links_by_default() {
    for (audience, is_default) in [
        (Audience::Web, false),
        (Audience::Mobile, false),
        (Audience::Partner, true),
    ] {
        let rust = generate_for(audience, &contract("")).unwrap().rust;
        assert!(rust.contains(&format!("links_by_default: {is_default}")));
    }
}

#[test]
fn streams_tell_of_sockets_and_of_the_last_event() {
    let body = r#"
service Watching {
  rpc Watch(WatchBooks) returns (stream Book) {
    option (google.api.http) = {get: "/books:watch"};
    option (covergen.bff.v1.bff) = {
      expose: [WEB] auth: {public: true} stream: SSE
      request_headers: {header: "last-event-id" field: "after"}
    };
  }
}
message WatchBooks { uint64 after = 1; }
message Book { string id = 1; string isbn = 2 [(covergen.bff.v1.field).since = "1.2"]; }
"#;
    let generated = generate(body).unwrap();
    assert!(generated.rust.contains("resumes: true"));
    let document: Value = serde_json::from_str(&generated.openapi).unwrap();
    let watch = &document["paths"]["/api/v1/books:watch"]["get"];
    let told = watch["responses"]["101"]["description"].as_str().unwrap();
    assert!(told.contains("websocket"), "{told}");
    let listed = watch["parameters"].as_array().unwrap();
    let resumes = |p: &Value| p["$ref"] == "#/components/parameters/LastEventId";
    assert!(listed.iter().any(resumes));
    let since = &document["components"]["schemas"]["Book"]["properties"]["isbn"]["x-since"];
    assert_eq!(since, "1.2");
}

#[test]
fn lists_tell_of_page_and_limit() {
    let body = r#"
service Lists {
  rpc List(ListBooks) returns (Books) {
    option (google.api.http) = {get: "/books"};
    option (covergen.bff.v1.bff) = {expose: [WEB] auth: {public: true}};
  }
}
message ListBooks { int32 page_size = 1; string page_token = 2; }
message Books { repeated string titles = 1; string next_page_token = 2; }
"#;
    let generated = generate(body).unwrap();
    let document: Value = serde_json::from_str(&generated.openapi).unwrap();
    let listed = document["paths"]["/api/v1/books"]["get"]["parameters"].clone();
    for (name, least) in [("Page", 1), ("Limit", 0)] {
        let reference = format!("#/components/parameters/{name}");
        let mut listed = listed.as_array().unwrap().iter();
        assert!(listed.any(|p| p["$ref"] == *reference), "{name}");
        assert!(document["components"]["parameters"][name]["schema"]["minimum"] == least);
    }
}
