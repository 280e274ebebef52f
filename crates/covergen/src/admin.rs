//! What an operator does from a shell, with or without the platform running.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use clap::{Subcommand, ValueEnum};
use covergen_chassis::{Host, Hosted};
use covergen_ids::Clock;
use covergen_proto::auth::v1::{CreateUserRequest, IssueTokenRequest};
use covergen_proto::user::v1::SetTierRequest;
use covergen_proto::user::v1::tier::Kind;

use crate::options::Place;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Open an account. The password is read from stdin when it is piped in,
    /// and made up and printed once otherwise.
    CreateUser {
        /// E-mail address.
        #[arg(long)]
        email: String,
        /// Name shown to others.
        #[arg(long, default_value = "Operator")]
        name: String,
        /// Role in the personal workspace.
        #[arg(long, default_value = "creator")]
        role: String,
    },
    /// Print an access token for an account; it lives 15 minutes.
    Token {
        /// E-mail address.
        #[arg(long)]
        email: String,
    },
    /// Set an account's tier.
    SetTier {
        /// E-mail address.
        #[arg(long)]
        email: String,
        /// New tier.
        tier: Tier,
    },
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Tier {
    Free,
    Pro,
    ProPlus,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut config = args.place.load_beside()?;
    // Both run here, whatever the configuration says of where others find
    // them: their databases are what is acted on.
    for service in ["auth", "user"] {
        config.mesh.targets.remove(service);
    }
    let host = Host::open(config, Clock::system()).await?;
    let hosted = host
        .without_background()
        .start(vec![covergen_auth::service(), covergen_user::service()])
        .await?;
    let result = act(&hosted, args.command, args.json).await;
    hosted.shutdown().await;
    result.map(|()| ExitCode::SUCCESS)
}

async fn act(hosted: &Hosted, command: Command, json: bool) -> anyhow::Result<()> {
    match command {
        Command::CreateUser { email, name, role } => {
            create_user(hosted, email, name, role, json).await
        }
        Command::Token { email } => {
            let token = issue(hosted, email).await?;
            if json {
                println!("{}", serde_json::json!({ "accessToken": token }));
            } else {
                println!("{token}");
            }
            Ok(())
        }
        Command::SetTier { email, tier } => set_tier(hosted, email, tier, json).await,
    }
}

async fn create_user(
    hosted: &Hosted,
    email: String,
    display_name: String,
    role: String,
    json: bool,
) -> anyhow::Result<()> {
    let (password, made_up) = password()?;
    let mesh = hosted.mesh_as("admin")?;
    let mut auth = covergen_proto::auth::v1::auth_service_client(mesh.channel("auth"));
    let identity = auth
        .create_user(CreateUserRequest {
            email,
            password: password.clone(),
            display_name,
            role,
            request_id: String::new(),
        })
        .await
        .map_err(|status| explain(&status))?
        .into_inner();
    if json {
        println!(
            "{}",
            serde_json::json!({
                "userId": identity.user_id,
                "workspaceId": identity.workspace_id,
                "password": made_up.then_some(password),
            })
        );
    } else {
        println!("{}", identity.user_id);
        if made_up {
            println!("password: {password}");
        }
    }
    Ok(())
}

async fn set_tier(hosted: &Hosted, email: String, tier: Tier, json: bool) -> anyhow::Result<()> {
    let token = issue(hosted, email).await?;
    let owner = hosted.identity().access.verify(&token)?;
    let mesh = hosted.mesh_as("admin")?;
    let mut users = covergen_proto::user::v1::user_service_client(mesh.channel("user"));
    let kind = match tier {
        Tier::Free => Kind::Free,
        Tier::Pro => Kind::Pro,
        Tier::ProPlus => Kind::ProPlus,
    };
    let user = users
        .set_tier(SetTierRequest {
            user_id: owner.user_id.to_string(),
            tier: kind.into(),
            request_id: String::new(),
        })
        .await
        .map_err(|status| explain(&status))?
        .into_inner();
    if json {
        println!("{}", serde_json::to_string(&user)?);
    } else {
        println!("{} is {}", user.id, user.tier().as_str_name());
    }
    Ok(())
}

async fn issue(hosted: &Hosted, email: String) -> anyhow::Result<String> {
    let mesh = hosted.mesh_as("admin")?;
    let mut auth = covergen_proto::auth::v1::auth_service_client(mesh.channel("auth"));
    let answer = auth
        .issue_token(IssueTokenRequest { email })
        .await
        .map_err(|status| explain(&status))?;
    Ok(answer.into_inner().access_token)
}

/// The password from stdin, or one made up. Never an argument: arguments stand
/// in process lists and shell histories.
fn password() -> anyhow::Result<(String, bool)> {
    use std::io::IsTerminal as _;
    if std::io::stdin().is_terminal() {
        let bytes: [u8; 15] = rand::random();
        let text = bytes.iter().fold(String::new(), |mut text, byte| {
            // 32 symbols without the ones people confuse.
            text.push(char::from(
                b"abcdefghjkmnpqrstuvwxyz23456789-"[usize::from(byte % 32)],
            ));
            text
        });
        return Ok((text, true));
    }
    let mut text = String::new();
    std::io::stdin()
        .take(1024)
        .read_to_string(&mut text)
        .context("cannot read the password from stdin")?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        bail!("stdin held no password: pipe one in, or run in a terminal to have one made up");
    }
    Ok((text.to_owned(), false))
}

fn explain(status: &covergen_bff::Status) -> anyhow::Error {
    let problem = covergen_bff::Problem::from_status(status);
    anyhow!("{}", problem.sentence())
}
