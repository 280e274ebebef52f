//! The service behind both: answers at once and keeps nothing.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use anyhow::Result;
use futures::{Stream, StreamExt as _};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use crate::scratch::covergen::bench::v1::order_service_server::{OrderService, OrderServiceServer};
use crate::scratch::covergen::bench::v1::{GetOrderRequest, Line, Order, Tick, WatchRequest};
use crate::scratch::google::protobuf::Timestamp;

/// Time between ticks: long enough for everybody to have received one before
/// the next.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// Streams at once over one connection: more than are measured.
const STREAMS: u32 = 4_096;

struct Orders {
    ticks: broadcast::Sender<Tick>,
}

/// Serves on a port of its own until the process ends.
pub(crate) async fn serve(announce: impl FnOnce(SocketAddr)) -> Result<()> {
    let (ticks, _) = broadcast::channel(16);
    tokio::spawn(tick(ticks.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(listener.local_addr()?);
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tonic::transport::Server::builder()
        .max_concurrent_streams(Some(STREAMS))
        .add_service(OrderServiceServer::new(Orders { ticks }))
        .serve_with_incoming(incoming)
        .await?;
    Ok(())
}

async fn tick(ticks: broadcast::Sender<Tick>) {
    let mut clock = tokio::time::interval(TICK);
    for number in 1.. {
        clock.tick().await;
        // Nobody listening is no mistake.
        let _ = ticks.send(Tick {
            number,
            text: "A variant of the cover is painted".to_owned(),
            time: Some(time()),
        });
    }
}

/// An order of so many lines; the same for everybody who asks.
pub(crate) fn order(id: &str, lines: i32) -> Order {
    let line = |number: i32| Line {
        sku: format!("CVR-{number:06}"),
        title: format!("Aurora cover {number}, 1280 by 720, delivered as PNG and WebP"),
        quantity: 1 + number % 4,
        price_minor: 1_250 + i64::from(number),
        discount: f64::from(1 + number % 7) * 0.125,
        gift: number % 3 == 0,
    };
    Order {
        id: id.to_owned(),
        customer: "usr_0192f0c1a7e07d3f8a4be21c5d6e7f80".to_owned(),
        state: 2,
        total_minor: 129_900,
        currency: "EUR".to_owned(),
        create_time: Some(time()),
        lines: (0..lines).map(line).collect(),
    }
}

fn time() -> Timestamp {
    Timestamp {
        seconds: 1_790_000_000,
        nanos: 250_000_000,
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl OrderService for Orders {
    async fn get_order(&self, request: Request<GetOrderRequest>) -> Answer<Order> {
        let request = request.into_inner();
        Ok(Response::new(order(&request.id, request.lines)))
    }

    async fn create_order(&self, request: Request<Order>) -> Answer<Order> {
        Ok(Response::new(request.into_inner()))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<Tick, Status>> + Send>>;

    async fn watch(&self, _: Request<WatchRequest>) -> Answer<Self::WatchStream> {
        let receiver = self.ticks.subscribe();
        let ticks = futures::stream::unfold(receiver, |mut receiver| async move {
            let tick = receiver.recv().await.map_err(|error| match error {
                broadcast::error::RecvError::Lagged(_) => Status::data_loss("too slow"),
                broadcast::error::RecvError::Closed => Status::unavailable("over"),
            });
            Some((tick, receiver))
        });
        Ok(Response::new(ticks.boxed()))
    }
}
