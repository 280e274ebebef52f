use bytes::Bytes;
use covergen_objects::{Config, Error, PutMode, open};
use covergen_testkit::Moto;

use crate::engine::key;

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_is_unavailable_and_worth_retrying() {
    let server = Moto::start().await;
    let url = format!("s3://bucket?endpoint={}&region=us-east-1", server.url());
    let mut config = Config::from_url(url);
    config.access_key_id = Some("test".to_owned());
    config.secret_access_key = Some("test".into());
    config.timeout_ms = 300;
    server.kill();
    let store = open(&config).await.unwrap();
    let k = key("k");
    let put = store.put(&k, Bytes::new(), "a/b", PutMode::Replace);
    let error = put.await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(error.is_transient());
    assert!(store.ping().await.is_err());
}

#[test]
fn a_configuration_does_not_print_its_secrets() {
    let mut config = Config::from_url("s3://bucket");
    config.secret_access_key = Some("very secret".into());
    config.session_token = Some("very secret".into());
    assert!(!format!("{config:?}").contains("very secret"));
}
