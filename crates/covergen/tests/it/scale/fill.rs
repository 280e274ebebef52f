//! Fills tables of a running platform with rows like the ones it wrote itself.

use sea_orm::{ConnectionTrait as _, Database, DbErr};

/// Tables that grow with use, by service. What only operators write (templates,
/// rules, tiers) does not.
pub(crate) const HOT: &[(&str, &[&str])] = &[
    (
        "auth",
        &[
            "accounts",
            "role_bindings",
            "sessions",
            "refresh_tokens",
            "one_time_tokens",
            "api_keys",
        ],
    ),
    (
        "user",
        &[
            "profiles",
            "workspaces",
            "members",
            "quota_periods",
            "quota_ledger",
            "reservations",
            "history",
            "preferences",
        ],
    ),
    (
        "cover",
        &[
            "requests",
            "covers",
            "images",
            "generation_events",
            "cover_changes",
            "cover_change_heads",
        ],
    ),
    ("task", &["tasks", "journal"]),
    ("media", &["assets", "objects", "storage"]),
    ("export", &["exports"]),
    ("notification", &["notifications", "webhooks", "deliveries"]),
];

/// Tables of the store itself. Every service has them, and the same statements
/// use them everywhere; cover's are filled.
pub(crate) const STORE: &[&str] = &[
    "outbox",
    "aggregate_versions",
    "inbox",
    "inbox_positions",
    "idempotency_claims",
];

/// Brings each hot table to about `rows` rows, and its statistics up to date.
/// `url` holds `{service}`.
///
/// A new row is a copy of one that is there, whose ids belong to somebody else:
/// the same somebody in every table, so that copies refer to copies. What has
/// to be unique besides gets a suffix; long texts are cut.
///
/// # Errors
/// The database's; also when the platform has written nothing to copy.
pub(crate) async fn fill(url: &str, rows: u32) -> Result<(), DbErr> {
    // Side by side: each is filled by one process of the server.
    let filling = HOT.iter().map(|(service, tables)| async move {
        let database = Database::connect(url.replace("{service}", service)).await?;
        let own = if *service == "cover" { STORE } else { &[] };
        for table in tables.iter().chain(own) {
            let needed = tables.contains(table);
            let copy = COPY
                .replace("{table}", table)
                .replace("{rows}", &rows.to_string())
                .replace("{needed}", if needed { "true" } else { "false" });
            database.execute_unprepared(&copy).await?;
            let vacuum = format!("VACUUM (ANALYZE) {table}");
            database.execute_unprepared(&vacuum).await?;
        }
        database.close().await
    });
    futures::future::try_join_all(filling).await.map(drop)
}

const COPY: &str = r"DO $fill$
DECLARE
    names text; copies text; found bigint; patterns bigint;
BEGIN
    SET LOCAL session_replication_role = replica;
    SET LOCAL synchronous_commit = off;
    CREATE TEMP TABLE pattern ON COMMIT DROP AS
        SELECT row_number() OVER () AS r, b.* FROM {table} AS b
        WHERE b::text NOT LIKE '%0192000000007%' LIMIT 4;
    SELECT count(*) INTO patterns FROM pattern;
    SELECT count(*) INTO found FROM {table};
    IF patterns = 0 THEN
        IF {needed} THEN
            RAISE EXCEPTION 'nothing in {table} can be copied';
        END IF;
        RETURN;
    END IF;
    SELECT string_agg(quote_ident(name), ', ' ORDER BY place),
        string_agg(CASE
            WHEN kind IN ('text', 'character varying') THEN format(
                'CASE WHEN p.%1$I ~ ''[a-z]{3}_[0-9a-f]{32}''
                    THEN regexp_replace(p.%1$I, ''([a-z]{3})_[0-9a-f]{32}'', ''\1_'' || h, ''g'')
                    ELSE left(p.%1$I, 200)%2$s END',
                name, CASE WHEN single THEN ' || ''-'' || h' ELSE '' END)
            WHEN kind = 'bytea' AND single THEN 'decode(md5(h), ''hex'')'
            WHEN kind = 'bytea' THEN format('substr(p.%1$I, 1, 64)', name)
            WHEN name ~ '^(created|occurred|updated|received|sent)_at_ms$'
                THEN format('p.%1$I - i', name)
            ELSE format('p.%1$I', name)
        END, ', ' ORDER BY place)
    INTO names, copies
    FROM (SELECT a.attname AS name, a.attnum AS place, format_type(a.atttypid, NULL) AS kind,
            EXISTS (SELECT 1 FROM pg_index AS x WHERE x.indrelid = a.attrelid AND x.indisunique
                AND a.attnum = ANY (x.indkey)
                AND a.attname NOT IN ('role', 'step', 'purpose', 'consumer', 'method', 'period')
            ) AS single
        FROM pg_attribute AS a
        WHERE a.attrelid = '{table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attidentity = '') AS columns;
    EXECUTE format(
        'INSERT INTO {table} (%s) SELECT %s FROM (
            SELECT p.*, i, ''0192000000007'' || substr(m, 1, 3) || ''8'' || substr(m, 4, 15) AS h
            FROM pattern AS p, generate_series($1, $2) AS i,
                LATERAL (SELECT md5(i || ''/'' || p.r) AS m) AS hashed) AS p
         ON CONFLICT DO NOTHING', names, copies)
    USING found / patterns + 1, {rows} / patterns;
END $fill$";
