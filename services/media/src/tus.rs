//! What the headers of tus 1.0 say: metadata and checksums.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// What metadata tells of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Its name.
    pub(crate) file_name: Option<String>,
    /// Its media type, without parameters, in lower case.
    pub(crate) file_type: Option<String>,
}

/// Reads metadata.
///
/// Metadata are pairs of a key and a value in base64, separated by a blank;
/// pairs are separated by commas. A key stands once, and a value may be absent.
pub(crate) fn read_metadata(metadata: &str) -> Result<Told, &'static str> {
    let mut keys: Vec<&str> = Vec::new();
    let (mut filename, mut name) = (None, None);
    let (mut filetype, mut kind) = (None, None);
    for pair in metadata.split(',').map(str::trim) {
        if pair.is_empty() {
            // A list that ends in a comma, or no list at all.
            continue;
        }
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("has a key that is not ASCII");
        }
        if keys.contains(&key) {
            return Err("has a key twice");
        }
        keys.push(key);
        let decoded = STANDARD
            .decode(value.trim())
            .map_err(|_| "has a value that is not base64")?;
        let told = match key {
            "filename" => &mut filename,
            "name" => &mut name,
            "filetype" => &mut filetype,
            "type" => &mut kind,
            _ => continue,
        };
        let text = String::from_utf8(decoded).map_err(|_| "has a value that is not UTF-8")?;
        *told = Some(text);
    }
    let essence = |text: String| {
        let essence = text.split(';').next().unwrap_or_default();
        essence.trim().to_ascii_lowercase()
    };
    Ok(Told {
        file_name: filename.or(name),
        file_type: filetype.or(kind).map(essence),
    })
}

/// A checksum that bytes must have, and the hash of those so far.
#[derive(Debug)]
pub(crate) struct Checksum {
    wanted: Vec<u8>,
    hash: Hash,
}

#[derive(Debug)]
enum Hash {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// Reads `sha1 <base64>` or `sha256 <base64>`; none where nothing is said.
    pub(crate) fn read(text: &str) -> Result<Option<Self>, &'static str> {
        if text.is_empty() {
            return Ok(None);
        }
        let (algorithm, digest) = text
            .split_once(' ')
            .ok_or("must be an algorithm, a blank and a digest")?;
        let (hash, length) = match algorithm {
            "sha1" => (Hash::Sha1(Sha1::new()), 20),
            "sha256" => (Hash::Sha256(Sha256::new()), 32),
            _ => return Err("must be made with sha1 or sha256"),
        };
        let wanted = STANDARD
            .decode(digest.trim())
            .ok()
            .filter(|digest| digest.len() == length)
            .ok_or("must hold a digest of that algorithm in base64")?;
        Ok(Some(Self { wanted, hash }))
    }

    /// Takes bytes in.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match &mut self.hash {
            Hash::Sha1(hash) => hash.update(bytes),
            Hash::Sha256(hash) => hash.update(bytes),
        }
    }

    /// Whether the bytes were those that were meant.
    pub(crate) fn fits(self) -> bool {
        match self.hash {
            Hash::Sha1(hash) => hash.finalize()[..] == self.wanted[..],
            Hash::Sha256(hash) => hash.finalize()[..] == self.wanted[..],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Checksum, read_metadata};

    #[test]
    fn a_name_is_found_among_metadata() {
        for (metadata, name) in [
            ("", None),
            ("filetype aW1hZ2UvcG5n", None),
            ("filename YS5wbmc=,filetype aW1hZ2UvcG5n", Some("a.png")),
            ("name YS5wbmc=", Some("a.png")),
            ("name eA==,filename YS5wbmc=", Some("a.png")),
            ("is_confidential,filename 5aSPLnBuZw==", Some("夏.png")),
            ("filename", Some("")),
        ] {
            let told = read_metadata(metadata).unwrap();
            assert_eq!(told.file_name.as_deref(), name, "{metadata}");
        }
        for bad in [
            "filename !",
            "filename YS5wbmc",
            "filename /w==",
            "a eA==,a eA==",
            "é eA==",
        ] {
            assert!(read_metadata(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_type_is_found_among_metadata() {
        for (metadata, kind) in [
            ("filename YS5wbmc=", None),
            ("filetype YXBwbGljYXRpb24vemlw", Some("application/zip")),
            ("type QVBQTElDQVRJT04vWklQOyBhPWI=", Some("application/zip")),
            ("type eA==,filetype aW1hZ2UvcG5n", Some("image/png")),
        ] {
            let told = read_metadata(metadata).unwrap();
            assert_eq!(told.file_type.as_deref(), kind, "{metadata}");
        }
    }

    #[test]
    fn checksums_tell_bytes_apart() {
        for text in [
            "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
            "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
        ] {
            for (bytes, fits) in [(&b"abc"[..], true), (b"abd", false)] {
                let mut checksum = Checksum::read(text).unwrap().unwrap();
                checksum.update(bytes);
                assert_eq!(checksum.fits(), fits, "{text}");
            }
        }
        assert!(Checksum::read("").unwrap().is_none());
        for bad in ["sha1", "md5 eA==", "sha1 eA==", "sha1 ?", "SHA1 eA=="] {
            assert!(Checksum::read(bad).is_err(), "{bad}");
        }
    }
}
