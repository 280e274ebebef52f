//! Query parameters.

use serde_json::json;

use crate::support::Platform;

#[tokio::test]
async fn parameters_reach_nested_repeated_and_typed_fields() {
    let platform = Platform::new();
    let path = "/api/v1/echo/t/1?small=-3&big=-9&smallNatural=4&bigNatural=18446744073709551615\
                &real=1e3&shortReal=-0.5&flag=true&data=-_8&colour=BLUE&colours=RED&colours=BLUE\
                &words=a&words=b%20c&words=d+e&inner.name=n&inner.list=x&inner.list=y&maybe=0\
                &time=2026-01-02T03:04:05Z&span=1.5s&mask=a,bC&wrapped=w&wrappedBig=7\
                &itself.itself.text=deep&itself.inner.number=9&type=kw&number=5&chunks=AQ";
    let answered = platform.get(path).await.ok();
    for (name, value) in [
        ("small", json!(-3)),
        ("big", json!("-9")),
        ("smallNatural", json!(4)),
        ("bigNatural", json!("18446744073709551615")),
        ("real", json!(1000.0)),
        ("shortReal", json!(-0.5)),
        ("flag", json!(true)),
        ("data", json!("+/8=")),
        ("colour", json!("BLUE")),
        ("colours", json!(["RED", "BLUE"])),
        ("words", json!(["a", "b c", "d e"])),
        ("maybe", json!(0)),
        ("time", json!("2026-01-02T03:04:05Z")),
        ("span", json!("1.500s")),
        ("mask", json!("a,bC")),
        ("wrapped", json!("w")),
        ("wrappedBig", json!("7")),
        ("type", json!("kw")),
        ("number", json!(5)),
        ("chunks", json!(["AQ=="])),
    ] {
        assert_eq!(answered[name], value, "{name}");
    }
    assert_eq!(
        answered["inner"],
        json!({"name": "n", "number": 1, "list": ["x", "y"]})
    );
    assert_eq!(answered["itself"]["itself"]["text"], "deep");
    assert_eq!(answered["itself"]["inner"]["number"], 9);
}

#[tokio::test]
async fn both_spellings_are_one_parameter() {
    let platform = Platform::new();
    let listed = platform.get("/api/v1/things?page_size=5").await.ok();
    assert_eq!(listed["request"]["pageSize"], 5);
    let twice = platform.get("/api/v1/things?page_size=5&pageSize=6").await;
    let problem = twice.problem(400, "DUPLICATE_PARAMETER");
    assert_eq!(problem["violations"][0]["field"], "pageSize");
}

#[tokio::test]
async fn unknown_parameters_are_refused_by_name() {
    let platform = Platform::new();
    for (query, name) in [
        ("nothing=1", "nothing"),
        ("inner.nothing=1", "inner.nothing"),
        ("inner=1", "inner"),
        ("filter.x=1", "filter.x"),
        ("=1", ""),
        (".=1", "."),
        ("fields=things&alt=json", "alt"),
    ] {
        let refused = platform.get(&format!("/api/v1/things?{query}")).await;
        let problem = refused.problem(400, "UNKNOWN_PARAMETER");
        assert_eq!(problem["violations"][0]["field"], name, "{query}");
    }
}

#[tokio::test]
async fn what_the_path_or_the_body_fills_is_no_parameter() {
    let platform = Platform::new();
    platform
        .get("/api/v1/echo/t/1?text=other")
        .await
        .problem(400, "UNKNOWN_PARAMETER");
    platform
        .post("/api/v1/echo?text=x", "{}")
        .await
        .problem(400, "UNKNOWN_PARAMETER");
    platform
        .get("/api/v1/echo/t/1?made=x")
        .await
        .problem(400, "UNKNOWN_PARAMETER");
    platform
        .get("/api/v1/echo/t/1?secret=x")
        .await
        .problem(400, "UNKNOWN_PARAMETER");
}

#[tokio::test]
async fn values_that_do_not_fit_are_refused_by_name() {
    let platform = Platform::new();
    for (query, name) in [
        ("pageSize=x", "pageSize"),
        ("pageSize=", "pageSize"),
        ("pageSize=1.5", "pageSize"),
        ("pageSize=%2B1", "pageSize"),
        ("pageSize=99999999999", "pageSize"),
        ("colours=GREEN", "colours"),
        ("colours=2", "colours"),
        ("since=soon", "since"),
        ("filter=a%00", "filter"),
    ] {
        let refused = platform.get(&format!("/api/v1/things?{query}")).await;
        let problem = refused.problem(400, "INVALID_VALUE");
        assert_eq!(problem["violations"][0]["field"], name, "{query}");
    }
}

#[tokio::test]
async fn two_members_of_a_oneof_are_refused() {
    let platform = Platform::new();
    let refused = platform.get("/api/v1/echo/t/1?name=a&number=2").await;
    refused.problem(400, "DUPLICATE_PARAMETER");
}

#[tokio::test]
async fn malformed_queries_are_refused() {
    let platform = Platform::new();
    for query in ["filter=%", "filter=%ff", "fil%ter=1"] {
        let refused = platform.get(&format!("/api/v1/things?{query}")).await;
        refused.problem(400, "MALFORMED_QUERY");
    }
    let many = vec!["colours=RED"; 201].join("&");
    let refused = platform.get(&format!("/api/v1/things?{many}")).await;
    refused.problem(400, "TOO_MANY_PARAMETERS");
}

#[tokio::test]
async fn limit_stands_for_page_size() {
    let platform = Platform::new();
    let listed = platform.get("/api/v1/things?limit=7&page=1").await.ok();
    assert_eq!(listed["request"]["pageSize"], 7);
    platform
        .get("/api/v1/things?limit=7&pageSize=7")
        .await
        .problem(400, "DUPLICATE_PARAMETER");
}

#[tokio::test]
async fn a_page_by_number_is_what_follows_the_pages_before() {
    let platform = Platform::new();
    let ids = |answer: serde_json::Value| -> Vec<String> {
        let things = answer["things"].as_array().unwrap().clone();
        things
            .iter()
            .map(|thing| thing["id"].as_str().unwrap().to_owned())
            .collect()
    };
    for (query, first, count) in [
        ("page=1&limit=10", "t0", 10),
        ("page=3&limit=10", "t20", 10),
        ("page=2", "t20", 20),
        ("page=3&limit=100", "t200", 50),
        ("page=8&limit=33", "t231", 19),
    ] {
        let listed = ids(platform.get(&format!("/api/v1/things?{query}")).await.ok());
        assert_eq!(
            (listed[0].as_str(), listed.len()),
            (first, count),
            "{query}"
        );
    }
    let beyond = platform.get("/api/v1/things?page=4&limit=100").await.ok();
    assert_eq!(beyond["things"], json!([]));
    assert_eq!(beyond["nextPageToken"], "");
}

#[tokio::test]
async fn a_page_that_is_none_or_lies_too_far_in_is_refused() {
    let platform = Platform::new();
    for query in [
        "page=0",
        "page=-1",
        "page=x",
        "page=",
        "page=52",
        "page=99999&limit=100",
        "page=2&pageToken=t5",
    ] {
        let refused = platform.get(&format!("/api/v1/things?{query}")).await;
        let problem = refused.problem(400, "INVALID_VALUE");
        assert_eq!(problem["violations"][0]["field"], "page", "{query}");
    }
    platform
        .get("/api/v1/things?page=1&page=2")
        .await
        .problem(400, "DUPLICATE_PARAMETER");
    platform
        .get("/api/v1/things/t1?page=1")
        .await
        .problem(400, "UNKNOWN_PARAMETER");
}
