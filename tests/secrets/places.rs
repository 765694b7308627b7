//! What is searched: everything that the app wrote, and its refusals. Something is planted there first.

use redis::AsyncCommands as _;

use super::Canaries;
use crate::support::app::App;
use crate::support::needles::{Finds, Needles};
use crate::support::written;

/// Where something is planted, as [`Found::place`] begins.
pub const PLANTED: [&str; 5] = [
    "file logs/planted.log",
    "table planted.text",
    "table planted.bytes",
    "redis planted",
    "problem",
];

/// Every place in which a canary lies that may not lie there.
pub async fn search(app: &App, canaries: &Canaries) -> Finds {
    let needles = Needles::of(&canaries.all);
    let mut finds = Finds::new();
    written::search(app.site(), &needles, &mut finds)
        .await
        .expect("everything can be looked into");
    for problem in &canaries.problems {
        needles.look(
            &format!("problem {problem}"),
            problem.as_bytes(),
            &mut finds,
        );
    }
    finds
}

/// Writes something into every kind of place.
pub async fn plant(app: &App, text: &str) {
    std::fs::write(app.data_dir.join("logs/planted.log"), text).expect("a file");
    let sql = app.sql().await;
    sql.batch_execute(&format!(
        "CREATE SCHEMA planted;
         CREATE TABLE planted.text (it jsonb);
         CREATE TABLE planted.bytes (it bytea);
         INSERT INTO planted.text VALUES ('{{\"a\": [\"{text}\"]}}');
         INSERT INTO planted.bytes VALUES (convert_to('{text}', 'UTF8'));"
    ))
    .await
    .expect("tables");
    let mut redis = app.redis().await;
    let _: () = redis.hset("planted", "field", text).await.expect("a hash");
}

/// Takes it away again.
pub async fn clear(app: &App) {
    let _ = std::fs::remove_file(app.data_dir.join("logs/planted.log"));
    let sql = app.sql().await;
    sql.batch_execute("DROP SCHEMA planted CASCADE")
        .await
        .expect("dropped");
    let mut redis = app.redis().await;
    let _: () = redis.del("planted").await.expect("deleted");
}
