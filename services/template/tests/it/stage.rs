//! The service on both engines, and what tests say to it.

use covergen_chassis::{Harness, Service};
use covergen_mesh::Channel;
use covergen_proto::template::v1::template_service_client::TemplateServiceClient;
use covergen_proto::template::v1::{
    ListTemplatesRequest, Template, template_service_client as client,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

pub(crate) fn services() -> Vec<Service> {
    vec![covergen_template::service()]
}

/// Runs a test on SQLite and on PostgreSQL.
pub(crate) async fn on_both_stores(test: impl AsyncFn(&Harness)) {
    let harness = Harness::start(services()).await;
    test(&harness).await;
    harness.stop().await;
    let database = covergen_testkit::postgres_database().await;
    let harness = Harness::start_on(&database.url(), services()).await;
    test(&harness).await;
    harness.stop().await;
}

/// Anybody at the web edge.
pub(crate) fn web(harness: &Harness) -> TemplateServiceClient<Channel> {
    client(harness.as_anonymous("template"))
}

/// The cover service.
pub(crate) fn cover(harness: &Harness) -> TemplateServiceClient<Channel> {
    client(harness.as_service("cover", None, "template"))
}

/// The whole gallery, or one category of it.
pub(crate) async fn listed(harness: &Harness, category: &str) -> Vec<Template> {
    let request = ListTemplatesRequest {
        page_size: 100,
        category: category.to_owned(),
        ..Default::default()
    };
    let page = web(harness).list_templates(request).await.unwrap();
    page.into_inner().templates
}

/// A refusal has a code and a stable reason.
pub(crate) fn assert_refused<T: std::fmt::Debug>(
    answer: Result<T, Status>,
    code: Code,
    reason: &str,
) -> Status {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), code, "{status:?}");
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.reason, reason, "{status:?}");
    status
}
