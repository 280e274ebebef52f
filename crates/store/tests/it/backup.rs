//! Copies of several databases that fit together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use covergen_ids::Clock;
use covergen_store::backup::{self, Cut, HOLD};
use covergen_store::{Error, Store, StoreConfig};

use crate::support::{Home, covers, eventually, insert_cover, number, run, schema, try_emit};

on_both_engines!(
    a_cut_through_two_databases_is_what_a_power_cut_would_leave,
    a_place_that_is_not_empty_is_refused,
    what_a_restore_has_not_finished_is_not_started,
    a_writer_that_does_not_pause_holds_up_nobody_for_long,
);

const SERVICES: [&str; 2] = ["one", "other"];

/// Two databases at an address with the service's name in it.
struct Two {
    config: StoreConfig,
    _home: Home,
    _databases: Option<covergen_testkit::Databases>,
}

impl Two {
    async fn beside(home: Home) -> Self {
        let databases = if home.config().url.starts_with("sqlite:") {
            None
        } else {
            Some(covergen_testkit::postgres_databases(&SERVICES).await)
        };
        let folder = home.file().with_file_name("{service}.sqlite");
        let url = databases.as_ref().map_or_else(
            || format!("sqlite://{}", folder.display()),
            covergen_testkit::Databases::url,
        );
        Self {
            config: StoreConfig::from_url(url),
            _home: home,
            _databases: databases,
        }
    }

    async fn stores(&self) -> [Store; 2] {
        let open = SERVICES.map(|service| async move {
            let store = Store::open(&self.config, service, Clock::system())
                .await
                .unwrap();
            store.migrate(schema()).await.unwrap();
            store
        });
        let [one, other] = open;
        [one.await, other.await]
    }
}

