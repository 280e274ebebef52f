//! Certificates and authorities change while calls go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use covergen_mesh::{Identity, IdentityConfig};

use super::{Cluster, Served, replace};
use crate::service::{Client, eventually, login};

/// How many calls a step of the rotation has to see.
const CALLS: u32 = 50;

/// Calls without a pause until told to stop, and counts.
struct Load {
    stop: Arc<AtomicBool>,
    made: Arc<AtomicU32>,
    calling: tokio::task::JoinHandle<Vec<tonic::Status>>,
}

impl Load {
    fn start(mut client: Client) -> Self {
        let (stop, made) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU32::new(0)),
        );
        let (stopped, count) = (Arc::clone(&stop), Arc::clone(&made));
        let calling = tokio::spawn(async move {
            let mut failed = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                if let Err(status) = client.login(login()).await {
                    failed.push(status);
                }
                count.fetch_add(1, Ordering::Relaxed);
            }
            failed
        });
        Self {
            stop,
            made,
            calling,
        }
    }

    /// Until so many more calls were made.
    async fn goes_on(&self) {
        let until = self.made.load(Ordering::Relaxed) + CALLS;
        eventually("more calls", || async {
            self.made.load(Ordering::Relaxed) >= until
        })
        .await;
    }

    async fn failed(self) -> Vec<tonic::Status> {
        self.stop.store(true, Ordering::Relaxed);
        self.calling.await.unwrap()
    }
}

/// Puts a certificate of another authority in the place of one's own.
fn renew(own: &IdentityConfig, from: &IdentityConfig) {
    for (to, from) in [
        (&own.key_file, &from.key_file),
        (&own.certificate_file, &from.certificate_file),
    ] {
        replace(to, &std::fs::read_to_string(from).unwrap());
    }
}

/// Until a call of this identity is answered.
async fn is_taken(cluster: &Cluster, to: &Served, who: &Identity, token: &str, why: &str) {
    eventually(why, || async {
        let mut calling = cluster.dial_with(to, Some(who.clone()), token);
        calling.login(login()).await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_rolls_over_under_load_and_no_call_fails() {
    let cluster = Cluster::new();
    let token = cluster.tokens().internal.issue("user", None).unwrap();
    let (auth_files, user_files) = (cluster.certificate("auth"), cluster.certificate("user"));
    let auth = cluster.serve("auth", Some(auth_files.clone())).await;
    let user = Identity::load(user_files.clone()).unwrap();
    let load = Load::start(cluster.dial_with(&auth, Some(user.clone()), &token));
    load.goes_on().await;

    // A new certificate under the same authority, at the same place.
    let again = cluster.certificate("auth");
    assert_eq!(again, auth_files);
    load.goes_on().await;

    // Both roots are trusted, by those who answer and those who call.
    let next = cluster.authority("next");
    let of_next = |service| next.issue("dev", service).unwrap();
    let new_root = std::fs::read_to_string(of_next("auth").roots_file).unwrap();
    let roots = &auth_files.roots_file;
    assert_eq!(*roots, user_files.roots_file);
    let old_root = std::fs::read_to_string(roots).unwrap();
    replace(roots, &format!("{old_root}{new_root}"));
    let trusting_both = |service| IdentityConfig {
        roots_file: roots.clone(),
        ..of_next(service)
    };
    let newcomer = Identity::load(trusting_both("user")).unwrap();
    is_taken(
        &cluster,
        &auth,
        &newcomer,
        &token,
        "the server trusts the new root",
    )
    .await;
    let changed = cluster.serve("changed", Some(trusting_both("auth"))).await;
    is_taken(
        &cluster,
        &changed,
        &user,
        &token,
        "the caller trusts the new root",
    )
    .await;
    load.goes_on().await;

    // Everybody gets a certificate of the new authority.
    renew(&auth_files, &of_next("auth"));
    renew(&user_files, &of_next("user"));
    let purist = Identity::load(of_next("user")).unwrap();
    is_taken(
        &cluster,
        &auth,
        &purist,
        &token,
        "the server shows the new one",
    )
    .await;
    let strict = cluster.serve("strict", Some(of_next("auth"))).await;
    is_taken(
        &cluster,
        &strict,
        &user,
        &token,
        "the caller shows the new one",
    )
    .await;
    load.goes_on().await;

    // The old root is taken out.
    let late = Identity::load(cluster.certificate("export")).unwrap();
    let export = cluster.tokens().internal.issue("export", None).unwrap();
    is_taken(
        &cluster,
        &auth,
        &late,
        &export,
        "the old root is good so far",
    )
    .await;
    replace(roots, &new_root);
    eventually("the old root is refused", || async {
        let mut calling = cluster.dial_with(&auth, Some(late.clone()), &export);
        calling.login(login()).await.is_err()
    })
    .await;
    load.goes_on().await;
    let failed = load.failed().await;
    assert!(failed.is_empty(), "{failed:?}");
}
