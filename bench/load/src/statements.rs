//! How many statements the app runs for one request, counted in Postgres' own log.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio_postgres::Client;

use crate::app::App;
use crate::load;
use crate::requests::Requests;

/// Requests that are counted over, and as many before; cached pages are to be found in the cache.
const REQUESTS: u64 = 60;
const CACHED_REQUESTS: u64 = 800;

/// Statements per request. The servers are the benchmark's own, so that their log may be turned
/// on. What the host does to a connection that is given back is not counted: it is no statement
/// of the app. `modules` are those whose statements count.
pub async fn per_request(
    app: &App,
    requests: &Requests,
    modules: &[&str],
    cached: bool,
) -> Result<Option<f64>> {
    let count = if cached { CACHED_REQUESTS } else { REQUESTS };
    let sql = app.sql().await?;
    // Keys and variables are known before anything is counted.
    load::some(app.address()?, requests, count).await?;
    log(&sql, "all").await?;
    let begin = std::fs::metadata(app.postgres_log()).map_or(0, |it| it.len());
    let counted = load::some(app.address()?, requests, count).await;
    log(&sql, "none").await?;
    let text = std::fs::read(app.postgres_log()).context("reading Postgres' log")?;
    let new = text.get(usize::try_from(begin)?..).unwrap_or_default();
    let statements = executed(&String::from_utf8_lossy(new), modules);
    let answered = counted?.done.len();
    Ok((answered > 0).then(|| statements as f64 / answered as f64))
}

/// How many statements the HTTP components of these modules executed. Each begins one line, which
/// carries the name that the connection gave itself.
fn executed(log: &str, modules: &[&str]) -> usize {
    log.lines()
        .filter_map(|line| line.split_once(" LOG:  execute "))
        .filter_map(|(head, _)| head.rsplit_once(" stoa-http-"))
        .filter(|(_, module)| modules.contains(&module.trim()))
        .count()
}

async fn log(sql: &Client, what: &str) -> Result<()> {
    // Neither may run inside a transaction, so each is a message of its own.
    sql.batch_execute(&format!("ALTER SYSTEM SET log_statement = '{what}'"))
        .await
        .context("log_statement")?;
    sql.batch_execute("SELECT pg_reload_conf()")
        .await
        .context("pg_reload_conf")?;
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        // Sessions read the new settings between two statements: asking is how to find out.
        let now: String = sql.query_one("SHOW log_statement", &[]).await?.get(0);
        if now == what {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("Postgres does not take log_statement = {what}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::executed;

    #[test]
    fn only_statements_of_the_modules_count() {
        let log = "\
2026-01-01 00:00:00.000 UTC [7] stoa-http-catalog LOG:  execute s1: SELECT * FROM catalog.product_page_v1($1)
2026-01-01 00:00:00.000 UTC [7] stoa-http-catalog DETAIL:  parameters: $1 = 'x'
2026-01-01 00:00:00.000 UTC [7] stoa-http-catalog LOG:  statement: DISCARD TEMP
2026-01-01 00:00:00.000 UTC [8] stoa-http-edge LOG:  execute s1: SELECT 1
2026-01-01 00:00:00.000 UTC [9] stoa-worker-catalog LOG:  execute s1: SELECT catalog.tidy()";
        assert_eq!(executed(log, &["catalog"]), 1);
        assert_eq!(executed(log, &["catalog", "edge"]), 2);
    }
}
