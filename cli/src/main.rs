//! `stoa`: sets up, runs, tests and administers a Stoa checkout. Run it as `cargo stoa …`.

mod build;
mod commands;
mod data_dir;
mod database;
mod demo;
mod failure;
mod fingerprint;
mod interrupt;
mod licences;
mod manifest;
mod migrate;
mod packages;
mod ports;
mod postgres;
mod processes;
mod progress;
mod project;
mod ready;
mod redis;
mod runtime;
mod seal_key;
mod seed;
mod signing_key;
mod single;
mod stack;
mod supervisor;
mod time_scale;
mod toolchain;
mod topology;
mod users;

use std::process::ExitCode;

use clap::Parser;

use commands::Cli;
use failure::Failure;

/// One thread: the kernel signals children when the *thread* that started them ends, and this one
/// lasts as long as the command.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match commands::run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !matches!(error.downcast_ref(), Some(Failure::Interrupted)) {
                eprintln!("stoa: {error:#}");
            }
            ExitCode::from(failure::exit_code(&error))
        }
    }
}
