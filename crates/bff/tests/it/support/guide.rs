//! The service behind answers that lead on or are kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use covergen_bff::Backend;
use tonic::{Request, Response, Status};

use super::backend::Answer;
use crate::scratch::covergen::guide::v1::guide_service_server::{GuideService, GuideServiceServer};
use crate::scratch::covergen::guide::v1::{
    GetFileRequest, GetLeafRequest, GetPageRequest, List, ListRequest, Page,
};

/// Counts the lists it made.
#[derive(Clone, Default)]
pub(crate) struct Guide {
    pub(crate) made: Arc<AtomicI32>,
}

impl Guide {
    pub(crate) fn backend(&self) -> Backend {
        Backend::new(GuideServiceServer::new(self.clone()))
    }

    async fn list(&self, request: Request<ListRequest>) -> Answer<List> {
        let header = |name: &str| {
            let value = request.metadata().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let (asked_by, language) = (header("authorization"), header("accept-language"));
        if request.get_ref().shelf == "broken" && self.made.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(Status::unavailable("not now"));
        }
        // Long enough for others to ask meanwhile.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let mut answer = Response::new(List {
            made: self.made.fetch_add(1, Ordering::SeqCst) + 1,
            asked_by,
            language,
        });
        if request.get_ref().shelf == "known" {
            let marked = answer.metadata_mut();
            marked.insert(covergen_mesh::FALLBACK_HEADER, "1".parse().unwrap());
        }
        Ok(answer)
    }
}

#[tonic::async_trait]
impl GuideService for Guide {
    async fn get_page(&self, request: Request<GetPageRequest>) -> Answer<Page> {
        let id = request.into_inner().id;
        let is_rich = id.contains("rich");
        let note = Page {
            id: "note?".to_owned(),
            ..Page::default()
        };
        Ok(Response::new(Page {
            id,
            note: is_rich.then(|| Box::new(note)),
            leaf: i32::from(is_rich) * 7,
            file: is_rich.then(|| "a b/ü/c#d".to_owned()),
        }))
    }

    async fn get_leaf(&self, request: Request<GetLeafRequest>) -> Answer<Page> {
        let GetLeafRequest { page, number } = request.into_inner();
        Ok(Response::new(Page {
            id: page,
            leaf: number,
            ..Page::default()
        }))
    }

    async fn get_file(&self, request: Request<GetFileRequest>) -> Answer<Page> {
        Ok(Response::new(Page {
            file: Some(request.into_inner().path),
            ..Page::default()
        }))
    }

    async fn get_elsewhere(&self, _: Request<GetFileRequest>) -> Answer<Page> {
        Ok(Response::new(Page::default()))
    }

    async fn list_shared(&self, request: Request<ListRequest>) -> Answer<List> {
        self.list(request).await
    }

    async fn list_own(&self, request: Request<ListRequest>) -> Answer<List> {
        self.list(request).await
    }

    async fn get_old(&self, request: Request<GetPageRequest>) -> Answer<Page> {
        Ok(Response::new(Page {
            id: request.into_inner().id,
            ..Page::default()
        }))
    }
}
