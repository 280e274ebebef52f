//! Archives, read by Python's own reader.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Seek as _, SeekFrom, Write as _};
use std::process::Command;

use std::ops::Range;

use covergen_archive::{DosTime, Entry, Layout, Piece, Stream, crc32};

/// 2026-11-28 18:30:58 UTC.
const WHEN_MS: i64 = 1_795_890_658_000;

fn entry(name: &str, content: &[u8]) -> Entry {
    Entry {
        name: name.to_owned(),
        length: content.len() as u64,
        crc32: crc32(content),
    }
}

/// The bytes of a part of an archive of these files.
fn bytes(layout: &Layout, files: &[&[u8]], part: Range<u64>) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in layout.pieces(part.clone()) {
        match piece {
            Piece::Bytes(bytes) => out.extend(bytes),
            Piece::File(index, part, length) => {
                assert_eq!(length, files[index].len() as u64);
                let (start, end) = (part.start as usize, part.end as usize);
                out.extend(&files[index][start..end]);
            }
        }
    }
    assert_eq!(out.len() as u64, part.end - part.start);
    out
}

/// What Python finds in an archive: a line for each file.
fn python(path: &std::path::Path) -> String {
    let script = "import sys, zipfile\n\
        with zipfile.ZipFile(sys.argv[1]) as z:\n\
        \x20   assert z.testzip() is None\n\
        \x20   for i in z.infolist():\n\
        \x20       print(i.filename, i.file_size, i.compress_type, i.flag_bits, \
        oct(i.external_attr >> 16), *i.date_time, sep='|')\n\
        \x20       sys.stdout.flush()\n";
    let mut run = Command::new("python3");
    run.args(["-c", script]).arg(path);
    let output = run.env("PYTHONIOENCODING", "utf-8").output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_archive_is_read_by_another_reader() {
    let files: [&[u8]; 3] = [b"one", b"", b"three and more"];
    let entries = [
        entry("a.png", files[0]),
        entry("empty.png", files[1]),
        entry("封面 (2).jpg", files[2]),
    ];
    let layout = Layout::archive(&entries, DosTime::of(WHEN_MS));
    let whole = bytes(&layout, &files, 0..layout.size());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    std::fs::write(&path, &whole).unwrap();
    let date = "2026|11|28|18|30|58";
    assert_eq!(
        python(&path),
        format!(
            "a.png|3|0|2048|0o100644|{date}\nempty.png|0|0|2048|0o100644|{date}\n\
             封面 (2).jpg|14|0|2048|0o100644|{date}\n"
        )
    );
}

#[test]
fn every_part_is_the_same_bytes_as_in_the_whole() {
    let files: [&[u8]; 2] = [b"first file", b"second"];
    let entries = [entry("a.png", files[0]), entry("b.png", files[1])];
    let layout = Layout::archive(&entries, DosTime::of(WHEN_MS));
    let whole = bytes(&layout, &files, 0..layout.size());
    let size = layout.size();
    for start in 0..size {
        for end in start + 1..=size {
            let part = bytes(&layout, &files, start..end);
            assert_eq!(part, whole[start as usize..end as usize]);
        }
    }
}

#[test]
fn a_file_alone_has_nothing_around_it() {
    let layout = Layout::bare(6);
    assert_eq!(layout.size(), 6);
    assert_eq!(bytes(&layout, &[b"second"], 2..5), b"con");
}

#[test]
fn an_archive_past_four_gigabytes_is_read_by_another_reader() {
    // Files of nothing but zeros, which a sparse file holds without room.
    let large = |name: &str, length: u64, crc32: u32| Entry {
        name: name.to_owned(),
        length,
        crc32,
    };
    let entries = [
        large("a.png", 3 << 30, 0),
        large("b.png", 2 << 30, 0),
        entry("last.png", b"the last"),
        large("huge.png", 5 << 30, 0),
    ];
    let layout = Layout::archive(&entries, DosTime::of(WHEN_MS));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.zip");
    let mut file = std::fs::File::create(&path).unwrap();
    let mut at = 0;
    for piece in layout.pieces(0..layout.size()) {
        file.seek(SeekFrom::Start(at)).unwrap();
        match piece {
            Piece::Bytes(bytes) => {
                file.write_all(&bytes).unwrap();
                at += bytes.len() as u64;
            }
            Piece::File(2, part, _) => {
                file.write_all(b"the last").unwrap();
                at += part.end - part.start;
            }
            Piece::File(_, part, _) => at += part.end - part.start,
        }
    }
    drop(file);
    let script = "import sys, zipfile\n\
        with zipfile.ZipFile(sys.argv[1]) as z:\n\
        \x20   print(*[i.file_size for i in z.infolist()])\n\
        \x20   print(z.read('last.png').decode())\n\
        \x20   print(z.open('huge.png').read(3))\n";
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(&path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "3221225472 2147483648 8 5368709120\nthe last\nb'\\x00\\x00\\x00'\n"
    );
}

#[test]
fn a_stream_of_files_is_read_by_another_reader() {
    let mut zip = Stream::default();
    let mut whole = Vec::new();
    for (path, pieces) in [
        ("user/profile.json", &[&b"{}"[..], b"\n"][..]),
        ("files/empty", &[]),
        ("files/封面.jpg", &[b"three", b" and more"]),
    ] {
        whole.extend(zip.begin(path).unwrap());
        assert_eq!(zip.open_path(), Some(path));
        for piece in pieces {
            zip.write(piece).unwrap();
            whole.extend_from_slice(piece);
        }
    }
    whole.extend(zip.finish());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    std::fs::write(&path, &whole).unwrap();
    let date = "1980|1|1|0|0|0";
    assert_eq!(
        python(&path),
        format!(
            "user/profile.json|3|0|2056|0o100644|{date}\nfiles/empty|0|0|2056|0o100644|{date}\n\
             files/封面.jpg|14|0|2056|0o100644|{date}\n"
        )
    );
}
