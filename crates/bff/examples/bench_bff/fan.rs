//! A thousand listeners of one stream.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;

use anyhow::{Result, ensure};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::backend::TICK;
use crate::load::{Connection, request};
use crate::process::{cpu_us, rss_mb};

/// Streams open at once.
const STREAMS: u64 = 1_000;
/// Ticks that every stream receives while it is measured.
const TICKS: u32 = 12;

/// What it takes to keep them informed.
pub(crate) struct Fan {
    /// Processor time for one event on one stream.
    pub(crate) cpu_us: f64,
    pub(crate) rss_mb: f64,
}

/// Opens the streams on the process `id` and measures it for some ticks.
pub(crate) async fn measure(id: u32, address: SocketAddr) -> Result<Fan> {
    let set = LocalSet::new();
    set.run_until(async {
        let events = Rc::new(Cell::new(0_u64));
        let path = "/ticks";
        let asked = request("GET", path, "", b"");
        let mut readers = Vec::new();
        for _ in 0..STREAMS {
            let mut connection = Connection::open(address).await?;
            connection.send(&asked).await?;
            let reading = count(connection.into_socket(), events.clone());
            readers.push(tokio::task::spawn_local(reading));
        }
        // Until everybody is sure to be listening.
        tokio::time::sleep(TICK * 3).await;
        let (cpu, seen) = (cpu_us(id)?, events.get());
        tokio::time::sleep(TICK * TICKS).await;
        let (cpu, seen) = (cpu_us(id)? - cpu, events.get() - seen);
        let wanted = STREAMS * u64::from(TICKS);
        // A machine that is busy delivers late, but a stream that stalls shows.
        ensure!(
            seen >= wanted / 2,
            "{seen} events arrived, not about {wanted}"
        );
        let rss_mb = rss_mb(id)?;
        for reader in readers {
            reader.abort();
        }
        #[allow(clippy::cast_precision_loss)]
        Ok(Fan {
            cpu_us: cpu / seen as f64,
            rss_mb,
        })
    })
    .await
}

/// Counts the blank lines that end events. A frame of the transfer coding
/// ends with CR LF and cannot be mistaken for one.
async fn count(mut socket: TcpStream, events: Rc<Cell<u64>>) -> Result<()> {
    let mut buffer = [0; 4_096];
    let mut last = 0;
    loop {
        let read = socket.read(&mut buffer).await?;
        ensure!(read > 0, "a stream ended");
        for byte in &buffer[..read] {
            if *byte == b'\n' && last == b'\n' {
                events.set(events.get() + 1);
            }
            last = *byte;
        }
    }
}