/// What two services do: the first commits, and only then the second does. Who
/// is held up for too long comes again.
async fn pair(stores: &[Store; 2], id: &str) {
    for store in stores {
        loop {
            match write(store, id).await {
                Ok(()) => break,
                Err(Error::Overloaded | Error::Conflict(_) | Error::Timeout) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

async fn write(store: &Store, id: &str) -> covergen_store::Result<()> {
    let tx = store.begin().await?;
    insert_cover(&tx, id, 1).await?;
    try_emit(&tx, id).await?;
    tx.commit().await
}

async fn a_cut_through_two_databases_is_what_a_power_cut_would_leave(home: Home) {
    let two = Two::beside(home).await;
    let stores = two.stores().await;
    let ended = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (stores, ended) = (stores.clone(), Arc::clone(&ended));
            tokio::spawn(async move {
                for n in 0.. {
                    if ended.load(Ordering::SeqCst) {
                        return;
                    }
                    pair(&stores, &format!("w{writer}-{n}")).await;
                }
            })
        })
        .collect();
    eventually("some pairs", || async { covers(&stores[1]).await > 20 }).await;

    for round in 0..3 {
        let before = covers(&stores[1]).await;
        let folder = tempfile::tempdir().unwrap();
        let cut = Cut::take(&two.config, &SERVICES, &[], folder.path(), HOLD)
            .await
            .unwrap();
        // The writers are not held up any more while the copies are made.
        eventually("more pairs", || async {
            covers(&stores[1]).await > before + 3
        })
        .await;
        let parts = cut.write().await.unwrap();
        assert_eq!(parts.len(), 2);
        assert!(
            parts[0]
                .migrations
                .contains(&"cover_0001_covers".to_owned())
        );

        let place = Two::beside(match parts[0].file.extension().unwrap().to_str() {
            Some("sqlite") => Home::sqlite(),
            _ => Home::postgres().await,
        })
        .await;
        for part in &parts {
            backup::restore(&place.config, &part.name, &part.file)
                .await
                .unwrap();
        }
        let [one, other] = place.stores().await;
        let (first, second) = (covers(&one).await, covers(&other).await);
        // Whatever the second has, the first has; at most one pair of each
        // writer is half done.
        assert!(
            first >= second && first <= second + 3,
            "{round}: {first}, {second}"
        );
        assert!(second >= before, "{round}: {second} of {before}");
        let told = "SELECT count(*) FROM outbox";
        assert_eq!(
            (number(&one, told).await, number(&other, told).await),
            (first, second)
        );
        // Numbers go on where they were.
        pair(&[one, other], "after").await;
    }
    ended.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn what_a_restore_has_not_finished_is_not_started(home: Home) {
    let two = Two::beside(home).await;
    backup::mark(&two.config, "one").await.unwrap();
    // A second restore into the same place may begin.
    assert!(backup::is_vacant(&two.config, "one").await.unwrap());
    backup::mark(&two.config, "one").await.unwrap();
    let open = async |service| {
        let store = Store::open(&two.config, service, Clock::system())
            .await
            .unwrap();
        store.migrate(schema()).await
    };
    let refused = open("one").await.unwrap_err();
    assert!(
        matches!(&refused, Error::Config(why) if why.contains("a restore of one did not end")),
        "{refused}"
    );
    open("other").await.unwrap();
    backup::unmark(&two.config, "one").await.unwrap();
    open("one").await.unwrap();
}

async fn a_place_that_is_not_empty_is_refused(home: Home) {
    let two = Two::beside(home).await;
    assert!(backup::is_vacant(&two.config, "one").await.unwrap());
    let other = two.config.url.strip_prefix("sqlite://");
    let other = other.map(|path| path.replace("{service}", "other"));
    for ending in ["-wal", "-shm", "-journal"] {
        let Some(path) = other.as_ref().map(|path| format!("{path}{ending}")) else {
            continue;
        };
        std::fs::write(&path, "left over").unwrap();
        assert!(!backup::is_vacant(&two.config, "other").await.unwrap());
        let refused = backup::restore_file(std::path::Path::new(&path), path_of(&path, ending));
        assert!(refused.await.is_err(), "{ending}");
        std::fs::remove_file(&path).unwrap();
    }
    let [one, _] = two.stores().await;
    run(one.read(), "SELECT 1").await.unwrap();
    assert!(!backup::is_vacant(&two.config, "one").await.unwrap());
    let refused = backup::restore(&two.config, "one", std::path::Path::new("/nowhere")).await;
    assert!(refused.unwrap_err().to_string().contains("not empty"));
}

fn path_of<'p>(path: &'p str, ending: &str) -> &'p std::path::Path {
    std::path::Path::new(path.strip_suffix(ending).unwrap())
}

#[tokio::test]
async fn an_interrupted_restore_leaves_nothing_under_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("one.sqlite");
    let from = folder.path().join("copy.sqlite");
    // A folder cannot be copied as a file, at any moment of it.
    std::fs::create_dir(&from).unwrap();
    assert!(backup::restore_file(&from, &to).await.is_err());
    assert!(backup::is_free(&to));
    std::fs::remove_dir(&from).unwrap();
    // What an interrupted one has left does not disturb the next.
    std::fs::write(folder.path().join("one.sqlite.partial"), "longer than all").unwrap();
    std::fs::write(&from, "all").unwrap();
    backup::restore_file(&from, &to).await.unwrap();
    assert_eq!(std::fs::read(&to).unwrap(), b"all");
    assert!(!folder.path().join("one.sqlite.partial").exists());
}

async fn a_writer_that_does_not_pause_holds_up_nobody_for_long(home: Home) {
    const BUDGET: Duration = Duration::from_millis(400);
    let two = Two::beside(home).await;
    let stores = two.stores().await;
    let slow = stores[1].begin().await.unwrap();
    insert_cover(&slow, "slow", 1).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let asked = Instant::now();
    let cut = Cut::take(&two.config, &SERVICES, &[], folder.path(), BUDGET).await;
    let refused = cut.err().unwrap();
    assert!(matches!(refused, Error::HeldTooLong(BUDGET)), "{refused:?}");
    assert!(refused.to_string().contains("400ms"), "{refused}");
    // Not five times what a single writer may be waited for.
    assert!(asked.elapsed() < Duration::from_secs(10));
    // Everybody goes on, also the slow one.
    write(&stores[0], "quick").await.unwrap();
    slow.commit().await.unwrap();
    assert_eq!(covers(&stores[1]).await, 1);
    let cut = Cut::take(&two.config, &SERVICES, &[], folder.path(), HOLD).await;
    assert_eq!(cut.unwrap().write().await.unwrap().len(), 2);
}
