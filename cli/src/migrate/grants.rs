//! The modules' roles and what they may touch: their own schema, and to read `shared`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::database::Database;
use crate::postgres::sqlstate;

/// Makes the modules' roles, with the passwords given, and returns those that it had to touch. A
/// role that is right already is left alone.
pub async fn roles(
    client: &Client,
    database: &Database,
    passwords: &BTreeMap<String, String>,
) -> Result<BTreeSet<String>> {
    let mut touched = BTreeSet::new();
    for (module, password) in passwords {
        let right = match database.connect_as(module, password).await {
            Ok(as_role) => path_is_set(&as_role, module).await?,
            // Not there yet, or with the password of a data directory that is gone.
            Err(error) if sqlstate(&error).is_some() => false,
            Err(error) => {
                return Err(error).with_context(|| format!("connecting as stoa_{module}"));
            }
        };
        if !right {
            role(client, module, password).await?;
            touched.insert(module.clone());
        }
    }
    Ok(touched)
}

async fn path_is_set(as_role: &Client, module: &str) -> Result<bool> {
    let path: String = as_role.query_one("SHOW search_path", &[]).await?.get(0);
    Ok(path == search_path(module))
}

fn search_path(module: &str) -> String {
    format!("\"{module}\", shared")
}

async fn role(client: &Client, module: &str, password: &str) -> Result<()> {
    let statements = format!(
        "DO $$ BEGIN
             CREATE ROLE stoa_{module};
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
         END $$;
         ALTER ROLE stoa_{module} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '{password}';
         ALTER ROLE stoa_{module} SET search_path TO {path};",
        path = search_path(module),
    );
    // Roles belong to the server, and the lock of this run to one of its databases: another run
    // may be changing the same role for another database right now.
    let mut tries = 0;
    loop {
        match client.batch_execute(&statements).await {
            Ok(()) => return Ok(()),
            Err(error) if tries < 20 && error.code() == Some(&SqlState::INTERNAL_ERROR) => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => {
                return Err(error).with_context(|| {
                    format!("making the role stoa_{module} (the user in DATABASE_URL must be allowed to create roles)")
                });
            }
        }
    }
}

/// What `module`'s role may do, as SQL that can be applied again and again. `own` says whether it
/// has a schema of its own.
pub fn statements(database: &str, module: &str, own: bool) -> String {
    let mut sql = format!(
        "GRANT CONNECT ON DATABASE \"{database}\" TO stoa_{module};
         GRANT USAGE ON SCHEMA shared TO stoa_{module};
         GRANT SELECT ON ALL TABLES IN SCHEMA shared TO stoa_{module};
         GRANT EXECUTE ON ALL ROUTINES IN SCHEMA shared TO stoa_{module};
         ALTER DEFAULT PRIVILEGES IN SCHEMA shared GRANT SELECT ON TABLES TO stoa_{module};
         ALTER DEFAULT PRIVILEGES IN SCHEMA shared GRANT EXECUTE ON ROUTINES TO stoa_{module};
        "
    );
    if own {
        sql.push_str(&format!(
            "GRANT USAGE ON SCHEMA \"{module}\" TO stoa_{module};
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"{module}\" TO stoa_{module};
             GRANT USAGE ON ALL SEQUENCES IN SCHEMA \"{module}\" TO stoa_{module};
             GRANT EXECUTE ON ALL ROUTINES IN SCHEMA \"{module}\" TO stoa_{module};
             ALTER DEFAULT PRIVILEGES IN SCHEMA \"{module}\" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO stoa_{module};
             ALTER DEFAULT PRIVILEGES IN SCHEMA \"{module}\" GRANT USAGE ON SEQUENCES TO stoa_{module};
             ALTER DEFAULT PRIVILEGES IN SCHEMA \"{module}\" GRANT EXECUTE ON ROUTINES TO stoa_{module};
            "
        ));
    }
    // What every module reads to check a token, the one that issues tokens also writes.
    if module == "account" {
        sql.push_str("GRANT INSERT, UPDATE, DELETE ON shared.signing_key, shared.revocation TO stoa_account;\n");
    }
    sql
}

/// Nobody keeps anything in `public`, and no role may start to.
pub const HARDEN: &str = "REVOKE ALL ON SCHEMA public FROM PUBLIC;";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_touches_its_own_schema_and_reads_shared() {
        let order = statements("shop", "order", true);
        assert!(order.contains("GRANT SELECT ON ALL TABLES IN SCHEMA shared TO stoa_order"));
        assert!(order.contains("ON ALL TABLES IN SCHEMA \"order\" TO stoa_order"));
        assert!(!order.contains("signing_key"));
        assert!(
            statements("shop", "account", true)
                .contains("shared.signing_key, shared.revocation TO stoa_account")
        );
        assert!(!statements("shop", "edge", false).contains("\"edge\""));
    }
}
