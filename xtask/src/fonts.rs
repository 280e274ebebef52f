//! Fetches the fonts that are too large for the tree, as
//! `assets/fonts/README.md` describes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::process::Program;
use crate::repo::Repo;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    font: Vec<Font>,
}

/// One font of an npm package.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Font {
    package: String,
    version: String,
    /// The font's path inside the package.
    file: PathBuf,
    /// The file name it gets here.
    name: PathBuf,
    /// Of the file, in lower-case hexadecimal.
    sha256: String,
}

/// Brings every font of the manifest that is absent or different.
pub(crate) fn fetch(repo: &Repo) -> Result<()> {
    let fonts = repo.path("assets/fonts");
    let manifest =
        fs::read_to_string(fonts.join("fetch.toml")).context("assets/fonts/fetch.toml")?;
    let manifest = parse(&manifest)?;
    let fetched = fonts.join("fetched");
    fs::create_dir_all(&fetched)?;
    for (package, fonts) in missing(&manifest, &fetched) {
        eprintln!("fetching {package}");
        let scratch = tempfile::tempdir()?;
        let unpacked = unpack(&package, scratch.path())?;
        for font in fonts {
            install(font, &unpacked, &fetched)?;
        }
    }
    Ok(())
}

fn parse(text: &str) -> Result<Manifest> {
    let manifest: Manifest = toml::from_str(text).context("assets/fonts/fetch.toml")?;
    for Font { name, file, .. } in &manifest.font {
        let inside = |path: &Path| {
            path.components()
                .all(|part| matches!(part, Component::Normal(_)))
        };
        ensure!(inside(file), "{} leads out of its package", file.display());
        ensure!(
            name.components().count() == 1 && inside(name),
            "{} is no file name",
            name.display()
        );
    }
    Ok(manifest)
}

/// The fonts to fetch by package, because several share one.
fn missing<'a>(manifest: &'a Manifest, fetched: &Path) -> BTreeMap<String, Vec<&'a Font>> {
    let mut packages: BTreeMap<String, Vec<&Font>> = BTreeMap::new();
    for font in &manifest.font {
        let found = fs::read(fetched.join(&font.name)).map(|bytes| digest(&bytes));
        if !found.is_ok_and(|found| found == font.sha256) {
            let package = format!("{}@{}", font.package, font.version);
            packages.entry(package).or_default().push(font);
        }
    }
    packages
}

/// Packs `package` into `scratch` and unpacks it there.
fn unpack(package: &str, scratch: &Path) -> Result<PathBuf> {
    let npm = Program::new("npm").within(scratch);
    npm.args(["pack", "--silent", package]).run_quietly()?;
    let tarballs = fs::read_dir(scratch)?.flatten().map(|entry| entry.path());
    let tarball = tarballs
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "tgz"));
    let tarball = tarball.with_context(|| format!("npm packed no tarball of {package}"))?;
    Program::new("tar")
        .arg("-xzf")
        .arg(tarball)
        .within(scratch)
        .run_quietly()?;
    Ok(scratch.join("package"))
}

/// Puts the font in place in one step, so that an interrupted fetch leaves no
/// half of a font behind.
fn install(font: &Font, unpacked: &Path, fetched: &Path) -> Result<()> {
    let source = unpacked.join(&font.file);
    let bytes = fs::read(&source).with_context(|| {
        format!(
            "{}@{} has no {}",
            font.package,
            font.version,
            font.file.display()
        )
    })?;
    let found = digest(&bytes);
    if found != font.sha256 {
        let (name, wanted) = (font.name.display(), &font.sha256);
        bail!("{name} has the digest {found}, not {wanted}: not installed");
    }
    let mut beside = tempfile::NamedTempFile::new_in(fetched)?;
    std::io::Write::write_all(&mut beside, &bytes)?;
    beside.persist(fetched.join(&font.name))?;
    Ok(())
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a String takes everything");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `abc`, from FIPS 180-2, appendix B.1.
    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn manifest(name: &str) -> String {
        format!(
            "[[font]]\npackage = \"p\"\nversion = \"1.0.0\"\nfile = \"a/b.ttf\"\n\
             name = \"{name}\"\nsha256 = \"{OF_ABC}\"\n"
        )
    }

    #[test]
    fn a_font_in_place_is_not_fetched_again_and_a_damaged_one_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let manifest = parse(&manifest("b.ttf")).expect("parses");
        assert_eq!(missing(&manifest, folder.path()).len(), 1);
        fs::write(folder.path().join("b.ttf"), "abc").expect("writes");
        assert!(missing(&manifest, folder.path()).is_empty());
        fs::write(folder.path().join("b.ttf"), "abd").expect("writes");
        assert_eq!(missing(&manifest, folder.path()).len(), 1);
    }

    #[test]
    fn a_font_with_another_digest_is_refused() {
        let unpacked = tempfile::tempdir().expect("a folder");
        let fetched = tempfile::tempdir().expect("a folder");
        fs::create_dir(unpacked.path().join("a")).expect("creates");
        let manifest = parse(&manifest("b.ttf")).expect("parses");
        let install = || install(&manifest.font[0], unpacked.path(), fetched.path());
        fs::write(unpacked.path().join("a/b.ttf"), "tampered").expect("writes");
        assert!(install().is_err());
        assert!(
            fs::read_dir(fetched.path())
                .expect("is there")
                .next()
                .is_none()
        );
        fs::write(unpacked.path().join("a/b.ttf"), "abc").expect("writes");
        install().expect("has the right digest");
        assert_eq!(
            fs::read(fetched.path().join("b.ttf")).expect("is there"),
            b"abc"
        );
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        assert!(parse(&manifest("../b.ttf")).is_err());
        assert!(parse(&manifest("/b.ttf")).is_err());
    }
}
