//! What only the operator of a shop can do, with its database at hand.

use anyhow::{Context, Result};
use tokio_postgres::Client;

/// The operator.
pub struct Operator {
    client: Client,
}

impl Operator {
    pub fn new(client: Client) -> Operator {
        Operator { client }
    }

    /// What `stoa admin grant` does.
    pub async fn grant(&self, account: &str, role: &str) -> Result<()> {
        self.client
            .execute("SELECT account.grant_role_v1($1, $2)", &[&account, &role])
            .await
            .context("granting a role")?;
        Ok(())
    }

    /// Puts business time forward.
    pub async fn pass(&self, interval: &str) -> Result<()> {
        self.client
            .execute(
                "UPDATE shared.clock SET clock_offset = clock_offset + $1::text::interval",
                &[&interval],
            )
            .await
            .context("putting the clock forward")?;
        Ok(())
    }

    pub fn client(&mut self) -> &mut Client {
        &mut self.client
    }
}
