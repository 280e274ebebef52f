//! Renews the image that `buf breaking` compares with.

use anyhow::Result;

use crate::buf::{self, BASELINE};
use crate::repo::Repo;

/// Accepts today's contracts: from here on a change that breaks them fails.
///
/// Comments and positions are left out; they are most of the image and no
/// client can notice them.
pub(crate) fn renew(repo: &Repo) -> Result<()> {
    let build = ["build", "--exclude-source-info", "--output", BASELINE];
    buf::program(repo)?.args(build).run()?;
    println!("{BASELINE} now holds today's contracts; commit it with the reason for the break");
    Ok(())
}
