use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use covergen_store::{ClaimScope, Error, Fulfilled, Refusal, Store};
use uuid::Uuid;

use crate::support::{Home, covers, insert_cover};

on_both_engines!(
    a_repeated_key_answers_with_the_first_reply,
    many_concurrent_calls_do_it_once,
    a_definite_refusal_frees_the_key_for_any_request,
    an_open_ending_is_continued_under_the_same_operation,
    a_caller_that_goes_away_lets_the_next_one_go_on,
    without_a_key_every_call_counts,
);

#[derive(Debug, thiserror::Error)]
enum AppError {
    #[error("no quota left")]
    Refused,
    #[error("a peer is away")]
    Away,
    #[error(transparent)]
    Store(#[from] Error),
}

impl Refusal for AppError {
    fn is_definite(&self) -> bool {
        match self {
            Self::Refused => true,
            Self::Away => false,
            Self::Store(error) => error.is_definite(),
        }
    }
}

fn scope(key: &str) -> ClaimScope {
    ClaimScope::new("usr_1", "m", key)
}

/// Requests and replies are texts, which are protobuf's StringValue.
async fn make(store: &Store, key: &str, request: &str) -> Result<String, AppError> {
    store
        .idempotent(&scope(key), &request.to_owned(), |claim| async move {
            let tx = store.begin().await?;
            let id = claim.operation_id().to_string();
            insert_cover(&tx, &id, 1).await?;
            Ok(tx.commit_with(claim, id).await?)
        })
        .await
}

async fn a_repeated_key_answers_with_the_first_reply(home: Home) {
    let store = home.store().await;
    let first = make(&store, "k", "blue").await.unwrap();
    assert_eq!(make(&store, "k", "blue").await.unwrap(), first);
    assert_eq!(covers(&store).await, 1);
    let other = make(&store, "k", "red").await;
    assert!(
        matches!(other, Err(AppError::Store(Error::KeyReused))),
        "{other:?}"
    );
    assert_ne!(make(&store, "k2", "blue").await.unwrap(), first);
}

async fn many_concurrent_calls_do_it_once(home: Home) {
    let store = home.store().await;
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                loop {
                    match make(&store, "k", "blue").await {
                        Err(AppError::Store(Error::InFlight)) => tokio::task::yield_now().await,
                        other => return other.unwrap(),
                    }
                }
            })
        })
        .collect();
    let mut replies = Vec::new();
    for call in calls {
        replies.push(call.await.unwrap());
    }
    replies.dedup();
    assert_eq!(replies.len(), 1);
    assert_eq!(covers(&store).await, 1);
}

async fn fails(store: &Store, request: &str, error: AppError) -> Uuid {
    let seen = Mutex::new(None);
    let note = |id| *seen.lock().unwrap() = Some(id);
    let answer: Result<String, AppError> = store
        .idempotent(&scope("k"), &request.to_owned(), |claim| async move {
            note(claim.operation_id());
            Err::<Fulfilled<String>, _>(error)
        })
        .await;
    assert!(answer.is_err());
    seen.into_inner().unwrap().expect("the body ran")
}

async fn a_definite_refusal_frees_the_key_for_any_request(home: Home) {
    let store = home.store().await;
    let before = store.digest().await.unwrap();
    fails(&store, "blue", AppError::Refused).await;
    assert_eq!(store.digest().await.unwrap(), before);
    make(&store, "k", "red").await.unwrap();
}

async fn an_open_ending_is_continued_under_the_same_operation(home: Home) {
    let store = home.store().await;
    let first = fails(&store, "blue", AppError::Away).await;
    let reply = retry(&store).await;
    assert_eq!(reply, first.to_string());
}

/// Calls until the claim left behind was given up, which happens beside us.
async fn retry(store: &Store) -> String {
    tokio::time::timeout(crate::support::WITHIN, async {
        loop {
            match make(store, "k", "blue").await {
                Err(AppError::Store(Error::InFlight)) => tokio::task::yield_now().await,
                other => return other.unwrap(),
            }
        }
    })
    .await
    .unwrap()
}

async fn a_caller_that_goes_away_lets_the_next_one_go_on(home: Home) {
    let store = home.store().await;
    let (started, mut running) = tokio::sync::mpsc::channel::<Uuid>(1);
    let call = tokio::spawn({
        let store = store.clone();
        async move {
            let answer: Result<String, AppError> = store
                .idempotent(&scope("k"), &"blue".to_owned(), |claim| async move {
                    started.send(claim.operation_id()).await.unwrap();
                    std::future::pending::<()>().await;
                    drop(claim);
                    Err::<Fulfilled<String>, _>(AppError::Away)
                })
                .await;
            answer
        }
    });
    let operation_id = running.recv().await.unwrap();
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert_eq!(retry(&store).await, operation_id.to_string());
}

async fn without_a_key_every_call_counts(home: Home) {
    let store = home.store().await;
    let runs = AtomicU32::new(0);
    for _ in 0..2 {
        runs.fetch_add(1, Ordering::SeqCst);
        make(&store, "", "blue").await.unwrap();
    }
    assert_eq!(covers(&store).await, i64::from(runs.into_inner()));
}
