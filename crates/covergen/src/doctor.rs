use std::process::ExitCode;

use covergen_chassis::probe;

use crate::options::Place;
use crate::{fonts, roster};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut config = args.place.load()?;
    fonts::locate(&mut config);
    let names: Vec<&'static str> = roster::services()
        .iter()
        .map(covergen_chassis::Service::name)
        .collect();
    let mut findings = probe(&config, &names).await;
    findings.push(covergen_chassis::Finding {
        name: "fonts",
        problem: (!config.fonts.dir.is_dir()).then(|| {
            "no folder with large fonts: Chinese, Japanese, Korean and emoji titles will be refused".to_owned()
        }),
        advice: "run `cargo xtask fonts`, or name the folder in fonts.dir",
    });
    let healthy = findings.iter().all(|finding| finding.problem.is_none());
    for finding in findings {
        if args.json {
            println!(
                "{}",
                serde_json::json!({
                    "check": finding.name,
                    "ok": finding.problem.is_none(),
                    "problem": finding.problem,
                    "advice": finding.problem.as_ref().map(|_| finding.advice),
                })
            );
            continue;
        }
        match finding.problem {
            None => println!("ok    {}", finding.name),
            Some(problem) => {
                println!("FAIL  {}: {problem}", finding.name);
                println!("      {}", finding.advice);
            }
        }
    }
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
