//! The running services, people with covers, and a look behind the scenes.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use covergen_chassis::{Config, Harness, Service, Wiring};
use covergen_events::{EventLog, Position, Record, Subject};
use covergen_identity::Principal;
use covergen_ids::{AssetId, Clock, CoverId};
use covergen_imaging::{Encoding, Picture};
use covergen_proto::cover::v1::{Design, DesignPicture};
use covergen_proto::events::v1::Envelope;
use covergen_proto::export::v1::export::Status as Wire;
use covergen_proto::export::v1::export_service_client::ExportServiceClient;
use covergen_proto::export::v1::{
    BatchItem, DownloadRequest, Export, ExportReady, GetStatusRequest, PrepareBatchRequest,
    PrepareRequest,
};
use covergen_proto::media::v1::put_asset_request::Part;
use covergen_proto::media::v1::{PutAssetHeader, PutAssetRequest};
use covergen_proto::user::v1::UserDeleted;
use covergen_render::{Brief, Catalog, Scene, Size};
use covergen_testkit::Database;
use prost::{Message as _, Name as _};
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::doubles::Known;

type Client = ExportServiceClient<covergen_mesh::Channel>;
type Log = Arc<OnceLock<Arc<dyn EventLog>>>;

/// The services under test.
pub(crate) struct World {
    pub(crate) harness: Harness,
    pub(crate) known: Known,
    log: Log,
    database: Option<Arc<Database>>,
}

/// Runs a test on SQLite, then on PostgreSQL.
pub(crate) async fn on_both(test: impl AsyncFn(World)) {
    on_both_with(&["export", "media", "task"], test).await;
}

/// As [`on_both`], with some of the services only.
pub(crate) async fn on_both_with(services: &[&str], test: impl AsyncFn(World)) {
    test(World::start(None, services).await).await;
    let database = Arc::new(covergen_testkit::postgres_database().await);
    test(World::start(Some(database), services).await).await;
}

impl World {
    async fn start(database: Option<Arc<Database>>, names: &[&str]) -> Self {
        let (log, known) = (Log::default(), Known::default());
        let services = services(names, &log, &known);
        let configure = |config: &mut Config| configure(config, database.as_deref());
        let harness = Harness::start_with(services, Clock::system(), configure).await;
        Self {
            harness,
            known,
            log,
            database,
        }
    }

    /// Stops the process and starts it on the same data.
    pub(crate) async fn restart(self, names: &[&str]) -> Self {
        let (log, known, database) = (Log::default(), self.known, self.database);
        let services = services(names, &log, &known);
        let configure = |config: &mut Config| configure(config, database.as_deref());
        let harness = self.harness.restart(services, configure).await;
        Self {
            harness,
            known,
            log,
            database,
        }
    }

    /// The service for a person, through the web edge.
    pub(crate) fn user(&self, principal: &Principal) -> Client {
        covergen_proto::export::v1::export_service_client(self.harness.as_user(principal, "export"))
    }

    /// A new cover of somebody's, as cover keeps it.
    pub(crate) fn cover(&self, owner: &Principal) -> CoverId {
        self.cover_of(owner, &scene(size(1280, 720), false))
    }

    /// A new cover of somebody's with a scene of its own.
    pub(crate) fn cover_of(&self, owner: &Principal, scene: &Scene) -> CoverId {
        self.cover_with(owner, scene, &[])
    }

    /// And with pictures of its own.
    pub(crate) fn cover_with(
        &self,
        owner: &Principal,
        scene: &Scene,
        pictures: &[(&str, AssetId)],
    ) -> CoverId {
        let id = CoverId::new(self.harness.clock());
        self.known.add(Design {
            cover_id: id.to_string(),
            document: serde_json::to_string(scene).unwrap(),
            workspace_id: owner.workspace_id.to_string(),
            user_id: owner.user_id.to_string(),
            pictures: pictures
                .iter()
                .map(|(name, asset)| DesignPicture {
                    name: (*name).to_owned(),
                    asset_id: asset.to_string(),
                })
                .collect(),
        });
        id
    }

    /// Stores a picture as somebody's.
    pub(crate) async fn picture(&self, owner: &Principal, picture: &Picture) -> AssetId {
        let id = AssetId::new(self.harness.clock());
        let header = PutAssetHeader {
            asset_id: id.to_string(),
            workspace_id: owner.workspace_id.to_string(),
            user_id: owner.user_id.to_string(),
            content_type: "image/png".to_owned(),
            file_name: "photo.png".to_owned(),
        };
        let file = covergen_imaging::encode(picture, Encoding::PREVIEW).unwrap();
        let parts = [Part::Header(header), Part::Chunk(file.into())];
        let messages = parts.map(|part| PutAssetRequest { part: Some(part) });
        let channel = self.harness.as_service("export", Some(owner), "media");
        let mut media = covergen_proto::media::v1::media_service_client(channel);
        media
            .put_asset(futures::stream::iter(messages))
            .await
            .unwrap();
        id
    }

    /// Asks for an archive; its id.
    pub(crate) async fn prepare_batch(
        &self,
        owner: &Principal,
        request: PrepareBatchRequest,
    ) -> Result<String, Status> {
        let answer = self.user(owner).prepare_batch(request).await?.into_inner();
        assert_eq!(answer.status(), Wire::Pending);
        Ok(answer.export_id)
    }

    /// Downloads all or a part; what HTTP headers come with it, and the bytes.
    pub(crate) async fn fetch(
        &self,
        owner: &Principal,
        request: DownloadRequest,
    ) -> Result<(MetadataMap, Vec<u8>), Status> {
        let answer = self.user(owner).download(request).await?;
        let (metadata, mut stream, _) = answer.into_parts();
        let mut all = Vec::new();
        while let Some(piece) = stream.message().await? {
            assert!(piece.data.len() <= 256 * 1024);
            all.extend_from_slice(&piece.data);
        }
        Ok((metadata, all))
    }

