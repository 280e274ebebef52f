use covergen_proto::cover::v1::{BulkGenerateRequest, BulkRow, Size};

use super::{MAX_ROWS, Row, Settings, check_rows, read_rows};

fn csv(text: &str) -> BulkGenerateRequest {
    BulkGenerateRequest {
        csv: text.to_owned(),
        sizes: vec![youtube()],
        ..BulkGenerateRequest::default()
    }
}

fn youtube() -> Size {
    Size {
        preset: "youtube".to_owned(),
        width: 0,
        height: 0,
    }
}

#[test]
fn a_csv_row_is_what_its_columns_say_in_any_order() {
    let mut request = csv(
        "\u{feff}Title,templateId,seed,colors,sizes,reference\r\n\"One, two\",aurora,7,#112233;#FFEEDD,story 300x200,sku-1\r\nThree,,,,,\r\n",
    );
    let rows = read_rows(&mut request).unwrap();
    assert_eq!(rows.len(), 2);
    let first = &rows[0];
    assert_eq!(
        (first.title.as_str(), first.template_id.as_str()),
        ("One, two", "aurora")
    );
    assert_eq!((first.seed, first.colors.len()), (Some(7), 2));
    let settings = Settings::of(&request, None);
    let made = settings.request(first);
    assert_eq!(made.sizes[0].preset, "story");
    assert_eq!((made.sizes[1].width, made.sizes[1].height), (300, 200));
    let made = settings.request(&rows[1]);
    assert_eq!(
        (made.sizes[0].preset.as_str(), made.seed),
        ("youtube", None)
    );
    check_rows(&settings, &rows, 128).unwrap();
}

#[test]
fn what_is_wrong_in_a_csv_is_told_with_row_and_line() {
    let mut request = csv("title,seed\nfine,1\nshort\nbad,x\n");
    let found = read_rows(&mut request).unwrap_err();
    let listed: Vec<(&str, &str)> = found
        .listed
        .iter()
        .map(|(field, problem)| (field.as_str(), problem.as_str()))
        .collect();
    assert_eq!(
        listed,
        [
            ("rows[1].csv", "row 2: line 3 has 1 fields, the header 2"),
            ("rows[2].seed", "row 3: line 4: is not a whole number"),
        ]
    );
    for bad in [
        "",
        "subtitle\nx",
        "title,colour\nx,y",
        "title,title\nx,y",
        "title\n",
    ] {
        let mut request = csv(bad);
        assert!(read_rows(&mut request).is_err(), "{bad:?}");
    }
}

#[test]
fn rows_and_csv_exclude_each_other() {
    let mut request = csv("title\nx\n");
    request.rows = vec![BulkRow::default()];
    assert_eq!(read_rows(&mut request).unwrap_err().listed[0].0, "csv");
}

#[test]
fn violations_are_all_counted_and_the_first_hundred_listed() {
    let settings = Settings {
        sizes: vec![super::RowSize::of(&youtube())],
        ..Settings::default()
    };
    let rows = vec![Row::default(); 5_000];
    let found = check_rows(&settings, &rows, 128).unwrap_err();
    assert_eq!(found.total, 5_000);
    assert!(found.listed.len() <= 100 && found.listed.len() > 50);
    assert_eq!(found.listed[0].0, "rows[0].title");
    assert!(
        found.listed[9].1.starts_with("row 10: "),
        "{:?}",
        found.listed[9]
    );
}

#[test]
fn a_row_with_a_template_of_its_own_does_not_take_the_common_palette() {
    let settings = Settings {
        template_id: "swiss".to_owned(),
        palette_id: "red".to_owned(),
        ..Settings::default()
    };
    let own = Row {
        template_id: "aurora".to_owned(),
        ..Row::default()
    };
    assert_eq!(settings.request(&own).palette_id, "");
    assert_eq!(settings.request(&Row::default()).palette_id, "red");
}

#[test]
fn more_rows_than_allowed_are_refused_before_they_are_read() {
    let mut text = String::from("title\n");
    for row in 0..=MAX_ROWS {
        text.push_str(&format!("t{row}\n"));
    }
    let found = read_rows(&mut csv(&text)).unwrap_err();
    assert!(found.listed[0].1.contains("too many"), "{:?}", found.listed);
}

#[test]
fn a_stored_row_reads_back() {
    let row = Row {
        title: "封面".to_owned(),
        seed: Some(u64::MAX),
        sizes: vec![super::RowSize::parse("10x20")],
        ..Row::default()
    };
    let stored = serde_json::to_string(&row).unwrap();
    assert_eq!(serde_json::from_str::<Row>(&stored).unwrap(), row);
    assert_eq!(Row::of(row.clone().encode()), row);
}
