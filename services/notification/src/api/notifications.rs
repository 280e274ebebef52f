use covergen_chassis::{principal, reply};
use covergen_ids::UserId;
use covergen_proto::notification::v1::notification_service_server::NotificationService;
use covergen_proto::notification::v1::{
    GetUnreadCountRequest, ListNotificationsRequest, ListNotificationsResponse, MarkAllReadRequest,
    MarkReadRequest, Notification, UnreadCount,
};
use covergen_proto::privacy::v1::{UserDataChunk, UserDataRequest};
use futures::TryStreamExt as _;
use futures::stream::{BoxStream, StreamExt as _};
use tonic::{Request, Response, Status};

use super::{Answer, Api, encode};
use crate::app::{Listed, Pieces};
use crate::domain::language::Language;
use crate::error::Error;

fn count(unread: u64) -> i32 {
    i32::try_from(unread).unwrap_or(i32::MAX)
}

#[tonic::async_trait]
impl NotificationService for Api {
    type ExportUserDataStream = BoxStream<'static, Result<UserDataChunk, Status>>;

    async fn list_notifications(
        &self,
        request: Request<ListNotificationsRequest>,
    ) -> Answer<ListNotificationsResponse> {
        let caller = principal()?;
        let request = request.into_inner();
        let listed = self.0.list_notifications(&caller, &request).await;
        let Listed { page, unread } = listed.map_err(reply)?;
        let language = Language::of(&request.language);
        let page = page.map(|row| encode::notification(row, language));
        Ok(Response::new(ListNotificationsResponse {
            notifications: page.items,
            next_page_token: page.next_page_token,
            unread_count: count(unread),
        }))
    }

    async fn get_unread_count(
        &self,
        request: Request<GetUnreadCountRequest>,
    ) -> Answer<UnreadCount> {
        let caller = principal()?;
        let user = request.into_inner().user_id;
        let unread = self.0.get_unread_count(&caller, &user).await;
        Ok(Response::new(UnreadCount {
            unread_count: count(unread.map_err(reply)?),
        }))
    }

    async fn mark_read(&self, request: Request<MarkReadRequest>) -> Answer<Notification> {
        let caller = principal()?;
        let request = request.into_inner();
        let row = self.0.mark_read(&caller, &request).await.map_err(reply)?;
        let language = Language::of(&request.language);
        Ok(Response::new(encode::notification(row, language)))
    }

    async fn mark_all_read(&self, request: Request<MarkAllReadRequest>) -> Answer<UnreadCount> {
        let caller = principal()?;
        let user = request.into_inner().user_id;
        let marked = self.0.mark_all_read(&caller, &user).await;
        marked.map_err(reply)?;
        Ok(Response::new(UnreadCount::default()))
    }

    async fn export_user_data(
        &self,
        request: Request<UserDataRequest>,
    ) -> Answer<Self::ExportUserDataStream> {
        let user: UserId =
            request
                .get_ref()
                .user_id
                .parse()
                .map_err(|error: covergen_ids::ParseIdError| {
                    reply(Error::Invalid(vec![(
                        "userId".to_owned(),
                        error.to_string(),
                    )]))
                })?;
        let pieces: Pieces = self.0.export_user_data(user);
        Ok(Response::new(pieces.map_err(reply).boxed()))
    }
}
