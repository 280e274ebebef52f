use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use covergen_mesh::Services;
use sea_orm_migration::MigrationTrait;
use tonic::body::Body;
use tonic::server::NamedService;

use crate::dispatch::CommandHandler;
use crate::{Context, ReadModel, Subscription};
use covergen_store::{DispatchFailure, OutboxCommand};

/// Any error, for the places where only its text matters.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Start = Box<dyn FnOnce(Context) -> BoxFuture<Result<Wiring, BoxError>> + Send>;

/// One service, as its crate offers it to whatever hosts it.
pub struct Service {
    pub(crate) name: &'static str,
    pub(crate) migrations: Vec<Box<dyn MigrationTrait>>,
    pub(crate) start: Start,
}

impl Service {
    /// Names a service and says how it starts.
    pub fn new<F, Fut>(name: &'static str, start: F) -> Self
    where
        F: FnOnce(Context) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Wiring, BoxError>> + Send + 'static,
    {
        Self {
            name,
            migrations: Vec::new(),
            start: Box::new(move |context| Box::pin(start(context))),
        }
    }

    /// Adds the migrations of the service's own tables.
    #[must_use]
    pub fn migrations(mut self, migrations: Vec<Box<dyn MigrationTrait>>) -> Self {
        self.migrations = migrations;
        self
    }

    /// Every migration of the service's database, by name: the store's own and
    /// the service's.
    #[must_use]
    pub fn migration_names(&self) -> Vec<String> {
        let own = self.migrations.iter().map(|step| step.name().to_owned());
        covergen_store::own_migrations().chain(own).collect()
    }

    /// The name that other services call it by.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// What a started service offers: RPCs, event handlers, command handlers,
/// workers.
#[derive(Default)]
pub struct Wiring {
    pub(crate) routes: Services,
    pub(crate) rpc_services: Vec<&'static str>,
    pub(crate) commands: HashMap<&'static str, CommandHandler>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) read_models: Vec<ReadModel>,
    pub(crate) workers: Vec<(&'static str, BoxFuture<()>)>,
}

impl Wiring {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves a generated gRPC service.
    #[must_use]
    pub fn grpc<S>(mut self, service: S) -> Self
    where
        S: tower::Service<
                http::Request<Body>,
                Response = http::Response<Body>,
                Error = Infallible,
                Future = BoxFuture<Result<http::Response<Body>, Infallible>>,
            >,
        S: NamedService + Clone + Send + Sync + 'static,
    {
        self.rpc_services.push(S::NAME);
        self.routes = self.routes.with(service);
        self
    }

    /// What is reached by gRPC, which is registered before anything runs.
    pub(crate) fn take_routes(&mut self) -> (Services, Vec<&'static str>) {
        (
            std::mem::take(&mut self.routes),
            std::mem::take(&mut self.rpc_services),
        )
    }

    /// Handles events of another service. The handler's effect and the event's
    /// inbox row commit together, so a second delivery does nothing.
    #[must_use]
    pub fn subscribe(mut self, subscription: Subscription) -> Self {
        self.subscriptions.push(subscription);
        self
    }

    /// Folds events into tables that can be emptied and folded anew.
    #[must_use]
    pub fn read_model(mut self, model: ReadModel) -> Self {
        self.read_models.push(model);
        self
    }

    /// Carries out a command from the service's own outbox. The command's id
    /// is the request id; it comes again until it is acknowledged or refused.
    #[must_use]
    pub fn command<F, Fut>(mut self, name: &'static str, handler: F) -> Self
    where
        F: Fn(OutboxCommand) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), DispatchFailure>> + Send + 'static,
    {
        self.commands
            .insert(name, Box::new(move |command| Box::pin(handler(command))));
        self
    }

    /// Runs in the background until the context's shutdown token is cancelled;
    /// the process waits for it to return.
    #[must_use]
    pub fn worker(
        mut self,
        name: &'static str,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        self.workers.push((name, Box::pin(work)));
        self
    }
}
