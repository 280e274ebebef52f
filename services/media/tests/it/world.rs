//! The running service, people, pictures, and a look behind the scenes.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use covergen_chassis::{Config, Harness, Service, Wiring};
use covergen_events::{EventLog, Position, Record, Subject};
use covergen_identity::Principal;
use covergen_ids::{AssetId, Clock};
use covergen_imaging::{Encoding, Picture, encode};
use covergen_proto::events::v1::Envelope;
use covergen_proto::google::api::HttpBody;
use covergen_proto::media::v1::media_service_client::MediaServiceClient;
use covergen_proto::media::v1::put_asset_request::Part;
use covergen_proto::media::v1::{
    Asset, GetImageRequest, ListAssetsRequest, ListAssetsResponse, PutAssetHeader, PutAssetRequest,
    UploadAssetHeader,
};
use covergen_proto::user::v1::UserDeleted;
use covergen_testkit::{Bucket, Database};
use prost::{Message, Name};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use toml::Table;
use tonic::{Code, Status, Streaming};
use tonic_types::StatusExt as _;

pub(crate) use crate::senders::{named, person_upload};

type Client = MediaServiceClient<covergen_mesh::Channel>;

/// The service under test, and its database where that is PostgreSQL.
pub(crate) struct World {
    pub(crate) harness: Harness,
    log: Log,
    database: Option<Arc<Database>>,
    bucket: Option<Arc<Bucket>>,
}

/// The event log of the running process.
type Log = Arc<OnceLock<Arc<dyn EventLog>>>;

/// Runs a test on SQLite, then on PostgreSQL.
pub(crate) async fn on_both(test: impl AsyncFn(World)) {
    on_both_with(|_| {}, test).await;
}

/// As [`on_both`], with settings of the service's own section.
pub(crate) async fn on_both_with(settings: impl Fn(&mut Table) + Copy, test: impl AsyncFn(World)) {
    Box::pin(test(World::start(None, None, settings).await)).await;
    let database = Arc::new(covergen_testkit::postgres_database().await);
    Box::pin(test(World::start(Some(database), None, settings).await)).await;
}

/// Runs a test with objects in a folder, then with objects in S3.
pub(crate) async fn on_both_object_stores(test: impl AsyncFn(World)) {
    test(World::start(None, None, |_| {}).await).await;
    let bucket = Arc::new(covergen_testkit::s3().await);
    test(World::start(None, Some(bucket), |_| {}).await).await;
}

impl World {
    async fn start(
        database: Option<Arc<Database>>,
        bucket: Option<Arc<Bucket>>,
        settings: impl Fn(&mut Table),
    ) -> Self {
        let log = Log::default();
        let services = services(&log);
        let configure = |config: &mut Config| {
            configure(config, database.as_deref(), &settings);
            if let Some(bucket) = &bucket {
                config.objects = in_bucket(bucket);
            }
        };
        let harness = Harness::start_with(services, Clock::system(), configure).await;
        Self {
            harness,
            log,
            database,
            bucket,
        }
    }

    /// Stops the process and starts it on the same data.
    pub(crate) async fn restart(self, settings: impl Fn(&mut Table)) -> Self {
        let log = Log::default();
        let services = services(&log);
        let database = self.database.clone();
        let harness = self
            .harness
            .restart(services, |config| {
                configure(config, database.as_deref(), &settings);
            })
            .await;
        Self {
            harness,
            log,
            database,
            bucket: self.bucket,
        }
    }

    /// The service for a person, through the web edge.
    pub(crate) fn user(&self, principal: &Principal) -> Client {
        covergen_proto::media::v1::media_service_client(self.harness.as_user(principal, "media"))
    }

    /// The service for cover, on a person's behalf.
    pub(crate) fn cover(&self, principal: &Principal) -> Client {
        covergen_proto::media::v1::media_service_client(self.harness.as_service(
            "cover",
            Some(principal),
            "media",
        ))
    }

    /// Stores content under a new id.
    pub(crate) async fn put(&self, owner: &Principal, content: &[u8]) -> Asset {
        let id = AssetId::new(self.harness.clock());
        self.put_as(owner, id, "image/png", content).await.unwrap()
    }

    /// Stores content.
    pub(crate) async fn put_as(
        &self,
        owner: &Principal,
        id: AssetId,
        content_type: &str,
        content: &[u8],
    ) -> Result<Asset, Status> {
        let parts = upload(header(owner, id, content_type), content);
        for _ in 0..20 {
            let parts = futures::stream::iter(parts.clone());
            match self.cover(owner).put_asset(parts).await {
                // As services do: what is in the way goes by.
                Err(status) if status.code() == Code::Aborted => {}
                answer => return Ok(answer?.into_inner()),
            }
        }
        panic!("something was in the way for good");
    }

