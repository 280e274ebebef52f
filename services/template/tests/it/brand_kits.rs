use covergen_ids::AssetId;
use covergen_proto::template::v1::{
    BrandKit, BrandKitDraft, CreateBrandKitRequest, DeleteBrandKitRequest, GetBrandKitRequest,
    ListBrandKitsRequest, ResolveBrandKitRequest, UpdateBrandKitRequest,
};
use covergen_proto::wkt::FieldMask;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::doubles::Tier;
use crate::stage::{Client, among_peers, among_peers_with, assert_refused, faults};

fn kit(name: &str) -> CreateBrandKitRequest {
    CreateBrandKitRequest {
        brand_kit: Some(BrandKitDraft {
            name: name.to_owned(),
            colors: vec!["#101020".to_owned(), "#FF5533".to_owned()],
            heading_font: "anton".to_owned(),
            logo_asset_id: String::new(),
        }),
        request_id: String::new(),
    }
}

async fn made(calling: &mut Client, name: &str) -> BrandKit {
    let made = calling.create_brand_kit(kit(name)).await;
    made.unwrap().into_inner()
}

fn get(id: &str) -> GetBrandKitRequest {
    GetBrandKitRequest {
        brand_kit_id: id.to_owned(),
    }
}

fn deleting(id: &str, etag: &str) -> DeleteBrandKitRequest {
    DeleteBrandKitRequest {
        brand_kit_id: id.to_owned(),
        etag: etag.to_owned(),
        request_id: String::new(),
    }
}

#[tokio::test]
async fn a_brand_kit_is_kept_changed_and_deleted() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::Pro);
        let mut calling = world.person(&ada);
        let first = made(&mut calling, "Acme").await;
        assert!(first.id.starts_with("brk_"), "{}", first.id);
        assert_eq!(first.colors, ["#101020", "#ff5533"]);
        assert_eq!(first.etag, "r1");

        let change = UpdateBrandKitRequest {
            brand_kit_id: first.id.clone(),
            brand_kit: Some(BrandKitDraft {
                name: "Acme Ltd".to_owned(),
                ..BrandKitDraft::default()
            }),
            update_mask: Some(FieldMask {
                paths: vec!["name".to_owned(), "heading_font".to_owned()],
            }),
            etag: "r1".to_owned(),
            request_id: String::new(),
        };
        let changed = calling.update_brand_kit(change.clone()).await;
        let changed = changed.unwrap().into_inner();
        assert_eq!(
            (changed.name.as_str(), changed.heading_font.as_str()),
            ("Acme Ltd", "")
        );
        assert_eq!(
            (&changed.colors, changed.etag.as_str()),
            (&first.colors, "r2")
        );
        let stale = calling.update_brand_kit(change).await;
        assert_refused(stale, Code::Aborted, "ETAG_MISMATCH");
        let found = calling.get_brand_kit(get(&first.id)).await;
        assert_eq!(found.unwrap().into_inner(), changed);

        let stale = calling.delete_brand_kit(deleting(&first.id, "r1")).await;
        assert_refused(stale, Code::Aborted, "ETAG_MISMATCH");
        calling
            .delete_brand_kit(deleting(&first.id, "r2"))
            .await
            .unwrap();
        let gone = calling.get_brand_kit(get(&first.id)).await;
        assert_refused(gone, Code::NotFound, "BRAND_KIT_NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn brand_kits_are_listed_newest_first_within_their_workspace() {
    among_peers(async |world| {
        let (ada, eve) = (world.somebody(Tier::Pro), world.somebody(Tier::Pro));
        let mut calling = world.person(&ada);
        let mut ids = Vec::new();
        for name in ["One", "Two", "Three"] {
            ids.insert(0, made(&mut calling, name).await.id);
        }
        let mut found = Vec::new();
        let mut request = ListBrandKitsRequest {
            page_size: 2,
            page_token: String::new(),
        };
        loop {
            let page = calling
                .list_brand_kits(request.clone())
                .await
                .unwrap()
                .into_inner();
            found.extend(page.brand_kits.into_iter().map(|kit| kit.id));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(found, ids);

        let mut other = world.person(&eve);
        let page = other.list_brand_kits(ListBrandKitsRequest::default()).await;
        assert!(page.unwrap().into_inner().brand_kits.is_empty());
        let refused = other.get_brand_kit(get(&ids[0])).await;
        assert_refused(refused, Code::NotFound, "BRAND_KIT_NOT_FOUND");
        let refused = other.delete_brand_kit(deleting(&ids[0], "")).await;
        assert_refused(refused, Code::NotFound, "BRAND_KIT_NOT_FOUND");
        let resolve = ResolveBrandKitRequest {
            brand_kit_id: ids[0].clone(),
        };
        let refused = world
            .cover_for(&eve)
            .resolve_brand_kit(resolve.clone())
            .await;
        assert_refused(refused, Code::NotFound, "BRAND_KIT_NOT_FOUND");
        let resolved = world
            .cover_for(&ada)
            .resolve_brand_kit(resolve.clone())
            .await;
        assert_eq!(resolved.unwrap().into_inner().name, "Three");
        world.known.set_tier(&ada.user_id, Tier::Free);
        let refused = world.cover_for(&ada).resolve_brand_kit(resolve).await;
        assert_refused(refused, Code::FailedPrecondition, "TIER_REQUIRED");
    })
    .await;
}

#[tokio::test]
async fn a_brand_kit_needs_a_tier_and_a_logo_of_the_workspace() {
    among_peers(async |world| {
        let free = world.somebody(Tier::Free);
        let refused = world.person(&free).create_brand_kit(kit("Acme")).await;
        let status = assert_refused(refused, Code::FailedPrecondition, "TIER_REQUIRED");
        let facts = status.get_details_error_info().unwrap().metadata;
        assert_eq!(facts["upgradeTo"], "pro");

        let (ada, eve) = (world.somebody(Tier::Pro), world.somebody(Tier::Pro));
        let logo = AssetId::new(world.harness.clock()).to_string();
        world.known.add_asset(&eve.workspace_id, &logo);
        let mut request = kit("Acme");
        request
            .brand_kit
            .as_mut()
            .unwrap()
            .logo_asset_id
            .clone_from(&logo);
        let refused = world.person(&ada).create_brand_kit(request.clone()).await;
        let status = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        assert_eq!(faults(&status), ["logoAssetId"]);
        let made = world.person(&eve).create_brand_kit(request).await;
        assert_eq!(made.unwrap().into_inner().logo_asset_id, logo);
    })
    .await;
}

#[tokio::test]
async fn a_workspace_has_a_bounded_number_of_brand_kits() {
    among_peers_with("max_brand_kits = 1", async |world| {
        let ada = world.somebody(Tier::Pro);
        let mut calling = world.person(&ada);
        let mut request = kit("Acme");
        request.request_id = "key-1".to_owned();
        let first = calling
            .create_brand_kit(request.clone())
            .await
            .unwrap()
            .into_inner();
        let again = calling
            .create_brand_kit(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(again, first, "a repeated key answers with the first kit");
        let refused: Result<_, Status> = calling.create_brand_kit(kit("Another")).await;
        assert_refused(refused, Code::ResourceExhausted, "LIMIT_REACHED");
    })
    .await;
}
