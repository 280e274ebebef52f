//! What is written.

use crate::Fixture;

const CONTRACT: &str = "message A { map<string, string> labels = 1; string secret = 2 [(covergen.bff.v1.field).sensitive = true]; }
service S { rpc R(A) returns (A) { option (covergen.mesh.v1.method) = {callers: [\"cover\"]}; } }";

fn files(fixture: &Fixture) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(fixture.out())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read(path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

#[test]
fn equal_contracts_give_equal_files() {
    let (one, two) = (Fixture::new(CONTRACT), Fixture::new(CONTRACT));
    one.run().unwrap();
    two.run().unwrap();
    let names: Vec<String> = files(&one).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "contracts.rs",
            "covergen.broken.v1.rs",
            "descriptors.binpb",
            "descriptors_with_source.binpb",
            "methods.rs"
        ]
    );
    assert!(files(&one) == files(&two));
}

#[test]
fn nothing_is_written_for_a_contract_that_is_wrong() {
    let fixture =
        Fixture::new("message A { string a = 1 [(buf.validate.field).string.ulid = true]; }");
    assert!(fixture.run().is_err());
    assert!(files(&fixture).is_empty());
}

#[test]
fn the_sources_are_told() {
    let contracts = Fixture::new(CONTRACT).run().unwrap();
    assert_eq!(contracts.sources.len(), 1);
    assert!(
        contracts
            .pool
            .get_message_by_name("covergen.broken.v1.A")
            .is_some()
    );
}