    /// Uploads a file as a person does.
    pub(crate) async fn upload(
        &self,
        who: &Principal,
        header: UploadAssetHeader,
        file: &[u8],
    ) -> Result<Asset, Status> {
        let answer = self
            .user(who)
            .upload_asset(futures::stream::iter(person_upload(header, file)))
            .await?;
        Ok(answer.into_inner())
    }

    /// The same, under a name alone.
    pub(crate) async fn upload_named(&self, who: &Principal, name: &str, file: &[u8]) -> Asset {
        self.upload(who, named(name), file).await.unwrap()
    }

    /// A page of a person's assets.
    pub(crate) async fn list(
        &self,
        who: &Principal,
        request: ListAssetsRequest,
    ) -> Result<ListAssetsResponse, Status> {
        Ok(self.user(who).list_assets(request).await?.into_inner())
    }

    /// Tells that a person left, as user does.
    pub(crate) async fn leave(&self, who: &Principal) {
        let event = UserDeleted {
            user_id: who.user_id.to_string(),
            workspace_id: who.workspace_id.to_string(),
        };
        let id = self.harness.clock().uuid_v7();
        let envelope = Envelope {
            id: id.to_string(),
            r#type: UserDeleted::full_name(),
            aggregate: event.user_id.clone(),
            aggregate_version: 1,
            workspace_id: event.workspace_id.clone(),
            data: event.encode_to_vec().into(),
            ..Envelope::default()
        };
        let subject = Subject::new("user", "UserDeleted", &event.user_id).unwrap();
        let record = Record::new(id, subject, envelope.encode_to_vec());
        let log = self.log.get().expect("the probe has started");
        log.declare_stream("user").await.unwrap();
        log.publish(vec![record]).await.unwrap();
    }

    /// Every key in the object store, whichever it is.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let media = self.keys_in("media").await;
        [media, self.keys_in("variants").await].concat()
    }

    /// The keys in one folder of it.
    pub(crate) async fn keys_in(&self, folder: &str) -> Vec<String> {
        let store = covergen_objects::open(&self.harness.hosted().config().objects)
            .await
            .unwrap();
        let page = store.list(folder, None, 1000).await.unwrap();
        assert!(page.next.is_none(), "a test stores few objects");
        let keys = page.objects.iter().map(|meta| meta.key.to_string());
        keys.collect()
    }

    /// Asks for an image under its address, as anybody would.
    pub(crate) async fn image(&self, url: &str) -> Result<(String, Bytes), Status> {
        let parts: Vec<&str> = url.trim_start_matches("/i/").split('/').collect();
        let [signature, ops, file] = parts[..] else {
            panic!("not an image address: {url}");
        };
        let request = GetImageRequest {
            signature: signature.to_owned(),
            ops: ops.to_owned(),
            file: file.to_owned(),
        };
        let channel = self.harness.as_anonymous("media");
        let mut client = covergen_proto::media::v1::media_service_client(channel);
        collect(client.get_image(request).await?.into_inner()).await
    }

    /// Files below a folder of the object store.
    pub(crate) fn objects(&self, folder: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.harness.folder().join("objects").join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    found.push(entry.path());
                }
            }
        }
        found.sort();
        found
    }

    /// Waits until neither an original nor a variant is left.
    pub(crate) async fn until_no_objects(&self) {
        eventually("the objects are gone", async || {
            self.objects("media").is_empty() && self.objects("variants").is_empty()
        })
        .await;
    }

    /// Types and aggregates of every event so far.
    pub(crate) async fn events(&self) -> Vec<(String, String)> {
        let log = self.log.get().expect("the probe has started");
        let stored = log.read("media", Position::Beginning, 1000).await.unwrap();
        stored
            .iter()
            .map(|stored| {
                let envelope = Envelope::decode(stored.record.payload.clone()).unwrap();
                let name = envelope.r#type.rsplit('.').next().unwrap_or_default();
                (name.to_owned(), envelope.aggregate)
            })
            .collect()
    }

    /// The events of one type so far.
    pub(crate) async fn told<T: Message + Name + Default>(&self) -> Vec<T> {
        let log = self.log.get().expect("the probe has started");
        let stored = log.read("media", Position::Beginning, 1000).await.unwrap();
        stored
            .iter()
            .map(|stored| Envelope::decode(stored.record.payload.clone()).unwrap())
            .filter(|envelope| envelope.r#type == T::full_name())
            .map(|envelope| T::decode(envelope.data).unwrap())
            .collect()
    }

    /// Whether the database is PostgreSQL.
    pub(crate) fn is_on_postgres(&self) -> bool {
        self.database.is_some()
    }

    /// Bytes as this database writes them in a statement.
    pub(crate) fn blob(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if self.is_on_postgres() {
            format!("'\\x{hex}'::bytea")
        } else {
            format!("X'{hex}'")
        }
    }

    /// A connection of the test's own, to stage what a crash leaves.
    pub(crate) async fn sql(&self, statement: &str) -> u64 {
        let url = self.database.as_ref().map_or_else(
            || {
                let file = self.harness.folder().join("db/media.sqlite");
                format!("sqlite://{}", file.display())
            },
            |database| format!("{}_media", database.url()),
        );
        let connection: DatabaseConnection = sea_orm::Database::connect(url).await.unwrap();
        let done = connection.execute_unprepared(statement).await.unwrap();
        connection.close().await.unwrap();
        done.rows_affected()
    }
}

