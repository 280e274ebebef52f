//! Rooms towards what is no service: as large as the mesh's policy says, which
//! may change while they are in use.

use std::sync::Arc;

use async_trait::async_trait;
use covergen_cache::Cache;
use covergen_mesh::{DependencyPool, Mesh};
use covergen_store::Store;

/// One of the mesh's pools, where callers queue for a dependency.
#[derive(Debug)]
struct Queue(DependencyPool);

#[async_trait]
impl covergen_cache::Gate for Queue {
    async fn enter(&self) -> Option<covergen_cache::Permit> {
        let permit = self.0.enter().await.ok()?;
        Some(Box::new(permit))
    }
}

#[async_trait]
impl covergen_store::Gate for Queue {
    async fn enter(&self) -> Option<covergen_store::Permit> {
        let permit = self.0.enter().await.ok()?;
        Some(Box::new(permit))
    }
}

/// The process's cache with a queue before it.
pub(crate) fn before_cache(cache: Cache, mesh: &Mesh) -> Cache {
    match mesh.dependency("cache") {
        Some(pool) => cache.behind(Arc::new(Queue(pool))),
        None => cache,
    }
}

/// A service's database with a queue for those who write and one for those who
/// read.
pub(crate) fn before_store(store: Store, mesh: &Mesh) -> Store {
    let rooms = ["database/write", "database/read"].map(|name| mesh.dependency(name));
    match rooms {
        [Some(writes), Some(reads)] => {
            store.behind(Arc::new(Queue(writes)), Arc::new(Queue(reads)))
        }
        _ => store,
    }
}
