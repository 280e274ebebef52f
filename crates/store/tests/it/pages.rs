use covergen_store::{Cursor, Page, Store};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::support::{Home, insert_cover};

on_both_engines!(pages_neither_skip_nor_repeat_while_rows_come_and_go);

const LIST: &str = "covers.list";

async fn page(store: &Store, token: &str) -> Page<(i64, String)> {
    let (units, id) = Cursor::decode::<(i64, String)>(LIST, token)
        .unwrap()
        .unwrap_or_default();
    let size = 7;
    let rows = store.read().query_all_raw(Statement::from_sql_and_values(
        store.backend(),
        "SELECT units, id FROM covers WHERE (units, id) > ($1, $2) ORDER BY units, id LIMIT $3",
        [Value::from(units), id.into(), (size + 1).into()],
    ));
    let rows = rows.await.unwrap();
    let rows = rows
        .iter()
        .map(|row| {
            (
                row.try_get("", "units").unwrap(),
                row.try_get("", "id").unwrap(),
            )
        })
        .collect();
    Page::cut(rows, u64::try_from(size).unwrap(), LIST, |(units, id)| {
        (*units, id.clone())
    })
}

async fn pages_neither_skip_nor_repeat_while_rows_come_and_go(home: Home) {
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    for n in 0..40 {
        insert_cover(&tx, &format!("b{n:02}"), 1 + n / 4)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();

    let mut seen = Vec::new();
    let mut token = String::new();
    for turn in 0.. {
        let page = page(&store, &token).await;
        seen.extend(page.items.into_iter().map(|(_, id)| id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        // A row before everything seen so far: with offsets, the next page
        // would begin with a row that was seen already.
        let tx = store.begin().await.unwrap();
        insert_cover(&tx, &format!("a{turn}"), 1).await.unwrap();
        tx.commit().await.unwrap();
    }
    let expected: Vec<String> = (0..40).map(|n| format!("b{n:02}")).collect();
    assert_eq!(seen, expected);
}
