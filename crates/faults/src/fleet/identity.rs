//! Who each process is, proven by certificates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// What a process is told of its own.
const OWN: [&str; 2] = ["KEY_FILE", "CERTIFICATE_FILE"];
/// What it is told of whom it trusts.
const ROOTS: &str = "ROOTS_FILE";

/// An authority in a folder, with a certificate for everybody.
pub struct Authority {
    binary: PathBuf,
    folder: PathBuf,
    /// By the name of a service or BFF: what its processes are told.
    told: BTreeMap<String, BTreeMap<String, String>>,
}

impl Authority {
    /// The authority of that folder, made if there is none. It signs anew for
    /// everybody.
    ///
    /// # Errors
    /// The program does not sign.
    pub fn found(binary: &Path, folder: &Path) -> Result<Self> {
        let signed = Command::new(binary)
            .args(["mesh-ca", "--json", "--out"])
            .arg(folder)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("{} does not start", binary.display()))?;
        let error = String::from_utf8_lossy(&signed.stderr);
        ensure!(signed.status.success(), "nobody signs: {error}");
        let mut told = BTreeMap::new();
        for line in String::from_utf8(signed.stdout)?.lines() {
            let line: Value = serde_json::from_str(line)?;
            let name = line["service"].as_str().context("signed for nobody")?;
            let variables = serde_json::from_value(line["environment"].clone())?;
            told.insert(name.to_owned(), variables);
        }
        Ok(Self {
            binary: binary.to_path_buf(),
            folder: folder.to_path_buf(),
            told,
        })
    }

    /// What the processes of that name are told, by variable.
    ///
    /// # Errors
    /// It was signed for nobody of that name.
    pub fn variables(&self, name: &str) -> Result<&BTreeMap<String, String>> {
        let told = self.told.get(name);
        told.with_context(|| format!("no certificate for {name}"))
    }

    /// New certificates of the same authority, in the same places.
    ///
    /// # Errors
    /// The program does not sign.
    pub fn renew(&self) -> Result<()> {
        Self::found(&self.binary, &self.folder).map(drop)
    }

    /// The same authority once more, in a folder of its own.
    ///
    /// # Errors
    /// The program does not sign, or the folder cannot be written to.
    pub fn copied(&self, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        for file in ["ca.key", "ca.pem"] {
            std::fs::copy(self.folder.join(file), folder.join(file))?;
        }
        Self::found(&self.binary, folder)
    }

    /// The certificates that everybody trusts.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn roots(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.roots_file()?)?)
    }

    /// Lets everybody trust these.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn trust(&self, roots: &str) -> Result<()> {
        put(self.roots_file()?, roots.as_bytes())
    }

    /// Puts the keys and certificates of another in the places of one's own.
    ///
    /// # Errors
    /// They cannot be read or written.
    pub fn show(&self, other: &Self) -> Result<()> {
        for name in self.told.keys() {
            for file in OWN {
                let text = std::fs::read(other.file(name, file)?)?;
                put(self.file(name, file)?, &text)?;
            }
        }
        Ok(())
    }

    fn roots_file(&self) -> Result<&Path> {
        let anybody = self.told.keys().next().context("signed for nobody")?;
        self.file(anybody, ROOTS)
    }

    fn file(&self, name: &str, which: &str) -> Result<&Path> {
        let variables = self.variables(name)?.iter();
        let mut of_it = variables.filter(|(key, _)| key.ends_with(which));
        let (_, path) = of_it
            .next()
            .with_context(|| format!("no {which} for {name}"))?;
        Ok(Path::new(path))
    }
}

/// In one step: whoever reads it reads the old or the new.
fn put(path: &Path, text: &[u8]) -> Result<()> {
    let new = path.with_extension("new");
    std::fs::write(&new, text)?;
    Ok(std::fs::rename(&new, path)?)
}
