use std::collections::BTreeMap;

use covergen_identity::Principal;
use covergen_proto::media::v1::UploadAssetHeader;
use covergen_proto::media::v1::media_service_client::MediaServiceClient;
use covergen_proto::privacy::v1::UserDataRequest;
use tonic::Code;

use crate::upload::phone_photo;
use crate::world::{World, named, on_both, png};

type Client = MediaServiceClient<covergen_mesh::Channel>;

/// Collects an export's files; pieces of one follow each other.
async fn files(mut client: Client, user: &str) -> BTreeMap<String, Vec<u8>> {
    let request = UserDataRequest {
        user_id: user.to_owned(),
    };
    let mut stream = client.export_user_data(request).await.unwrap().into_inner();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut current = String::new();
    while let Some(chunk) = stream.message().await.unwrap() {
        assert!(chunk.data.len() <= 1024 * 1024);
        if chunk.path != current {
            assert!(
                !files.contains_key(&chunk.path),
                "{} came twice",
                chunk.path
            );
            current.clone_from(&chunk.path);
        }
        files.entry(chunk.path).or_default().extend(chunk.data);
    }
    files
}

/// A copy of a person's data, as user gathers it.
pub(crate) async fn copy(world: &World, who: &Principal) -> BTreeMap<String, Vec<u8>> {
    let user = world.harness.as_service("user", None, "media");
    let client = covergen_proto::media::v1::media_service_client(user);
    files(client, &who.user_id.to_string()).await
}

#[tokio::test]
async fn a_person_takes_all_their_files_along() {
    on_both(async |world| {
        let (who, other) = (world.harness.creator(), world.harness.creator());
        let header = UploadAssetHeader {
            keep_metadata: true,
            ..named("夏.jpg")
        };
        let photo = world.upload(&who, header, &phone_photo(800, 600)).await;
        let photo = photo.unwrap();
        let mut names = vec!["assets.json".to_owned()];
        names.push(format!("files/{}.jpg", photo.id));
        for seed in 0..120 {
            let made = world.put(&who, &png(8, 8, seed)).await;
            names.push(format!("files/{}.png", made.id));
        }
        world.upload_named(&other, "x.png", &png(8, 8, 200)).await;

        let user = || world.harness.as_service("user", None, "media");
        let client = covergen_proto::media::v1::media_service_client(user());
        let files = files(client, &who.user_id.to_string()).await;
        names.sort();
        assert_eq!(files.keys().cloned().collect::<Vec<_>>(), names);
        let listed: serde_json::Value = serde_json::from_slice(&files["assets.json"]).unwrap();
        let listed = listed.as_array().unwrap();
        assert_eq!(listed.len(), 121);
        let told = listed.iter().find(|asset| asset["id"] == photo.id).unwrap();
        assert_eq!(told["fileName"], "夏.jpg");
        assert_eq!(told["metadata"]["cameraMake"], "Lumen");
        assert_eq!(told["kind"], "UPLOAD");
        let file = &files[told["file"].as_str().unwrap()];
        assert_eq!(world.image(&photo.url).await.unwrap().1, file[..]);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_but_user_asks_for_a_persons_data() {
    on_both(async |world| {
        let who = world.harness.creator();
        let request = || UserDataRequest {
            user_id: who.user_id.to_string(),
        };
        let refused = world.user(&who).export_user_data(request()).await;
        assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
        let refused = world.cover(&who).export_user_data(request()).await;
        assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
        let client = world.harness.as_service("user", None, "media");
        let mut client = covergen_proto::media::v1::media_service_client(client);
        let request = UserDataRequest {
            user_id: "somebody".to_owned(),
        };
        let refused = client.export_user_data(request).await;
        assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
        world.harness.stop().await;
    })
    .await;
}
