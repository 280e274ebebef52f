use covergen_identity::Principal;
use covergen_proto::notification::v1::{
    GetUnreadCountRequest, ListNotificationsRequest, ListNotificationsResponse, MarkAllReadRequest,
    MarkReadRequest,
};
use tonic::Code;

use crate::world::{World, assert_refused, eventually, on_both};

/// A page of somebody's list.
pub(crate) async fn page(
    world: &World,
    who: &Principal,
    change: impl FnOnce(&mut ListNotificationsRequest),
) -> ListNotificationsResponse {
    let mut request = ListNotificationsRequest {
        user_id: "me".to_owned(),
        ..ListNotificationsRequest::default()
    };
    change(&mut request);
    let listed = world.list(who).list_notifications(request).await;
    listed.unwrap().into_inner()
}

/// Waits until so many are listed that were not read.
pub(crate) async fn eventually_listed(world: &World, who: &Principal, count: i32) {
    eventually("it is listed", async || {
        page(world, who, |_| ()).await.unread_count == count
    })
    .await;
}

#[tokio::test]
async fn a_person_reads_what_happened_in_their_language() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let (task, cover) = world.generated(&ada).await;
        eventually_listed(&world, &ada, 1).await;
        let english = page(&world, &ada, |_| ()).await.notifications.remove(0);
        assert_eq!(english.title, "Your cover is ready");
        assert_eq!(
            (&english.resource_id, &english.cover_ids[..]),
            (&task, &[cover][..])
        );
        let chinese = page(&world, &ada, |request| {
            request.language = "zh-TW, en;q=0.1".to_owned();
        });
        let chinese = chinese.await.notifications.remove(0);
        assert_eq!((&*chinese.title, &*chinese.language), ("封面已完成", "zh"));
        assert_eq!(chinese.id, english.id);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_read_counts_no_more() {
    on_both(async |world| {
        let (ada, eve) = (world.harness.creator(), world.harness.creator());
        for count in 1..=3 {
            world.generated(&ada).await;
            eventually_listed(&world, &ada, count).await;
        }
        let first = page(&world, &ada, |request| request.page_size = 2).await;
        assert_eq!(first.notifications.len(), 2);
        let token = first.next_page_token.clone();
        let second = page(&world, &ada, |request| request.page_token = token).await;
        assert_eq!(second.notifications.len(), 1);
        assert!(second.next_page_token.is_empty());

        let newest = first.notifications[0].id.clone();
        let mut request = MarkReadRequest {
            notification_id: newest.clone(),
            ..MarkReadRequest::default()
        };
        let mut client = world.list(&ada);
        let read = client
            .mark_read(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert!(read.read && read.read_time.is_some());
        let again = client
            .mark_read(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert_eq!(again.read_time, read.read_time);
        let foreign = world.list(&eve).mark_read(request.clone()).await;
        assert_refused(foreign, Code::NotFound, "NOTIFICATION_NOT_FOUND");
        let unread = page(&world, &ada, |request| request.unread_only = true).await;
        assert_eq!((unread.notifications.len(), unread.unread_count), (2, 2));
        request.unread = true;
        let back = client.mark_read(request).await.unwrap().into_inner();
        assert!(!back.read && back.id == newest);

        let me = || "me".to_owned();
        client
            .mark_all_read(MarkAllReadRequest { user_id: me() })
            .await
            .unwrap();
        let count = GetUnreadCountRequest { user_id: me() };
        let count = client.get_unread_count(count).await.unwrap();
        assert_eq!(count.into_inner().unread_count, 0);
        let other = GetUnreadCountRequest {
            user_id: ada.user_id.to_string(),
        };
        let foreign = world.list(&eve).get_unread_count(other).await;
        assert_refused(foreign, Code::NotFound, "USER_NOT_FOUND");
        world.harness.stop().await;
    })
    .await;
}