fn services(log: &Log) -> Vec<Service> {
    let log = Arc::clone(log);
    let probe = Service::new("probe", move |context| async move {
        log.set(context.events).ok();
        Ok(Wiring::new())
    });
    vec![covergen_media::service(), probe]
}

fn configure(config: &mut Config, database: Option<&Database>, settings: &impl Fn(&mut Table)) {
    if let Some(database) = database {
        // The probe's tables must not meet the service's own.
        config.database.url = format!("{}_{{service}}", database.url());
    }
    settings(config.services.entry("media".to_owned()).or_default());
}

fn in_bucket(bucket: &Bucket) -> covergen_objects::Config {
    let mut config = covergen_objects::Config::from_url(bucket.url());
    config.access_key_id = Some(bucket.access_key().to_owned());
    config.secret_access_key = Some(bucket.secret_key().into());
    // Two busy cores must not look like an outage.
    config.timeout_ms = 60_000;
    config
}

/// The header of an upload.
pub(crate) fn header(owner: &Principal, id: AssetId, content_type: &str) -> PutAssetHeader {
    PutAssetHeader {
        asset_id: id.to_string(),
        workspace_id: owner.workspace_id.to_string(),
        user_id: owner.user_id.to_string(),
        content_type: content_type.to_owned(),
        file_name: "cover.png".to_owned(),
    }
}

/// An upload in pieces of 64 KiB.
pub(crate) fn upload(header: PutAssetHeader, content: &[u8]) -> Vec<PutAssetRequest> {
    let chunks = content
        .chunks(64 * 1024)
        .map(|chunk| Part::Chunk(Bytes::copy_from_slice(chunk)));
    std::iter::once(Part::Header(header))
        .chain(chunks)
        .map(|part| PutAssetRequest { part: Some(part) })
        .collect()
}

/// A picture; another seed, another content.
pub(crate) fn picture(width: u32, height: u32, seed: u8) -> Picture {
    let mut rgba = Vec::new();
    for y in 0..height {
        for x in 0..width {
            rgba.extend([(x % 256) as u8, (y % 256) as u8, seed, 255]);
        }
    }
    Picture::new(width, height, rgba).unwrap()
}

/// The same as a PNG file.
pub(crate) fn png(width: u32, height: u32, seed: u8) -> Vec<u8> {
    encode(&picture(width, height, seed), Encoding::PREVIEW).unwrap()
}

/// Collects a stream of content: its media type and bytes. Every piece is
/// bounded, and only the first names the type.
pub(crate) async fn collect(mut stream: Streaming<HttpBody>) -> Result<(String, Bytes), Status> {
    let mut content_type = None;
    let mut all = Vec::new();
    while let Some(piece) = stream.message().await? {
        assert!(piece.data.len() <= 256 * 1024);
        content_type.get_or_insert(piece.content_type);
        all.extend_from_slice(&piece.data);
    }
    Ok((content_type.unwrap_or_default(), all.into()))
}

/// Asserts how a call was refused.
#[track_caller]
pub(crate) fn assert_refused<T: std::fmt::Debug>(
    answer: Result<T, Status>,
    code: Code,
    reason: &str,
) {
    let status = answer.expect_err("the call is refused");
    let found = status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default();
    assert_eq!((status.code(), &*found), (code, reason), "{status}");
}

/// Polls, for a bounded time, until something is so.
pub(crate) async fn eventually(what: &str, check: impl AsyncFn() -> bool) {
    for _ in 0..4_000 {
        if check().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it never came about: {what}");
}
