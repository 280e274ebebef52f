//! The whole platform in one process, or in many (see `processes`).

use std::process::ExitCode;

use anyhow::Context as _;
use covergen_chassis::Host;
use covergen_ids::Clock;
use covergen_telemetry::Telemetry;
use tokio::net::TcpListener;

use crate::options::Place;
use crate::{fonts, processes, roster};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// Address of the web app, its REST and its gRPC-web.
    #[arg(long, value_name = "ADDRESS")]
    web: Option<String>,
    /// Address of the phone app and its REST.
    #[arg(long, value_name = "ADDRESS")]
    mobile: Option<String>,
    /// Address of the REST of partners.
    #[arg(long, value_name = "ADDRESS")]
    partner: Option<String>,
    /// Address of every service's gRPC.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "processes")]
    grpc: Option<String>,
    /// Address of health and metrics, for operators.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "processes")]
    admin: Option<String>,
    #[command(flatten)]
    apart: processes::Args,
    /// Print one line of JSON on stdout once ready.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.apart.processes {
        let doors = processes::Doors {
            web: args.web,
            mobile: args.mobile,
            partner: args.partner,
        };
        return processes::run(&args.place, args.apart, doors, args.json).await;
    }
    let mut config = args.place.load()?;
    let listen = &mut config.listen;
    for (given, place) in [
        (args.web, &mut listen.web),
        (args.mobile, &mut listen.mobile),
        (args.partner, &mut listen.partner),
        (args.grpc, &mut listen.grpc),
        (args.admin, &mut listen.admin),
    ] {
        if let Some(given) = given {
            *place = given;
        }
    }
    fonts::locate(&mut config);
    let telemetry = Telemetry::init(&config.telemetry)?;
    // Ports first: a port that is taken is the commonest trouble, and is told
    // before anything is opened.
    let web = bind(&config.listen.web).await?;
    let mobile = bind(&config.listen.mobile).await?;
    let partner = bind(&config.listen.partner).await?;
    let grpc = bind(&config.listen.grpc).await?;
    let admin = bind(&config.listen.admin).await?;
    let addresses = Addresses {
        web: format!("http://{}", web.local_addr()?),
        mobile: format!("http://{}", mobile.local_addr()?),
        partner: format!("http://{}", partner.local_addr()?),
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
    covergen_bff_web::EDGE.serve(&mut hosted, web)?;
    covergen_bff_mobile::EDGE.serve(&mut hosted, mobile)?;
    covergen_bff_partner::EDGE.serve(&mut hosted, partner)?;
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

struct Addresses {
    web: String,
    mobile: String,
    partner: String,
    grpc: String,
    admin: String,
}

impl Addresses {
    fn announce(&self, json: bool) {
        let Self {
            web,
            mobile,
            partner,
            grpc,
            admin,
        } = self;
        if json {
            println!(
                "{}",
                serde_json::json!({
                    "ready": true, "web": web, "mobile": mobile, "partner": partner,
                    "grpc": grpc, "admin": admin,
                })
            );
        } else {
            println!("Covergen is up.");
            println!("  Make covers    {web}");
            println!("  On the phone   {mobile}");
            println!("  For partners   {partner}/docs");
            println!("  REST reference {web}/docs");
            println!("  gRPC           {grpc}  (reflection is on)");
            println!("  Operators      {admin}/metrics");
            println!("Ctrl-C stops it; nothing is lost.");
        }
    }
}
