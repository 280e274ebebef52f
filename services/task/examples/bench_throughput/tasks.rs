//! Tasks whose one step waits for an answer, as of a provider.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use covergen_chassis::{Harness, Service};
use covergen_ids::{Clock, TaskId, WorkspaceId};
use covergen_mesh::CallContext;
use covergen_proto::task::v1::SubmitTaskRequest;
use covergen_saga::{RemoteJournal, Run, Saga, Step, StepError, Worker, WorkerOptions};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// How long the provider takes.
const ANSWER: Duration = Duration::from_millis(200);

/// One task at a time each, as a process with a slow provider.
const WORKERS: [usize; 3] = [1, 2, 4];

/// Prints what a task costs on more and more workers.
pub(super) async fn measure(count: usize) {
    let provider = provider().await;
    for workers in WORKERS {
        let task_ms = run(&provider, count, workers).await;
        println!(
            "{}",
            json!({"bench": "throughput", "case": format!("tasks, {workers} workers"),
                "taskMs": task_ms, "tasksPerSecond": 1e3 / task_ms})
        );
        if workers == 1 {
            let line = json!({"bench": "throughput", "peer": "one worker", "taskMs": task_ms});
            println!("{line}");
        }
    }
}

/// An HTTP server that takes its time; answers its address.
async fn provider() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 1024];
                let _ = caller.read(&mut request).await;
                tokio::time::sleep(ANSWER).await;
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
                let _ = caller.write_all(answer).await;
            });
        }
    });
    address
}

/// Asks the provider once.
struct Ask {
    provider: String,
    done: Arc<AtomicUsize>,
}

#[async_trait]
impl Saga for Ask {
    fn kind(&self) -> &'static str {
        "cover.ask"
    }

    fn version(&self) -> i32 {
        1
    }

    fn steps(&self, _version: i32) -> Option<&'static [Step]> {
        const STEPS: [Step; 1] = [Step::harmless("ask", 100)];
        Some(&STEPS)
    }

    async fn run(&self, _step: &'static str, _run: &Run) -> Result<Bytes, StepError> {
        let asked = async {
            let mut stream = TcpStream::connect(&self.provider).await?;
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: provider\r\n\r\n")
                .await?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        let answer = asked
            .await
            .map_err(|error| StepError::Transient(error.to_string()))?;
        self.done.fetch_add(1, Ordering::SeqCst);
        Ok(answer.into())
    }

    async fn compensate(&self, _step: &'static str, _run: &Run) -> Result<(), StepError> {
        Ok(())
    }
}

/// Milliseconds per task, from the first submission to the last answer.
async fn run(provider: &str, count: usize, workers: usize) -> f64 {
    let services: Vec<Service> = vec![covergen_task::service()];
    let harness = Harness::start_with(services, Clock::system(), |config| {
        config.archive.enabled = false;
    })
    .await;
    let stop = CancellationToken::new();
    let done = Arc::new(AtomicUsize::new(0));
    let working: Vec<_> = (0..workers)
        .map(|at| {
            let journal = RemoteJournal::new(harness.as_service("cover", None, "task"));
            let options = WorkerOptions {
                name: format!("bench-{at}"),
                concurrency: 1,
            };
            let ask = Ask {
                provider: provider.to_owned(),
                done: Arc::clone(&done),
            };
            let worker = Worker::new(journal, options, |_| CallContext::background()).saga(ask);
            tokio::spawn(worker.run(stop.clone()))
        })
        .collect();
    let mut queue =
        covergen_proto::task::v1::task_service_client(harness.as_service("cover", None, "task"));
    let began = Instant::now();
    for _ in 0..count {
        queue
            .submit_task(SubmitTaskRequest {
                task_id: TaskId::new(harness.clock()).to_string(),
                kind: "cover.ask".to_owned(),
                saga_version: 1,
                workspace_id: WorkspaceId::new(harness.clock()).to_string(),
                ..SubmitTaskRequest::default()
            })
            .await
            .unwrap();
    }
    while done.load(Ordering::SeqCst) < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    #[allow(clippy::cast_precision_loss)] // Counts are small.
    let task_ms = began.elapsed().as_secs_f64() * 1e3 / count as f64;
    stop.cancel();
    for worker in working {
        worker.await.unwrap();
    }
    harness.stop().await;
    task_ms
}
