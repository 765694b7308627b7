//! `account` in a process of its own.

use std::net::SocketAddr;

use anyhow::Result;

use crate::options::Options;
use crate::process::Process;
use crate::stage::{Hosted, Stage, servers};

/// Starts it, as an installation has it that serves it apart.
pub(super) async fn start(options: &Options, stage: &Stage) -> Result<(SocketAddr, Process)> {
    /// 32 bytes in base64url. Nobody here has a second factor, and nothing is sent to anybody.
    const KEY: &str = "E75P6uryBMf9M1j8nAByGIHRdCeBKCJ-xnTzf3_pe20";
    let mut variables = servers(&stage.app)?;
    let others = [
        // The tokens are the same, whoever issues them.
        ("public_url", stage.app.ready.url.as_str()),
        ("rate_limits", "off"),
        ("log_requests", "off"),
        ("account_key", KEY),
        ("seal_key", KEY),
        ("seal_public_key", KEY),
        ("identity_key", KEY),
        ("identity_public_key", KEY),
    ];
    variables.extend(others.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let account = Hosted {
        name: "account",
        manifest: "spin.toml",
        component: Some("account"),
        variables,
        answers: "/.well-known/spin/health",
    };
    account.start(options).await
}
