//! Two versions of one contract, side by side.

use std::sync::Arc;

use axum::body::Body;
use covergen_bff::Front;
use covergen_bff::{Backend, Bff, BffConfig};
use http::Request;
use tonic::service::Routes;
use tonic::{Request as Asked, Response, Status};

use crate::shelf::covergen::shelf::{v1, v2};
use crate::support::{Answer, ScratchGate, get, request, send};
use crate::versioned::SURFACE;

/// One service knows both versions, as it does while they stand side by side.
struct Shelf;

const AUTHORS: [&str; 2] = ["Ada", "Charles"];

#[tonic::async_trait]
impl v1::shelf_service_server::ShelfService for Shelf {
    async fn get_book(
        &self,
        request: Asked<v1::GetBookRequest>,
    ) -> Result<Response<v1::Book>, Status> {
        let request = request.into_inner();
        if request.book_id == "gone" {
            return Err(Status::not_found("no such book"));
        }
        Ok(Response::new(v1::Book {
            book_id: [request.book_id, request.room, request.shelf].concat(),
            author: AUTHORS[0].to_owned(),
        }))
    }

    async fn turn_page(
        &self,
        request: Asked<v1::GetBookRequest>,
    ) -> Result<Response<v1::Book>, Status> {
        self.get_book(request).await
    }
}

#[tonic::async_trait]
impl v2::shelf_service_server::ShelfService for Shelf {
    async fn get_book(
        &self,
        request: Asked<v2::GetBookRequest>,
    ) -> Result<Response<v2::Book>, Status> {
        let request = request.into_inner();
        let authors = AUTHORS.map(|name| v2::Author {
            name: name.to_owned(),
        });
        Ok(Response::new(v2::Book {
            id: [request.id, request.room, request.shelf].concat(),
            authors: authors.to_vec(),
        }))
    }
}

fn router() -> Front {
    let service = Routes::new(v1::shelf_service_server::ShelfServiceServer::new(Shelf))
        .add_service(v2::shelf_service_server::ShelfServiceServer::new(Shelf))
        .prepare();
    Bff::builder(&SURFACE, BffConfig::default())
        .gate(Arc::new(ScratchGate))
        .backend("shelf", Backend::new(service))
        .build()
        .unwrap()
}

async fn answer(request: Request<Body>) -> Answer {
    send(&router(), request).await
}

fn links(answer: &Answer) -> Vec<&str> {
    let links = answer.headers.get_all("link").iter();
    links.map(|link| link.to_str().unwrap()).collect()
}

#[tokio::test]
async fn each_version_answers_in_its_own_shape() {
    let first = answer(get("/v1/books/b1")).await.ok();
    assert_eq!(first["bookId"], "b1");
    assert_eq!(first["author"], "Ada");
    let second = answer(get("/v2/books/b1")).await.ok();
    assert_eq!(second["id"], "b1");
    assert_eq!(second["authors"][1]["name"], "Charles");
    assert!(second.get("author").is_none());
}

#[tokio::test]
async fn the_first_version_says_until_when_it_is_there_and_what_takes_over() {
    let first = answer(get("/v1/books/b%2F1")).await;
    assert_eq!(first.header("deprecation"), "@1793491200");
    assert_eq!(first.header("sunset"), "Tue, 01 Jun 2027 00:00:00 GMT");
    let guide = "</docs/migrations/shelf-v2>; rel=\"deprecation\"; type=\"text/html\"";
    // What was escaped in the old path is escaped in the new one.
    let next = "</v2/books/b%2F1>; rel=\"successor-version\"";
    assert_eq!(links(&first), [guide, next]);
    let second = answer(get("/v2/books/b1")).await;
    assert_eq!(
        (second.header("deprecation"), second.header("sunset")),
        ("", "")
    );
}

#[tokio::test]
async fn refusals_tell_of_it_too() {
    let missing = answer(get("/v1/books/gone")).await;
    missing.problem(404, "NOT_FOUND");
    assert_eq!(
        links(&missing)[1],
        "</v2/books/gone>; rel=\"successor-version\""
    );
}

#[tokio::test]
async fn every_path_of_a_route_has_its_own_successor() {
    let first = answer(get("/v1/rooms/r/shelves/a/b/c")).await;
    assert_eq!(first.ok()["bookId"], "ra/b/c");
    assert_eq!(
        links(&first)[1],
        "</v2/halls/r/shelves/a/b/c>; rel=\"successor-version\""
    );
    let second = answer(get("/v2/halls/r/shelves/a/b/c")).await.ok();
    assert_eq!(second["id"], "ra/b/c");
}

#[tokio::test]
async fn what_was_not_carried_over_is_not_there_and_not_deprecated() {
    let turn = |version: &str| {
        request("POST", &format!("/{version}/books/b1:turn"))
            .header("content-type", "application/json")
            .body(Body::from("{}"))
            .unwrap()
    };
    let first = answer(turn("v1")).await;
    assert_eq!(first.ok()["bookId"], "b1");
    assert_eq!(first.header("deprecation"), "");
    // Only a book of that id could be there, and it is read alone.
    answer(turn("v2")).await.problem(405, "METHOD_NOT_ALLOWED");
    answer(get("/v3/books/b1"))
        .await
        .problem(404, "NO_SUCH_ROUTE");
}

#[tokio::test]
async fn each_version_has_its_own_document_and_page() {
    let default = answer(get("/openapi.json")).await;
    let first = answer(get("/v1/openapi.json")).await;
    let second = answer(get("/v2/openapi.json")).await;
    assert_eq!(default.ok(), first.ok());
    let (first, second) = (first.ok(), second.ok());
    assert_eq!(first["info"]["version"], "1");
    assert_eq!(second["info"]["version"], "2");
    let paths = |document: &serde_json::Value| -> Vec<String> {
        let paths = document["paths"].as_object().unwrap();
        paths.keys().cloned().collect()
    };
    assert!(paths(&first).iter().all(|path| path.starts_with("/v1/")));
    assert_eq!(
        paths(&second),
        ["/v2/books/{id}", "/v2/halls/{room}/shelves/{shelf}"]
    );
    // One name in each document, and not one message under two.
    assert!(first["components"]["schemas"]["Book"]["properties"]["author"].is_object());
    assert!(second["components"]["schemas"]["Book"]["properties"]["authors"].is_object());
    let old = &first["paths"]["/v1/books/{bookId}"]["get"];
    assert_eq!(old["deprecated"], true);
    assert_eq!(old["x-successor"], "covergen.shelf.v2.ShelfService/GetBook");
    assert!(second["paths"]["/v2/books/{id}"]["get"]["deprecated"].is_null());
    for page in ["/docs", "/v1/docs", "/v2/docs"] {
        assert!(answer(get(page)).await.text().contains("openapi.json"));
    }
}

#[tokio::test]
async fn grpc_web_names_the_rpc_that_takes_over() {
    let call = |version: &str| {
        request(
            "POST",
            &format!("/covergen.shelf.{version}.ShelfService/GetBook"),
        )
        .header("content-type", "application/grpc-web+proto")
        .body(Body::from(vec![0, 0, 0, 0, 0]))
        .unwrap()
    };
    let first = answer(call("v1")).await;
    assert_eq!(first.header("deprecation"), "@1793491200");
    assert_eq!(
        links(&first)[1],
        "</covergen.shelf.v2.ShelfService/GetBook>; rel=\"successor-version\""
    );
    let second = answer(call("v2")).await;
    assert!(links(&second).is_empty());
    assert!(String::from_utf8_lossy(&second.body).contains("Charles"));
}
