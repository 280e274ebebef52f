//! Runs real services in a test: real engines, real tokens, real guard.

use std::path::Path;
use std::sync::Arc;

use covergen_identity::{InternalTokens, Principal, Role};
use covergen_ids::{Clock, SessionId, UserId, WorkspaceId};
use covergen_mesh::{Channel, ClientHooks, Mesh, OutgoingCall, TokenSource};
use http::HeaderValue;
use tempfile::TempDir;
use tonic::Status;

use crate::{Config, Host, Hosted, Service, facts};

/// Services that run for one test, and whatever is needed to call them.
pub struct Harness {
    hosted: Hosted,
    clock: Clock,
    folder: Arc<TempDir>,
}

impl Harness {
    /// Starts services on SQLite, the embedded log, memory and a folder.
    pub async fn start(services: Vec<Service>) -> Self {
        Self::start_with(services, Clock::system(), |_| {}).await
    }

    /// Starts services on the given PostgreSQL server (a URL whose database
    /// name may contain `{service}`).
    pub async fn start_on(database_url: &str, services: Vec<Service>) -> Self {
        Self::start_with(services, Clock::system(), |config| {
            database_url.clone_into(&mut config.database.url);
        })
        .await
    }

    /// Starts services with a clock and a configuration of the test's own.
    ///
    /// # Panics
    /// The services do not start.
    pub async fn start_with(
        services: Vec<Service>,
        clock: Clock,
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self::start_in(Arc::new(folder), services, clock, configure).await
    }

    /// Stops the services and starts these on the same data, as after a restart.
    ///
    /// # Panics
    /// The services do not start.
    pub async fn restart(
        self,
        services: Vec<Service>,
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        let (folder, clock) = (Arc::clone(&self.folder), self.clock.clone());
        self.stop().await;
        Self::start_in(folder, services, clock, configure).await
    }

    async fn start_in(
        folder: Arc<TempDir>,
        services: Vec<Service>,
        clock: Clock,
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config::load(Config::embedded(folder.path()), &[], [])
            .expect("the embedded configuration is valid");
        // A test is about what is answered, not about how soon a busy machine
        // does: those that are about time say which.
        config.mesh.defaults.deadline_ms = Some(30_000);
        config.database.acquire_timeout_ms = Some(30_000);
        configure(&mut config);
        let host = Host::open(config, clock.clone())
            .await
            .expect("the engines open");
        let hosted = host.start(services).await.expect("the services start");
        Self {
            hosted,
            clock,
            folder,
        }
    }

    /// The folder that everything lies in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The clock the services use.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The process as its binary sees it.
    #[must_use]
    pub const fn hosted(&self) -> &Hosted {
        &self.hosted
    }

    /// The same, to have it listen.
    pub const fn hosted_mut(&mut self) -> &mut Hosted {
        &mut self.hosted
    }

    /// A creator nobody has seen before, in a workspace of their own.
    #[must_use]
    pub fn creator(&self) -> Principal {
        self.person(Role::Creator)
    }

    /// As [`Harness::creator`], with another role.
    #[must_use]
    pub fn person(&self, role: Role) -> Principal {
        Principal {
            user_id: UserId::new(&self.clock),
            workspace_id: WorkspaceId::new(&self.clock),
            roles: vec![role],
            session_id: Some(SessionId::new(&self.clock)),
            scopes: None,
        }
    }

    /// The way to a service for a person, through the web edge.
    #[must_use]
    pub fn as_user(&self, principal: &Principal, target: &str) -> Channel {
        self.channel("bff-web", Some(principal.clone()), target)
    }

    /// The way to a service for nobody, through the web edge.
    #[must_use]
    pub fn as_anonymous(&self, target: &str) -> Channel {
        self.channel("bff-web", None, target)
    }

    /// The way to a service for another service, on somebody's behalf or not.
    #[must_use]
    pub fn as_service(&self, source: &str, principal: Option<&Principal>, target: &str) -> Channel {
        self.channel(source, principal.cloned(), target)
    }

    fn channel(&self, source: &str, principal: Option<Principal>, target: &str) -> Channel {
        let tokens = FixedCaller {
            tokens: self.hosted.identity().internal.clone(),
            principal,
        };
        let hooks = ClientHooks::new(facts).with_tokens(Arc::new(tokens));
        Mesh::new(
            self.hosted.config().mesh.clone(),
            self.hosted.registry(),
            source,
            hooks,
        )
        .expect("the mesh configuration was accepted before")
        .channel(target)
    }

    /// Stops the services as SIGTERM does.
    pub async fn stop(self) {
        self.hosted.shutdown().await;
    }
}

/// Calls as one and the same caller, whoever is served.
struct FixedCaller {
    tokens: InternalTokens,
    principal: Option<Principal>,
}

impl TokenSource for FixedCaller {
    fn token(&self, call: &OutgoingCall<'_>) -> Result<Option<HeaderValue>, Status> {
        let token = self
            .tokens
            .issue(call.source, self.principal.as_ref())
            .map_err(|error| Status::internal(error.to_string()))?;
        HeaderValue::try_from(format!("Bearer {token}"))
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}
