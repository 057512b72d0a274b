//! More rows than anybody would send: copies of one order, made by the database itself.

use super::database::{Database, Engine};
use super::world::World;

/// Copies the only order of a world, with its lines, so many times. The copies are older than it, a millisecond each.
pub(crate) async fn copy_order(world: &World, count: u32) {
    let database = &world.database;
    let new_id = match database.engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    };
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    let heads = columns(database, "orders").await;
    let values =
        with(&heads, "first", &[("id", new_id), ("create_time", "first.create_time - i * 1000"), ("note", "'copy'")]);
    let lines = columns(database, "order_items").await;
    let of_line = [("id", new_id), ("order_id", "copies.id"), ("order_time", "copies.create_time")];
    let line_values = with(&lines, "line", &of_line);
    let (heads, lines) = (heads.join(", "), lines.join(", "));
    for sql in [
        format!(
            "{numbers} INSERT INTO orders ({heads}) SELECT {values} FROM (SELECT * FROM orders LIMIT 1) AS first, n"
        ),
        format!(
            "INSERT INTO order_items ({lines}) SELECT {line_values} FROM orders AS copies, \
             (SELECT * FROM order_items) AS line WHERE copies.note = 'copy'"
        ),
    ] {
        // A recursive query stands before an INSERT in one engine, and the other takes both.
        database.execute(&sql).await;
    }
    if database.engine == Engine::Postgres {
        database.execute("ANALYZE orders; ANALYZE order_items").await;
    }
}

async fn columns(database: &Database, table: &str) -> Vec<String> {
    let sql = match database.engine {
        Engine::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
        Engine::Postgres => format!(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = 'public' \
             AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    database.texts(&sql).await
}

fn with(columns: &[String], table: &str, other: &[(&str, &str)]) -> String {
    let value = |column: &String| match other.iter().find(|(name, _)| name == column) {
        Some((_, value)) => (*value).to_owned(),
        None => format!("{table}.{column}"),
    };
    columns.iter().map(value).collect::<Vec<_>>().join(", ")
}
