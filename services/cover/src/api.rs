//! gRPC in, gRPC out.

mod encode;
mod tasks;

use std::pin::Pin;
use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_ids::{BulkId, CoverId, TaskId, UserId};
use covergen_proto::cover::v1::cover_service_server::CoverService;
use covergen_proto::cover::v1::{
    Bulk, BulkGenerateRequest, CancelBulkRequest, CancelTaskRequest, Cover, CoverTask,
    DeleteCoverRequest, DeleteCoverResponse, Design, FavoriteCoverRequest, GenerateRequest,
    GenerateResponse, GetBulkRequest, GetCoverRequest, GetDesignRequest, GetTaskRequest,
    ListBulkRowsRequest, ListBulkRowsResponse, ListBulksRequest, ListBulksResponse,
    ListChangesRequest, ListChangesResponse, ListCoversRequest, ListCoversResponse,
    ListHistoryRequest, ListHistoryResponse, PreviewRequest, RegenerateCoverRequest,
    RetryBulkRequest, SuggestPalettesRequest, SuggestPalettesResponse, SuggestTitlesRequest,
    SuggestTitlesResponse, UnfavoriteCoverRequest, WatchBulkRequest, WatchTaskRequest,
};
use covergen_proto::google::api::HttpBody;
use covergen_proto::privacy::v1::{UserDataChunk, UserDataRequest};
use futures::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::error::Error;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;
type Items<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl CoverService for Api {
    type WatchTaskStream = Items<CoverTask>;
    type WatchBulkStream = Items<Bulk>;
    type ExportUserDataStream = Items<UserDataChunk>;

    async fn generate(&self, request: Request<GenerateRequest>) -> Answer<GenerateResponse> {
        let who = principal()?;
        let answer = self.0.generate(&who, request.into_inner()).await;
        Ok(Response::new(answer.map_err(reply)?))
    }

    async fn preview(&self, request: Request<PreviewRequest>) -> Answer<HttpBody> {
        let who = principal()?;
        let file = self
            .0
            .preview(&who, request.into_inner())
            .await
            .map_err(reply)?;
        Ok(Response::new(HttpBody {
            content_type: file.encoding.file_format().media_type().to_owned(),
            data: file.bytes.into(),
            extensions: Vec::new(),
        }))
    }

    async fn get_task(&self, request: Request<GetTaskRequest>) -> Answer<CoverTask> {
        let who = principal()?;
        let id = task_id(&request.get_ref().task_id)?;
        let view = self.0.get_task(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::task(view)))
    }

    async fn watch_task(
        &self,
        request: Request<WatchTaskRequest>,
    ) -> Answer<Self::WatchTaskStream> {
        let who = principal()?;
        let request = request.into_inner();
        let id = task_id(&request.task_id)?;
        let watched = Arc::clone(&self.0)
            .watch_task(who, id, request.after_version)
            .await
            .map_err(reply)?;
        let stream = watched.map(|view| view.map(encode::task).map_err(reply));
        Ok(Response::new(Box::pin(stream)))
    }

    async fn cancel_task(&self, request: Request<CancelTaskRequest>) -> Answer<CoverTask> {
        let who = principal()?;
        let id = task_id(&request.get_ref().task_id)?;
        let view = self.0.cancel_task(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::task(view)))
    }

    async fn list_covers(&self, request: Request<ListCoversRequest>) -> Answer<ListCoversResponse> {
        let who = principal()?;
        let listed = self.0.list_covers(&who, request.get_ref()).await;
        let (covers, next_page_token) = listed.map_err(reply)?;
        Ok(Response::new(ListCoversResponse {
            covers: covers.into_iter().map(encode::cover).collect(),
            next_page_token,
        }))
    }

    async fn list_changes(
        &self,
        request: Request<ListChangesRequest>,
    ) -> Answer<ListChangesResponse> {
        let who = principal()?;
        let changes = self.0.list_changes(&who, request.get_ref()).await;
        Ok(Response::new(encode::changes(changes.map_err(reply)?)))
    }

    async fn get_cover(&self, request: Request<GetCoverRequest>) -> Answer<Cover> {
        let who = principal()?;
        let id = cover_id(&request.get_ref().cover_id)?;
        let view = self.0.get_cover(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::cover(view)))
    }

    async fn get_design(&self, request: Request<GetDesignRequest>) -> Answer<Design> {
        let who = principal()?;
        let id = cover_id(&request.get_ref().cover_id)?;
        let view = self.0.get_cover(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::design(view)))
    }

    async fn delete_cover(
        &self,
        request: Request<DeleteCoverRequest>,
    ) -> Answer<DeleteCoverResponse> {
        let who = principal()?;
        let id = cover_id(&request.get_ref().cover_id)?;
        self.0.delete_cover(&who, id).await.map_err(reply)?;
        Ok(Response::new(DeleteCoverResponse {
            cover_id: id.to_string(),
        }))
    }

    async fn regenerate_cover(
        &self,
        request: Request<RegenerateCoverRequest>,
    ) -> Answer<GenerateResponse> {
        let who = principal()?;
        let id = cover_id(&request.get_ref().cover_id)?;
        let answer = self.0.regenerate_cover(&who, id, request.get_ref()).await;
        Ok(Response::new(answer.map_err(reply)?))
    }

    async fn favorite_cover(&self, request: Request<FavoriteCoverRequest>) -> Answer<Cover> {
        let who = principal()?;
        let id = cover_id(&request.get_ref().cover_id)?;
        let view = self.0.favorite_cover(&who, id, true).await.map_err(reply)?;
        Ok(Response::new(encode::cover(view)))
    }

    async fn unfavorite_cover(&self, request: Request<UnfavoriteCoverRequest>) -> Answer<Cover> {
        let who = principal()?;
        let id = cover_id(&request.get_ref().cover_id)?;
        let view = self.0.favorite_cover(&who, id, false).await;
        Ok(Response::new(encode::cover(view.map_err(reply)?)))
    }

    async fn list_history(
        &self,
        request: Request<ListHistoryRequest>,
    ) -> Answer<ListHistoryResponse> {
        let who = principal()?;
        let listed = self.0.list_history(&who, request.get_ref()).await;
        let (events, next_page_token) = listed.map_err(reply)?;
        Ok(Response::new(ListHistoryResponse {
            events: events.into_iter().map(encode::event).collect(),
            next_page_token,
        }))
    }

    async fn suggest_titles(
        &self,
        request: Request<SuggestTitlesRequest>,
    ) -> Answer<SuggestTitlesResponse> {
        let (titles, language) = App::suggest_titles(request.get_ref()).map_err(reply)?;
        Ok(Response::new(SuggestTitlesResponse {
            titles: titles.into_iter().map(encode::title).collect(),
            language: language.tag().to_owned(),
        }))
    }

    async fn suggest_palettes(
        &self,
        request: Request<SuggestPalettesRequest>,
    ) -> Answer<SuggestPalettesResponse> {
        let who = principal()?;
        let palettes = self.0.suggest_palettes(&who, request.get_ref()).await;
        Ok(Response::new(SuggestPalettesResponse {
            palettes: palettes.map_err(reply)?,
            moods: covergen_render::palette::moods()
                .iter()
                .map(|word| (*word).to_owned())
                .collect(),
        }))
    }

    async fn bulk_generate(&self, request: Request<BulkGenerateRequest>) -> Answer<Bulk> {
        let who = principal()?;
        let view = self.0.bulk_generate(&who, request.into_inner()).await;
        Ok(Response::new(encode::bulk(view.map_err(reply)?)))
    }

    async fn list_bulks(&self, request: Request<ListBulksRequest>) -> Answer<ListBulksResponse> {
        let who = principal()?;
        let listed = self.0.list_bulks(&who, request.get_ref()).await;
        let (bulks, next_page_token) = listed.map_err(reply)?;
        Ok(Response::new(ListBulksResponse {
            bulks: bulks.into_iter().map(encode::bulk).collect(),
            next_page_token,
        }))
    }

    async fn get_bulk(&self, request: Request<GetBulkRequest>) -> Answer<Bulk> {
        let who = principal()?;
        let id = bulk_id(&request.get_ref().bulk_id)?;
        let view = self.0.get_bulk(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::bulk(view)))
    }

    async fn watch_bulk(
        &self,
        request: Request<WatchBulkRequest>,
    ) -> Answer<Self::WatchBulkStream> {
        let who = principal()?;
        let request = request.into_inner();
        let id = bulk_id(&request.bulk_id)?;
        let watched = Arc::clone(&self.0)
            .watch_bulk(who, id, request.after_version)
            .await
            .map_err(reply)?;
        let stream = watched.map(|view| view.map(encode::bulk).map_err(reply));
        Ok(Response::new(Box::pin(stream)))
    }

    async fn list_bulk_rows(
        &self,
        request: Request<ListBulkRowsRequest>,
    ) -> Answer<ListBulkRowsResponse> {
        let who = principal()?;
        let id = bulk_id(&request.get_ref().bulk_id)?;
        let listed = self.0.list_bulk_rows(&who, id, request.get_ref()).await;
        let (rows, next_page_token) = listed.map_err(reply)?;
        Ok(Response::new(ListBulkRowsResponse {
            rows: rows.into_iter().map(encode::bulk_row).collect(),
            next_page_token,
        }))
    }

    async fn cancel_bulk(&self, request: Request<CancelBulkRequest>) -> Answer<Bulk> {
        let who = principal()?;
        let id = bulk_id(&request.get_ref().bulk_id)?;
        let view = self.0.cancel_bulk(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::bulk(view)))
    }

    async fn retry_bulk(&self, request: Request<RetryBulkRequest>) -> Answer<Bulk> {
        let who = principal()?;
        let id = bulk_id(&request.get_ref().bulk_id)?;
        let view = self.0.retry_bulk(&who, id, request.get_ref()).await;
        Ok(Response::new(encode::bulk(view.map_err(reply)?)))
    }

    async fn export_user_data(
        &self,
        request: Request<UserDataRequest>,
    ) -> Answer<Self::ExportUserDataStream> {
        let user: UserId = request
            .get_ref()
            .user_id
            .parse()
            .map_err(|error| reply(Error::invalid("userId", &error)))?;
        let pieces = Arc::clone(&self.0).export_user_data(user);
        let stream = pieces.map(|piece| {
            piece.map_err(reply).map(|piece| UserDataChunk {
                path: piece.path.to_owned(),
                data: piece.data.into(),
            })
        });
        Ok(Response::new(Box::pin(stream)))
    }
}

fn task_id(text: &str) -> Result<TaskId, Status> {
    text.parse()
        .map_err(|error| reply(Error::invalid("taskId", &error)))
}

fn cover_id(text: &str) -> Result<CoverId, Status> {
    text.parse()
        .map_err(|error| reply(Error::invalid("coverId", &error)))
}

fn bulk_id(text: &str) -> Result<BulkId, Status> {
    text.parse()
        .map_err(|error| reply(Error::invalid("bulkId", &error)))
}
