//! The whole platform in one process.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use covergen_bff::ServeLimits;
use covergen_chassis::{Config, Host, Hosted};
use covergen_edge::{ApiKeys, EdgeConfig, EdgeGate, EdgeLimiter, HostReadiness};
use covergen_ids::Clock;
use covergen_telemetry::Telemetry;
use tokio::net::TcpListener;

use crate::options::Place;
use crate::{fonts, roster};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// Address of the web app, its REST and its gRPC-web.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    web: String,
    /// Address of every service's gRPC.
    #[arg(long, value_name = "ADDRESS")]
    grpc: Option<String>,
    /// Address of health and metrics, for operators.
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<String>,
    /// Print one line of JSON on stdout once ready.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut config = args.place.load()?;
    if let Some(grpc) = args.grpc {
        config.listen.grpc = grpc;
    }
    if let Some(admin) = args.admin {
        config.listen.admin = admin;
    }
    fonts::locate(&mut config);
    let telemetry = Telemetry::init(&config.telemetry)?;
    // Ports first: a port that is taken is the commonest trouble, and is told
    // before anything is opened.
    let web = bind(&args.web).await?;
    let grpc = bind(&config.listen.grpc).await?;
    let admin = bind(&config.listen.admin).await?;
    let addresses = Addresses {
        web: format!("http://{}", web.local_addr()?),
        grpc: format!("http://{}", grpc.local_addr()?),
        admin: format!("http://{}", admin.local_addr()?),
    };

    // Links in mails, the way back from providers and passkeys name the page's
    // own address.
    config
        .services
        .entry("auth".to_owned())
        .or_default()
        .entry("public_url")
        .or_insert_with(|| addresses.web.clone().into());

    let mut hosted = Host::open(config, Clock::system())
        .await?
        .start(roster::services())
        .await?;
    serve_web(&mut hosted, web)?;
    hosted.serve_grpc(grpc);
    hosted.serve_admin(admin, telemetry.clone());
    addresses.announce(args.json);

    covergen_chassis::stop_signal().await;
    hosted.shutdown().await;
    telemetry.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))
}

fn serve_web(hosted: &mut Hosted, listener: TcpListener) -> anyhow::Result<()> {
    let mut edge = edge_config(hosted.config())?;
    if edge.http.session_secret.is_empty() {
        edge.http.session_secret = session_secret(hosted)?;
    }
    let mesh = hosted.mesh_for_edge("bff-web")?;
    let mut bff = covergen_bff_web::bff(edge.http.clone())
        .gate(Arc::new(
            EdgeGate::new(hosted.identity().clone(), "bff-web")
                .with_api_keys(ApiKeys::new(mesh.channel("auth"))),
        ))
        .limiter(Arc::new(EdgeLimiter::new(hosted.cache(), &edge)))
        .ready(Arc::new(HostReadiness::new(hosted.readiness())));
    for domain in covergen_bff_web::surface().domains {
        bff = bff.backend(*domain, covergen_edge::backend(mesh.channel(domain)));
    }
    let app = bff.build()?;
    let shutdown = hosted.shutdown_token();
    hosted.spawn(async move {
        let stop = async move { shutdown.cancelled().await };
        if let Err(error) = covergen_bff::serve(listener, app, ServeLimits::default(), stop).await {
            tracing::error!(%error, "the web listener ended");
        }
    });
    Ok(())
}

/// The secret that binds CSRF tokens to sessions: the same after a restart, so
/// that open browser tabs go on working.
fn session_secret(hosted: &Hosted) -> anyhow::Result<String> {
    let secret = hosted
        .identity()
        .access
        .keys()
        .derive("bff.sessions")
        .context(
            "set bff.http.session_secret: this process holds no private keys to derive it from",
        )?;
    Ok(secret.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn edge_config(config: &Config) -> anyhow::Result<EdgeConfig> {
    EdgeConfig::from_table(config.bff.clone()).context("configuration section `bff`")
}

struct Addresses {
    web: String,
    grpc: String,
    admin: String,
}

impl Addresses {
    fn announce(&self, json: bool) {
        let Self { web, grpc, admin } = self;
        if json {
            println!(
                "{}",
                serde_json::json!({ "ready": true, "web": web, "grpc": grpc, "admin": admin })
            );
        } else {
            println!("Covergen is up.");
            println!("  Make covers    {web}");
            println!("  REST reference {web}/docs");
            println!("  gRPC           {grpc}  (reflection is on)");
            println!("  Operators      {admin}/metrics");
            println!("Ctrl-C stops it; nothing is lost.");
        }
    }
}
