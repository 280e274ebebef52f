use futures::TryStreamExt;
use sea_orm::{
    AccessMode, DatabaseTransaction, DbBackend, IsolationLevel, QueryResult, Statement,
    StreamTrait, TransactionOptions,
};
use sha2::{Digest, Sha256};

use crate::{Result, Store, sql};

impl Store {
    /// A hash over every row of every table, the same for the same contents:
    /// shows that nothing was written. Who leads in what is left out: that
    /// changes by itself. All tables are read in one snapshot.
    /// For tests and checks; it reads the whole database.
    ///
    /// # Errors
    /// The database's.
    pub async fn digest(&self) -> Result<[u8; 32]> {
        let mut options = TransactionOptions::default();
        if self.backend == DbBackend::Postgres {
            options.isolation_level = Some(IsolationLevel::RepeatableRead);
            options.access_mode = Some(AccessMode::ReadOnly);
        }
        let txn = self.pools.read.primary().begin(options).await?;
        let mut whole = Sha256::new();
        for table in tables(&txn, self.backend).await? {
            let mut rows = row_hashes(&txn, self.backend, &table).await?;
            // Sorting the hashes needs no key, no collation and no spill file.
            rows.sort_unstable();
            whole.update((table.len() as u64).to_be_bytes());
            whole.update(&table);
            whole.update((rows.len() as u64).to_be_bytes());
            for row in rows {
                whole.update(row);
            }
        }
        txn.rollback().await?;
        Ok(whole.finalize().into())
    }
}

async fn tables(txn: &DatabaseTransaction, backend: DbBackend) -> Result<Vec<String>> {
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT relname::text AS name FROM pg_class
             WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        }
        _ => {
            "SELECT name FROM sqlite_master
             WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        }
    };
    let mut names = texts(&sql::all(txn, sql, vec![]).await?, "name")?;
    names.retain(|name| name != "leads");
    names.sort_unstable();
    Ok(names)
}

async fn row_hashes(
    txn: &DatabaseTransaction,
    backend: DbBackend,
    table: &str,
) -> Result<Vec<[u8; 32]>> {
    let table = table.replace('"', "\"\"");
    let sql = match backend {
        DbBackend::Postgres => format!("SELECT t::text AS line FROM \"{table}\" AS t"),
        _ => {
            let info = format!(
                "SELECT name FROM pragma_table_info('{}')",
                table.replace('\'', "''")
            );
            let columns = texts(&sql::all(txn, info, vec![]).await?, "name")?;
            let quoted: Vec<String> = columns
                .iter()
                .map(|column| format!("quote(\"{}\")", column.replace('"', "\"\"")))
                .collect();
            format!(
                "SELECT {} AS line FROM \"{table}\"",
                quoted.join(" || ',' || ")
            )
        }
    };
    let mut hashes = Vec::new();
    let mut rows = txn.stream_raw(Statement::from_string(backend, sql)).await?;
    while let Some(row) = rows.try_next().await? {
        let line: String = row.try_get("", "line")?;
        hashes.push(Sha256::digest(line).into());
    }
    Ok(hashes)
}

fn texts(rows: &[QueryResult], column: &str) -> Result<Vec<String>> {
    let texts: Result<_, _> = rows.iter().map(|row| row.try_get("", column)).collect();
    Ok(texts?)
}
