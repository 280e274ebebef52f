//! Font files read from the fetched folder.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use skrifa::FontRef;

use crate::Error;

/// Larger than any font there is; a bound, not a guess.
const MAX_FONT_BYTES: u64 = 64 * 1024 * 1024;

/// Reads a font file and drops the tables that are never drawn.
pub(super) fn read(dir: &Path, file: &'static str, needs: &'static str) -> Result<Vec<u8>, Error> {
    let path = dir.join(file);
    let unreadable = |reason: String| Error::FontUnreadable {
        path: path.clone(),
        reason,
    };
    let missing = || Error::FontMissing {
        needs,
        file,
        dir: dir.to_owned(),
    };
    let length = match fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(missing()),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    if length > MAX_FONT_BYTES {
        return Err(unreadable(format!(
            "{length} bytes are more than a font has"
        )));
    }
    let bytes = fs::read(&path).map_err(|error| unreadable(error.to_string()))?;
    let slim = without_svg(&bytes).unwrap_or(bytes);
    FontRef::new(&slim).map_err(|error| unreadable(error.to_string()))?;
    Ok(slim)
}

/// The same font without its `SVG ` table, which repeats the COLR outlines at
/// four times their size. `None` where there is nothing to drop.
fn without_svg(bytes: &[u8]) -> Option<Vec<u8>> {
    let be32 = |at: usize| -> Option<usize> {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]) as usize)
    };
    let count = usize::from(u16::from_be_bytes([*bytes.get(4)?, *bytes.get(5)?]));
    let records: Vec<usize> = (0..count).map(|index| 12 + 16 * index).collect();
    let kept: Vec<usize> = records
        .iter()
        .copied()
        .filter(|&at| bytes.get(at..at + 4) != Some(b"SVG "))
        .collect();
    if kept.len() == count {
        return None;
    }
    let mut slim = bytes.get(..4)?.to_vec();
    slim.extend_from_slice(&u16::try_from(kept.len()).ok()?.to_be_bytes());
    // The three search hints are unused by every reader in this tree.
    slim.extend_from_slice(&[0; 6]);
    let mut offset = 12 + 16 * kept.len();
    let mut data = Vec::new();
    for at in kept {
        let (start, length) = (be32(at + 8)?, be32(at + 12)?);
        let table = bytes.get(start..start.checked_add(length)?)?;
        slim.extend_from_slice(bytes.get(at..at + 8)?);
        slim.extend_from_slice(&u32::try_from(offset).ok()?.to_be_bytes());
        slim.extend_from_slice(&u32::try_from(length).ok()?.to_be_bytes());
        let padded = length.next_multiple_of(4);
        data.extend_from_slice(table);
        data.resize(data.len() + padded - length, 0);
        offset += padded;
    }
    slim.extend_from_slice(&data);
    Some(slim)
}
