//! Every method of every service, asked by every role for another tenant's
//! things, over the one gRPC port.
//!
//! The requests are made from the contracts ([`messages`]): a new method or
//! field is asked for the day it is written. Somebody who may not call at all
//! is told so; whoever may is told that there is no such thing. What is meant
//! to answer otherwise stands in [`meant`] with its reason, and the list is
//! held to be exact. Whatever comes back, nothing of the other's stands in it,
//! and not a row of theirs has changed.

mod base;
mod meant;
mod messages;
mod roles;
mod rows;
mod things;

use std::collections::BTreeSet;

use covergen_faults::checker::Databases;
use covergen_identity::{AccessTokens, EDGES, InternalTokens, KeySet, Role};
use covergen_ids::Clock;
use covergen_proto::{METHODS, Method};
use tempfile::tempdir;
use tonic::Code;

use crate::platform::{Platform, unhurried};
use crate::port::Port;
use crate::webhooks::lenient;
use messages::Contracts;
use roles::{Asker, Rank};
use things::Things;

/// Under which the other tenant made everything, and under which is asked.
const KEY: &str = "the-same-key";

/// How one request was answered.
struct Answer {
    method: &'static Method,
    /// The fields that named what is not the caller's.
    foreign: Vec<String>,
    code: Code,
    said: String,
    /// What of the other's stands in the answer.
    leaked: Vec<String>,
}

struct Matrix<'a> {
    port: Port,
    contracts: Contracts,
    own: &'a Things,
}

impl Matrix<'_> {
    /// Asks everything.
    async fn ask(&self, asker: &Asker, victim: &Things) -> Vec<Answer> {
        let mut answers = Vec::new();
        // Some ask under the other's keys: what those have been answered is not
        // told again. Not all, since their own would clash, being one person's.
        let key = if asker.name == "creator" { KEY } else { "" };
        for method in METHODS {
            for ask in self.contracts.asks(method, self.own, victim, key) {
                let token = asker.token.as_deref();
                let answer = self.port.ask(method.path, token, ask.message).await;
                let (code, said, bytes) = match answer {
                    Ok(messages) => (Code::Ok, String::new(), messages.concat()),
                    Err(status) => {
                        let bytes = [status.message().as_bytes(), status.details()].concat();
                        (status.code(), status.message().to_owned(), bytes)
                    }
                };
                let holds = |it: &&str| memchr::memmem::find(&bytes, it.as_bytes()).is_some();
                let theirs = victim.all().chain([victim.word.as_str()]);
                answers.push(Answer {
                    method,
                    foreign: ask.foreign,
                    code,
                    said,
                    leaked: theirs.filter(holds).map(str::to_owned).collect(),
                });
            }
        }
        answers
    }
}

/// What should have come; `None` where nothing foreign was named, so that
/// there is nothing to refuse.
fn expected(asker: &Asker, answer: &Answer) -> Option<&'static [Code]> {
    if !asker.may(answer.method) {
        return Some(match asker.rank {
            Rank::Nobody => &[Code::Unauthenticated],
            Rank::Person { .. } | Rank::Service(_) => &[Code::PermissionDenied],
        });
    }
    if let Some((_, _, _, codes, _)) = meant::exception(asker, answer) {
        return Some(codes);
    }
    (!answer.foreign.is_empty()).then_some(&[Code::NotFound])
}

/// What is no answer to anything that a caller may send.
fn is_broken(code: Code) -> bool {
    let broken = [
        Code::Internal,
        Code::Unknown,
        Code::Unavailable,
        Code::DataLoss,
        Code::DeadlineExceeded,
    ];
    broken.contains(&code)
}

/// What is wrong with an answer.
fn fault(asker: &Asker, answer: &Answer) -> Option<String> {
    let expected = expected(asker, answer);
    let is_expected = expected.is_none_or(|codes| codes.contains(&answer.code));
    // Whoever is meant to see it is meant to see what is in it.
    let may_tell = answer.code == Code::Ok && meant::exception(asker, answer).is_some();
    let tells = !may_tell && !answer.leaked.is_empty();
    if is_expected && !tells && !is_broken(answer.code) {
        return None;
    }
    Some(format!(
        "{}: {} {:?}: {:?} {:?}, expected {expected:?}; tells {:?}",
        asker.name, answer.method.path, answer.foreign, answer.code, answer.said, answer.leaked
    ))
}

/// A server of theirs that takes whatever it is told.
async fn receiver() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(|| async { axum::http::StatusCode::CREATED });
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_anothers_is_not_there_whatever_is_called_by_whom() {
    let folder = tempdir().unwrap();
    let variables = [lenient(), vec![unhurried()]].concat();
    let platform = Platform::start_with(folder.path(), variables).await;
    let keys = folder.path().join("keys");
    let load = |kind| KeySet::load(&keys.join(kind)).unwrap();
    let access = AccessTokens::new(load("access"), Clock::system());
    let internal = InternalTokens::new(load("internal"), Clock::system());
    let hook = receiver().await;
    let make = async |name, key| Box::pin(Things::make(&platform, &access, &hook, name, key)).await;
    let eve = make("eve", "a-key-of-her-own").await;
    let ada = make("ada", KEY).await;
    let zoe = make("zoe", KEY).await;
    let databases = Databases::in_folder(folder.path());
    let before = rows::eventually_still(&databases, &ada).await;

    let who = &eve.principal;
    let all: BTreeSet<&str> = METHODS.iter().flat_map(|it| it.scopes).copied().collect();
    let all: Vec<&str> = all.into_iter().collect();
    let people = [
        Asker::nobody(),
        Asker::person(&access, who, Role::Consumer),
        Asker::key(&access, who, "a key for nothing", &[]),
        Asker::key(&access, who, "a key for everything", &all),
        Asker::person(&access, who, Role::Partner),
        Asker::person(&access, who, Role::Creator),
        Asker::through_an_edge(&internal, who),
    ];
    let services: BTreeSet<&str> = METHODS.iter().flat_map(|it| it.callers).copied().collect();
    let services = services.into_iter().filter(|name| !EDGES.contains(name));
    let services = services.map(|name| Asker::service(&internal, who, name));
    // What they are meant to change is somebody's of whom nothing is asked.
    let trusted: Vec<Asker> = services
        .chain([Role::Moderator, Role::Admin].map(|role| Asker::person(&access, who, role)))
        .collect();

    let matrix = Matrix {
        port: Port::connect(&platform.grpc).await,
        contracts: Contracts::read(),
        own: &eve,
    };
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    let asked = people.iter().map(|asker| (asker, &ada));
    for (asker, victim) in asked.chain(trusted.iter().map(|asker| (asker, &zoe))) {
        for answer in Box::pin(matrix.ask(asker, victim)).await {
            faults.extend(fault(asker, &answer));
            if asker.may(answer.method) {
                used.extend(meant::exception(asker, &answer).map(|it| (it.0 as u8, it.1, it.2)));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{}:\n{}",
        faults.len(),
        faults.join("\n")
    );
    for it in meant::EXCEPTIONS {
        assert!(
            used.contains(&(it.0 as u8, it.1, it.2)),
            "nobody needs {it:?}"
        );
    }
    let after = rows::eventually_still(&databases, &ada).await;
    for (table, rows) in &before {
        assert_eq!(after.get(table), Some(rows), "{table} has changed");
    }
    assert_eq!(after, before);
}
