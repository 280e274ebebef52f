//! Pixels do not change by accident. A change on purpose raises the template's
//! version and renews the hashes: `COVERGEN_RENEW_GOLDEN=1 cargo test -p
//! covergen-render golden`.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use covergen_render::{Brief, Catalog};
use sha2::{Digest, Sha256};

use crate::{brief, renderer};

const CASES: [(&str, &str, u32, u32); 4] = [
    ("latin", "How we cut our build times by 80%", 320, 180),
    ("arabic", "كيف تبدأ مشروعك الأول", 240, 240),
    ("hindi", "घर बैठे सीखें फोटोग्राफी", 180, 320),
    ("han", "三十天学会画画 🌴", 300, 128),
];

fn hashes() -> String {
    let mut lines = String::new();
    for template in Catalog::builtin().templates() {
        for (name, title, width, height) in CASES {
            let asked = Brief {
                subtitle: Some("2026".to_owned()),
                ..brief(title, width, height)
            };
            let picture = renderer()
                .render(&template.scene(&asked).unwrap())
                .unwrap()
                .picture;
            let digest = Sha256::digest(&picture.rgba);
            let hex = digest.iter().fold(String::new(), |mut hex, byte| {
                write!(hex, "{byte:02x}").unwrap();
                hex
            });
            writeln!(
                lines,
                "{} v{} {name} {width}x{height} {hex}",
                template.id, template.version
            )
            .unwrap();
        }
    }
    lines
}

#[test]
fn pixels_change_only_on_purpose() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden.txt");
    let actual = hashes();
    if env::var_os("COVERGEN_RENEW_GOLDEN").is_some() {
        fs::write(&file, &actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&file).expect("tests/it/golden.txt is in the tree");
    for (is, was) in actual.lines().zip(expected.lines()) {
        assert_eq!(
            is, was,
            "pixels changed; if on purpose, raise the version and renew"
        );
    }
    assert_eq!(actual.lines().count(), expected.lines().count());
}
