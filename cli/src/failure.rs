//! The exit codes of `stoa`, as errors.
//!
//! Everything that is not one of these ends with code 1. A `Failure` may be wrapped in any number
//! of `anyhow` contexts: the code is found through them.

use thiserror::Error;

/// Why the command ends with a code that a script can tell apart.
#[derive(Debug, Error)]
pub enum Failure {
    /// The arguments or the environment make no sense together.
    #[error("{0}")]
    Usage(String),
    /// This machine lacks something. The message says exactly what to run.
    #[error("{0}")]
    Missing(String),
    /// The address to listen on belongs to another process.
    #[error("{0}")]
    PortTaken(String),
    /// Another `stoa` works on the same data directory, or does the same job.
    #[error("{0}")]
    InUse(String),
    /// Ctrl-C or SIGTERM before the work was done.
    #[error("interrupted")]
    Interrupted,
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Failure::Usage(_) => 2,
            Failure::Missing(_) => 3,
            Failure::PortTaken(_) => 4,
            Failure::InUse(_) => 5,
            Failure::Interrupted => 130,
        }
    }
}

/// The exit code for `error`.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    error.downcast_ref::<Failure>().map_or(1, Failure::code)
}

/// The table shown in the long help.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed; the message says what and why
  2    wrong usage
  3    something is missing on this machine; the message says what to run
  4    the address to listen on is taken by another process
  5    the data directory is in use by another stoa, or another one does this job
  130  interrupted before it was done";

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn the_code_is_found_through_contexts() {
        let error = Err::<(), _>(Failure::Missing("no redis".into()))
            .context("starting Redis")
            .context("setting up")
            .unwrap_err();
        assert_eq!(exit_code(&error), 3);
        assert_eq!(exit_code(&anyhow::anyhow!("anything else")), 1);
    }
}
