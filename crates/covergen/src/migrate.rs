use std::process::ExitCode;

use covergen_chassis::Host;
use covergen_ids::Clock;

use crate::options::Place;
use crate::roster;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let host = Host::open(args.place.load_beside()?, Clock::system()).await?;
    let hosted = host.without_background().start(roster::services()).await?;
    hosted.shutdown().await;
    println!("every database is up to date");
    Ok(ExitCode::SUCCESS)
}
