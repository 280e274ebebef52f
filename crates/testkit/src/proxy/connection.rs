use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::Weather;

const CHUNK_BYTES: usize = 16 * 1024;
/// Chunks on their way, each way: a slow network holds that much, and a
/// sender that is faster has to wait.
const UNDER_WAY: usize = 256;

/// One client's connection and the one to the server that goes with it.
pub(super) struct Connection {
    number: u64,
    client: TcpStream,
    target: SocketAddr,
    weather: watch::Receiver<Weather>,
}

impl Connection {
    pub(super) fn new(
        number: u64,
        client: TcpStream,
        target: SocketAddr,
        weather: watch::Receiver<Weather>,
    ) -> Self {
        Self {
            number,
            client,
            target,
            weather,
        }
    }

    /// Forwards both ways until both have ended, or until it is reset.
    pub(super) async fn run(mut self) {
        let (number, mut weather) = (self.number, self.weather.clone());
        let ended = tokio::select! {
            ended = self.forward() => ended,
            () = until(&mut weather, |now| number < now.reset_below) => {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        };
        if ended.is_err() {
            // Closing it says what happened: a reset rather than an end.
            let _ = self.client.set_zero_linger();
        }
    }

    async fn forward(&mut self) -> io::Result<()> {
        let gauge = Gauge {
            number: self.number,
            weather: self.weather.clone(),
        };
        // Who connects to a silent server is answered by the system alone.
        gauge.clone().passes().await;
        let mut server = TcpStream::connect(self.target).await?;
        server.set_nodelay(true)?;
        self.client.set_nodelay(true)?;
        let (from_client, to_client) = self.client.split();
        let (from_server, to_server) = server.split();
        let both = tokio::try_join!(
            one_way(from_client, to_server, gauge.clone()),
            one_way(from_server, to_client, gauge),
        );
        if both.is_err() {
            let _ = server.set_zero_linger();
        }
        both.map(drop)
    }
}

/// What one connection may do now.
#[derive(Clone)]
struct Gauge {
    number: u64,
    weather: watch::Receiver<Weather>,
}

impl Gauge {
    /// Waits until something may be forwarded.
    async fn passes(&mut self) {
        let number = self.number;
        until(&mut self.weather, |now| {
            !now.silent && number >= now.stranded_below
        })
        .await;
    }

    /// Waits until nothing may be forwarded any more.
    async fn falls_silent(&mut self) {
        let number = self.number;
        until(&mut self.weather, |now| {
            now.silent || number < now.stranded_below
        })
        .await;
    }

    fn delay(&self) -> Duration {
        self.weather.borrow().delay
    }
}

/// Waits until something holds of what is going on.
async fn until(weather: &mut watch::Receiver<Weather>, holds: impl FnMut(&Weather) -> bool) {
    if weather.wait_for(holds).await.is_err() {
        // The proxy is gone, and with it this connection in a moment.
        pending::<()>().await;
    }
}

async fn one_way(from: ReadHalf<'_>, to: WriteHalf<'_>, gauge: Gauge) -> io::Result<()> {
    let (send, receive) = mpsc::channel(UNDER_WAY);
    tokio::try_join!(read(from, send, gauge.clone()), write(to, receive, gauge)).map(drop)
}

/// Reads what comes and notes when it is due. Ends with the sender's end.
async fn read(
    mut from: ReadHalf<'_>,
    under_way: mpsc::Sender<(Instant, Vec<u8>)>,
    mut gauge: Gauge,
) -> io::Result<()> {
    let mut quiet = gauge.clone();
    loop {
        gauge.passes().await;
        let mut chunk = vec![0; CHUNK_BYTES];
        let length = tokio::select! {
            biased;
            // Not even that the other side has hung up is noticed.
            () = quiet.falls_silent() => continue,
            read = from.read(&mut chunk) => read?,
        };
        if length == 0 {
            return Ok(());
        }
        chunk.truncate(length);
        let due = Instant::now() + gauge.delay();
        if under_way.send((due, chunk)).await.is_err() {
            return Ok(());
        }
    }
}

/// Writes what is due, in order, and then passes the end on.
async fn write(
    mut to: WriteHalf<'_>,
    mut under_way: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut gauge: Gauge,
) -> io::Result<()> {
    while let Some((due, chunk)) = under_way.recv().await {
        sleep_until(due).await;
        gauge.passes().await;
        to.write_all(&chunk).await?;
    }
    gauge.passes().await;
    to.shutdown().await
}
