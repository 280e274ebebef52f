//! The service behind composed answers: it does what its test tells it to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use covergen_bff::Backend;
use prost::Message;
use tokio::sync::Barrier;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::backend::until;
use crate::scratch::covergen::parts::v1::parts_service_server::{PartsService, PartsServiceServer};
use crate::scratch::covergen::parts::v1::{
    GetOwnerRequest, Item, ListItemsRequest, ListItemsResponse, Owner, Portrait, SizeAllRequest,
    SizeAllResponse, Sized as SizedPicture,
};

/// What an RPC does with a call.
#[derive(Clone)]
pub(crate) enum Act {
    /// Waits until everybody else of the barrier has been called as well.
    Meet(Arc<Barrier>),
    /// Refuses.
    Refuse(Code, &'static str),
    /// Never answers.
    Hang,
    /// Answers with nothing in it.
    Empty,
}

/// One call as it arrived.
#[derive(Clone)]
pub(crate) struct Arrived {
    pub(crate) rpc: &'static str,
    pub(crate) request: Vec<u8>,
    pub(crate) metadata: HashMap<String, String>,
}

#[derive(Clone, Default)]
pub(crate) struct Parts {
    acts: Arc<Mutex<HashMap<&'static str, Vec<Act>>>>,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    open: Arc<AtomicUsize>,
}

struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Parts {
    pub(crate) fn backend(&self) -> Backend {
        Backend::new(PartsServiceServer::new(self.clone()))
    }

    /// Adds to what an RPC does, one after the other.
    pub(crate) fn set(&self, rpc: &'static str, act: Act) {
        let mut acts = self.acts.lock().unwrap();
        acts.entry(rpc).or_default().push(act);
    }

    /// The names of the RPCs that were called, sorted.
    pub(crate) fn called(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.arrived().iter().map(|call| call.rpc).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    /// The requests that an RPC was called with.
    pub(crate) fn requests<T: Message + Default>(&self, rpc: &str) -> Vec<T> {
        let arrived = self.arrived();
        let calls = arrived.iter().filter(|call| call.rpc == rpc);
        calls
            .map(|call| T::decode(&*call.request).unwrap())
            .collect()
    }

    /// Waits, within bounds, until that many calls are open.
    pub(crate) async fn until_open(&self, wanted: usize) {
        until(&self.open, wanted, "parts open").await;
    }

    /// Notes a call and does what the test wants; whether to answer in full.
    async fn act<T: Message>(
        &self,
        rpc: &'static str,
        request: &Request<T>,
    ) -> Result<bool, Status> {
        self.open.fetch_add(1, Ordering::SeqCst);
        let _open = Open(Arc::clone(&self.open));
        let headers = request.metadata().clone().into_headers();
        let metadata = headers.iter().map(|(name, value)| {
            let value = value.to_str().unwrap_or_default();
            (name.to_string(), value.to_owned())
        });
        self.arrived.lock().unwrap().push(Arrived {
            rpc,
            request: request.get_ref().encode_to_vec(),
            metadata: metadata.collect(),
        });
        let acts = self.acts.lock().unwrap().get(rpc).cloned();
        for act in acts.unwrap_or_default() {
            match act {
                Act::Empty => return Ok(false),
                Act::Meet(barrier) => {
                    barrier.wait().await;
                }
                Act::Hang => std::future::pending().await,
                Act::Refuse(code, reason) => {
                    let details = ErrorDetails::with_error_info(reason, "covergen", []);
                    let text = format!("{rpc} will not.");
                    return Err(Status::with_error_details(code, text, details));
                }
            }
        }
        Ok(true)
    }
}

fn portraits(ids: &[&str]) -> Vec<Portrait> {
    let portraits = ids.iter().map(|id| Portrait {
        asset_id: (*id).to_owned(),
    });
    portraits.collect()
}

#[tonic::async_trait]
impl PartsService for Parts {
    async fn get_owner(
        &self,
        request: Request<GetOwnerRequest>,
    ) -> Result<Response<Owner>, Status> {
        let full = self.act("GetOwner", &request).await?;
        Ok(Response::new(Owner {
            id: request.into_inner().owner_id,
            secret: "never shown".to_owned(),
            portrait: full.then(|| portraits(&["face"]).remove(0)),
        }))
    }

    async fn list_items(
        &self,
        request: Request<ListItemsRequest>,
    ) -> Result<Response<ListItemsResponse>, Status> {
        let full = self.act("ListItems", &request).await?;
        let item = |id: &str, pictures: &[&str]| Item {
            id: id.to_owned(),
            portraits: portraits(pictures),
        };
        Ok(Response::new(ListItemsResponse {
            items: if full {
                vec![
                    item("one", &["b", "a", ""]),
                    item("two", &[]),
                    item("three", &["a", "c"]),
                ]
            } else {
                vec![item("bare", &[])]
            },
            next_page_token: "next".to_owned(),
        }))
    }

    async fn size_all(
        &self,
        request: Request<SizeAllRequest>,
    ) -> Result<Response<SizeAllResponse>, Status> {
        self.act("SizeAll", &request).await?;
        let sized = request.into_inner().asset_ids.into_iter();
        let sized = sized.map(|asset_id| SizedPicture {
            url: format!("/i/{asset_id}"),
            asset_id,
        });
        Ok(Response::new(SizeAllResponse {
            sized: sized.collect(),
        }))
    }
}
