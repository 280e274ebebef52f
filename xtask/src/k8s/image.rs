//! The image: laid out, built, and started from its own root, where nothing
//! of this machine can help it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::Program;
use crate::repo::Repo;
use crate::{fonts, install, web};

/// What the image is called on this machine.
const NAME: &str = "covergen";
/// Who runs in it; as in the Containerfile and in every pod.
const USER: &str = "65532:65532";
/// How long the program may take to be ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// Builds the image around `binary`, by default a release build, and waits
/// until the program in it is ready.
pub(crate) fn run(repo: &Repo, binary: Option<PathBuf>) -> Result<()> {
    install::ensure_buildah()?;
    fonts::fetch(repo)?;
    let binary = match binary {
        Some(binary) => binary,
        None => release(repo)?,
    };
    let context = tempfile::tempdir_in(repo.target())?;
    let root = context.path().join("root");
    lay_out(repo, &binary, &root)?;
    let build = buildah().args(["build", "--isolation", "chroot", "--timestamp", "0"]);
    build
        .args(["--tag", NAME, "--file"])
        .arg(repo.path("Containerfile"))
        .arg(context.path())
        .run_quietly()?;
    let container = buildah().args(["from", NAME]).read()?;
    let container = container.trim();
    let outcome = inside(container);
    buildah().args(["rm", container]).run_quietly()?;
    outcome?;
    println!("{NAME} is built, and ready when it is started from its own root");
    Ok(())
}

/// `buildah` on plain folders: other ways of storing need more of the kernel
/// than a container grants.
fn buildah() -> Program {
    Program::new("buildah").env("STORAGE_DRIVER", "vfs")
}

fn release(repo: &Repo) -> Result<PathBuf> {
    web::install(repo)?;
    web::script(repo, "build")?;
    // Longer to build than `release`, and faster to run; without what is for
    // developers' machines alone.
    let build = ["build", "--profile", "dist", "--package", "covergen"];
    let build = Program::cargo(repo).args(build);
    build.arg("--no-default-features").run()?;
    Ok(repo.target().join("dist/covergen"))
}

/// Everything that the program finds at `/` once it runs.
fn lay_out(repo: &Repo, binary: &Path, root: &Path) -> Result<()> {
    place(binary, &root.join("app/covergen"), 0o755)?;
    for library in libraries(binary)? {
        let path = library.strip_prefix("/").context("a library has no path")?;
        place(&library, &root.join(path), 0o755)?;
    }
    for folder in ["fetched", "licences"] {
        let from = repo.path("assets/fonts").join(folder);
        for file in crate::generate::files_under(&from)? {
            let to = match folder {
                "fetched" => root.join("app/fonts").join(&file),
                _ => root.join("app/licences").join(&file),
            };
            place(&from.join(&file), &to, 0o644)?;
        }
    }
    let authorities = "etc/ssl/certs/ca-certificates.crt";
    place(
        &Path::new("/").join(authorities),
        &root.join(authorities),
        0o644,
    )
    .context("the authorities to trust, on Debian of the package ca-certificates")?;
    for (path, text) in [
        ("etc/passwd", "covergen:x:65532:65532::/tmp:/app/covergen\n"),
        ("etc/group", "covergen:x:65532:\n"),
        ("etc/nsswitch.conf", "hosts: files dns\n"),
    ] {
        fs::write(root.join(path), text)?;
        fs::set_permissions(root.join(path), fs::Permissions::from_mode(0o644))?;
    }
    let tmp = root.join("tmp");
    fs::create_dir(&tmp)?;
    fs::set_permissions(&tmp, fs::Permissions::from_mode(0o1777))?;
    Ok(())
}

fn place(from: &Path, to: &Path, mode: u32) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| from.display().to_string())?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(())
}

/// The loader and the libraries that the program is linked to.
fn libraries(binary: &Path) -> Result<Vec<PathBuf>> {
    let told = Program::new("ldd").arg(binary).read()?;
    let found = paths(&told);
    ensure!(
        found
            .iter()
            .any(|path| path.to_string_lossy().contains("/ld-linux")),
        "ldd names no loader for {}:\n{told}",
        binary.display()
    );
    Ok(found)
}

/// The paths in what `ldd` prints: `name => /path (0x…)` or `/path (0x…)`.
fn paths(told: &str) -> Vec<PathBuf> {
    let path = |line: &str| {
        let path = line.split("=> ").last()?.split_whitespace().next()?;
        path.starts_with('/').then(|| PathBuf::from(path))
    };
    told.lines().filter_map(path).collect()
}

/// Starts the program from the container's root, as its user, and waits until
/// it says that it is ready.
fn inside(container: &str) -> Result<()> {
    let mount = buildah().args(["mount", container]).read()?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut program = Program::new("chroot")
        .arg(format!("--userspec={USER}"))
        .arg(mount.trim())
        .args(["/app/covergen", "up", "--data", "/tmp/covergen"])
        .args(["--admin", &format!("127.0.0.1:{port}")])
        .env("COVERGEN__TELEMETRY__LOG_FILTER", "warn")
        .env("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")
        .env("TMPDIR", "/tmp");
    for listener in ["--web", "--mobile", "--partner", "--grpc"] {
        program = program.args([listener, "127.0.0.1:0"]);
    }
    // Ended when it goes out of scope, whatever comes of it.
    let _running = program.start()?;
    eventually_ready(port)
}

fn eventually_ready(port: u16) -> Result<()> {
    let start = Instant::now();
    let mut last = String::from("nothing");
    while start.elapsed() < PATIENCE {
        match get(port, "/health/ready") {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => return Ok(()),
            Ok(answer) => last = answer,
            Err(error) => last = error.to_string(),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("the program is not ready after {PATIENCE:?}; the last answer was: {last}")
}

fn get(port: u16, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_and_the_loader_are_found_in_what_ldd_prints() {
        let told = "\tlinux-vdso.so.1 (0x00007ffd)\n\
            \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\
            \t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n";
        let expected = [
            "/lib/x86_64-linux-gnu/libc.so.6",
            "/lib64/ld-linux-x86-64.so.2",
        ];
        assert_eq!(paths(told), expected.map(PathBuf::from));
    }
}
