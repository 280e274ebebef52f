use async_trait::async_trait;
use covergen_bff::{Check, Readiness};
use futures::future::BoxFuture;

type Problems = Box<dyn Fn() -> BoxFuture<'static, Vec<String>> + Send + Sync>;

/// Tells a load balancer whether the process behind a BFF can serve.
pub struct HostReadiness(Problems);

impl HostReadiness {
    /// Asks the given function, which names what is wrong, one line each.
    pub fn new(
        problems: impl Fn() -> BoxFuture<'static, Vec<String>> + Send + Sync + 'static,
    ) -> Self {
        Self(Box::new(problems))
    }
}

#[async_trait]
impl Readiness for HostReadiness {
    async fn check(&self) -> Vec<Check> {
        let problems = (self.0)().await;
        vec![Check {
            name: "services".to_owned(),
            ready: problems.is_empty(),
            // Names of databases and hosts are for operators, not for the edge.
            detail: if problems.is_empty() {
                "ready".to_owned()
            } else {
                format!("{} of the engines do not answer", problems.len())
            },
        }]
    }
}
