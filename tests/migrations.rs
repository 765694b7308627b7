//! Migrations: from nothing, twice, and two at once.

use std::process::{Command, Stdio};

use crate::support::app::shared;
use crate::support::{MODULES, root};

fn migrate(url: &str) -> std::process::Child {
    Command::new(cli())
        .args(["migrate", "--database-url", url])
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("stoa migrate starts")
}

fn cli() -> std::path::PathBuf {
    crate::support::app::cli()
}

async fn applied(url: &str) -> Vec<(String, String, String)> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .expect("connected");
    tokio::spawn(connection);
    client
        .query(
            "SELECT module, name, checksum FROM shared.migration ORDER BY 1, 2",
            &[],
        )
        .await
        .expect("the record")
        .iter()
        .map(|r| (r.get(0), r.get(1), r.get(2)))
        .collect()
}

#[tokio::test]
async fn an_empty_database_is_migrated_by_two_at_once_and_then_again() {
    let app = shared();
    let sql = app.sql().await;
    let name = format!("fresh_{}", uuid::Uuid::new_v4().simple());
    sql.batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a database");
    let mut url = reqwest::Url::parse(&app.database).expect("a URL");
    url.set_path(&name);
    let url = url.to_string();

    let both = [migrate(&url), migrate(&url)];
    for child in both {
        let output = child.wait_with_output().expect("it ends");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let first = applied(&url).await;
    for module in ["shared"].iter().chain(&MODULES) {
        assert!(
            first.iter().any(|(m, _, _)| m == *module),
            "nothing of {module} was applied"
        );
    }
    let output = migrate(&url).wait_with_output().expect("it ends");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(applied(&url).await, first, "the second run changed nothing");
    sql.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .expect("dropped");
}