    /// Tells everybody that a user is gone.
    pub(crate) async fn user_deleted(&self, who: &Principal) {
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

    /// Asks for an export; its id.
    pub(crate) async fn prepare(
        &self,
        owner: &Principal,
        request: PrepareRequest,
    ) -> Result<String, Status> {
        let answer = self.user(owner).prepare(request).await?.into_inner();
        assert_eq!(answer.status(), Wire::Pending);
        Ok(answer.export_id)
    }

    /// How an export stands.
    pub(crate) async fn status(&self, owner: &Principal, id: &str) -> Result<Export, Status> {
        let request = GetStatusRequest {
            export_id: id.to_owned(),
        };
        Ok(self.user(owner).get_status(request).await?.into_inner())
    }

    /// Waits until an export has a status; the export then.
    pub(crate) async fn until(&self, owner: &Principal, id: &str, status: Wire) -> Export {
        for _ in 0..2400 {
            let export = self.status(owner, id).await.unwrap();
            if export.status() == status {
                return export;
            }
            let over = matches!(
                export.status(),
                Wire::Succeeded | Wire::Failed | Wire::Cancelled
            );
            assert!(!over, "{export:?} instead of {status:?}");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the export never became {status:?}");
    }

    /// Makes a file and downloads it.
    pub(crate) async fn file(&self, owner: &Principal, request: PrepareRequest) -> (Export, Bytes) {
        let id = self.prepare(owner, request).await.unwrap();
        let export = self.until(owner, &id, Wire::Succeeded).await;
        let (content_type, bytes) = self.download(owner, &id).await.unwrap();
        assert_eq!(content_type, format!("image/{}", export.format));
        assert_eq!(export.bytes, i32::try_from(bytes.len()).unwrap());
        (export, bytes)
    }

    /// Downloads a file: its media type and bytes.
    pub(crate) async fn download(
        &self,
        owner: &Principal,
        id: &str,
    ) -> Result<(String, Bytes), Status> {
        let request = DownloadRequest {
            export_id: id.to_owned(),
            ..DownloadRequest::default()
        };
        let mut stream = self.user(owner).download(request).await?.into_inner();
        let mut content_type = None;
        let mut all = Vec::new();
        while let Some(piece) = stream.message().await? {
            assert!(piece.data.len() <= 256 * 1024);
            content_type.get_or_insert(piece.content_type);
            all.extend_from_slice(&piece.data);
        }
        Ok((content_type.unwrap_or_default(), all.into()))
    }

    /// Files in the object store.
    pub(crate) fn objects(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.harness.folder().join("objects/media")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    found.push(entry.path());
                }
            }
        }
        found
    }

    /// Statuses that were told of an export, in order.
    pub(crate) async fn told(&self, id: &str) -> Vec<String> {
        let log = self.log.get().expect("the probe has started");
        let stored = log.read("export", Position::Beginning, 1000).await.unwrap();
        stored
            .iter()
            .map(|stored| Envelope::decode(stored.record.payload.clone()).unwrap())
            .map(|envelope| ExportReady::decode(envelope.data).unwrap())
            .filter(|event| event.export_id == id)
            .map(|event| event.status)
            .collect()
    }

    /// Waits until an end was told, and sees that it was told once.
    pub(crate) async fn until_told(&self, id: &str, status: &str) {
        eventually("the end is told", async || !self.told(id).await.is_empty()).await;
        assert_eq!(self.told(id).await, [status]);
    }
}

fn services(names: &[&str], log: &Log, known: &Known) -> Vec<Service> {
    let log = Arc::clone(log);
    let probe = Service::new("probe", move |context| async move {
        log.set(context.events).ok();
        Ok(Wiring::new())
    });
    let mut services: Vec<Service> = names
        .iter()
        .map(|name| match *name {
            "export" => covergen_export::service(),
            "media" => covergen_media::service(),
            _ => covergen_task::service(),
        })
        .collect();
    services.push(probe);
    services.extend(known.services());
    services
}

fn configure(config: &mut Config, database: Option<&Database>) {
    if let Some(database) = database {
        config.database.url = format!("{}_{{service}}", database.url());
    }
    let task = config.services.entry("task".to_owned()).or_default();
    // Short, so that a worker soon learns of a cancellation.
    task.insert("lease_ms".to_owned(), 1500.into());
    task.insert("backoff_first_ms".to_owned(), 100.into());
}

/// A size within the bounds.
pub(crate) fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).unwrap()
}

/// The cover that every test exports.
pub(crate) fn scene(size: Size, watermark: bool) -> Scene {
    let brief = Brief {
        subtitle: Some("A line below it".to_owned()),
        seed: 42,
        watermark,
        ..Brief::new("Deploy on Friday", size)
    };
    let template = Catalog::builtin().get("aurora", None).unwrap();
    template.scene(&brief).unwrap()
}

/// A request for a cover in a size.
pub(crate) fn wanted(cover: CoverId, width: i32, height: i32, format: &str) -> PrepareRequest {
    PrepareRequest {
        cover_id: cover.to_string(),
        width,
        height,
        format: format.to_owned(),
        ..PrepareRequest::default()
    }
}

/// A file of an archive: a cover in a size.
pub(crate) fn item(cover: CoverId, width: i32, height: i32, format: &str) -> BatchItem {
    BatchItem {
        cover_id: cover.to_string(),
        width,
        height,
        format: format.to_owned(),
        ..BatchItem::default()
    }
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
    for _ in 0..800 {
        if check().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it never came about: {what}");
}
