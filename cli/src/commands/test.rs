//! `stoa test`: everything that has to hold before a change goes in, in the order in which it
//! fails fastest.

use std::cell::Cell;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;
use tokio::process::Command;

use crate::build;
use crate::interrupt::with_tools;
use crate::licences;
use crate::processes;
use crate::progress::Progress;
use crate::project::{Project, Variant, with_variant};
use crate::toolchain::{self, Runtime, RuntimeChoice, TARGET};

/// Run every check and test
///
/// Steps, in order: fmt, clippy, clippy-guest, unit, build, licences, e2e. All run, whatever fails;
/// the failures are summed up at the end. With filters, only what they name: a step by its name,
/// and tests of `unit` and `e2e` by a part of theirs.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa test
  cargo stoa test clippy fmt
  cargo stoa test checkout          tests with `checkout` in their name
  cargo stoa test e2e --long        end to end, the long ones too
  cargo stoa test --runtime spin    end to end on Spin

Exit codes: 0 all passed, 1 something failed, 3 something is missing on this machine.")]
pub struct TestArgs {
    /// Names of steps, or parts of names of tests
    filter: Vec<String>,

    /// Soaks, large data and full fuzzing as well (sets STOA_LONG=1)
    #[arg(long)]
    long: bool,

    /// What serves the components in end-to-end tests
    #[arg(long, value_enum, default_value = "auto", env = "STOA_RUNTIME")]
    runtime: RuntimeChoice,

    /// Print the outcome of each step as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Fmt,
    Clippy,
    ClippyGuest,
    Unit,
    Build,
    Licences,
    EndToEnd,
}

use Step::{Build, Clippy, ClippyGuest, EndToEnd, Fmt, Licences, Unit};

const STEPS: [Step; 7] = [Fmt, Clippy, ClippyGuest, Unit, Build, Licences, EndToEnd];

impl Step {
    fn name(self) -> &'static str {
        match self {
            Fmt => "fmt",
            Clippy => "clippy",
            ClippyGuest => "clippy-guest",
            Unit => "unit",
            Build => "build",
            Licences => "licences",
            EndToEnd => "e2e",
        }
    }
}

/// What to run.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    steps: Vec<Step>,
    /// Parts of names of tests; none means all.
    tests: Vec<String>,
}

fn plan(filter: &[String]) -> Plan {
    if filter.is_empty() {
        return Plan {
            steps: STEPS.to_vec(),
            tests: Vec::new(),
        };
    }
    let named = |step: &Step| filter.iter().any(|word| word == step.name());
    let tests: Vec<String> = filter
        .iter()
        .filter(|word| STEPS.iter().all(|it| it.name() != *word))
        .cloned()
        .collect();
    // A part of a test's name alone does not say where the test is.
    let anywhere = !tests.is_empty() && !named(&Unit) && !named(&EndToEnd);
    let runs = |step: &Step| named(step) || (anywhere && matches!(step, Unit | EndToEnd));
    let end_to_end = runs(&EndToEnd);
    let steps = STEPS
        .into_iter()
        .filter(|step| runs(step) || (end_to_end && *step == Build))
        .collect();
    Plan { steps, tests }
}

#[derive(Serialize)]
struct Outcome {
    step: &'static str,
    passed: bool,
    seconds: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

pub async fn run(args: TestArgs, progress: &Progress) -> Result<()> {
    let project = Project::find()?;
    let plan = plan(&args.filter);
    let outcomes = with_tools(async {
        let runtime = args.runtime.resolve().await?;
        let run = Run {
            project: &project,
            progress,
            runtime,
            long: args.long,
            tests: &plan.tests,
            // Before cargo replaces the file: afterwards the kernel calls it deleted.
            cli: std::env::current_exe()?,
            passed: Cell::new(0),
            failed: Cell::new(0),
        };
        let mut outcomes = Vec::new();
        for step in &plan.steps {
            let begun = Instant::now();
            let failure = run
                .step(*step)
                .await
                .err()
                .map(|error| format!("{error:#}"));
            let seconds = begun.elapsed().as_secs_f32();
            outcomes.push(Outcome {
                step: step.name(),
                passed: failure.is_none(),
                seconds,
                failure,
            });
        }
        if run.passed.get() + run.failed.get() > 0 {
            progress.say(format!(
                "{} passed, {} failed",
                run.passed.get(),
                run.failed.get()
            ));
        }
        Ok(outcomes)
    })
    .await?;
    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.passed).collect();
    for outcome in &failed {
        let failure = outcome.failure.as_deref().unwrap_or_default();
        progress.say(format!("\n---- {} ----\n{failure}", outcome.step));
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&outcomes)?);
    }
    if !failed.is_empty() {
        let names: Vec<_> = failed.iter().map(|outcome| outcome.step).collect();
        bail!(
            "{} of {} steps failed: {}",
            failed.len(),
            outcomes.len(),
            names.join(", ")
        );
    }
    Ok(())
}

struct Run<'a> {
    project: &'a Project,
    progress: &'a Progress,
    runtime: Runtime,
    long: bool,
    tests: &'a [String],
    cli: PathBuf,
    /// Tests so far, over all steps.
    passed: Cell<usize>,
    failed: Cell<usize>,
}

impl Run<'_> {
    async fn step(&self, step: Step) -> Result<()> {
        match step {
            Fmt => self.cargo(step, &["fmt", "--all", "--check"]).await,
            Clippy => {
                self.cargo(
                    step,
                    &[
                        "clippy",
                        "--workspace",
                        "--all-targets",
                        "--",
                        "-D",
                        "warnings",
                    ],
                )
                .await
            }
            ClippyGuest => self.clippy_guest().await,
            Unit => {
                let rest = ["--exclude", "stoa-tests", "--exclude", "stoa-host"];
                self.cargo(step, &[&["test", "--workspace"][..], &rest].concat())
                    .await?;
                // Its own profile: the runtime is built once, for the tests and for `up`.
                self.cargo(
                    step,
                    &["test", "--profile", "host", "--package", "stoa-host"],
                )
                .await
            }
            Build => build::ensure(self.project, self.runtime, self.progress).await,
            Licences => self.licences().await,
            EndToEnd => self.cargo(step, &["test", "--package", "stoa-tests"]).await,
        }
    }

    /// The components as they are shipped: for their own target, in each variant.
    async fn clippy_guest(&self) -> Result<()> {
        toolchain::ensure_target(self.project, self.progress).await?;
        let crates = self.project.components()?;
        for variant in Variant::ALL {
            let packages: Vec<String> = with_variant(&crates, variant)
                .iter()
                .map(|it| format!("--package={}", it.package()))
                .collect();
            if packages.is_empty() {
                continue;
            }
            let features = variant.arguments();
            let mut args = vec!["clippy", "--target", TARGET];
            args.extend(packages.iter().map(String::as_str));
            args.extend(features.iter().map(String::as_str));
            args.extend(["--", "-D", "warnings"]);
            self.cargo(ClippyGuest, &args).await?;
        }
        Ok(())
    }

    async fn licences(&self) -> Result<()> {
        let mut version = toolchain::cargo(self.project);
        version.args(["deny", "--version"]);
        if processes::run(version, "cargo deny").await.is_ok() {
            return self
                .cargo(Licences, &["deny", "--all-features", "check"])
                .await;
        }
        let step = self.progress.step("licences");
        let (count, refused) = licences::check(self.project).await?;
        if !refused.is_empty() {
            step.failed("");
            bail!("not allowed:\n  {}", refused.join("\n  "));
        }
        step.done(format!("{count} dependencies"));
        self.progress.say("     advisories: not checked (cargo-deny is not installed: cargo install --locked cargo-deny)");
        Ok(())
    }

    /// Runs cargo; test names pass through as they come, the rest is shown when the step fails.
    async fn cargo(&self, step: Step, args: &[&str]) -> Result<()> {
        let mut cargo: Command = toolchain::cargo(self.project);
        cargo.args(args).env("STOA_RUNTIME", self.runtime.name());
        // End-to-end tests start shops of their own, with the very command that runs them.
        cargo.env("STOA_CLI", &self.cli);
        if self.long {
            cargo.env("STOA_LONG", "1");
        }
        if matches!(step, Unit | EndToEnd) {
            // Tests are many and in many binaries: all of them run, whichever fails.
            cargo.arg("--no-fail-fast").arg("--").args(self.tests);
        }
        if step == EndToEnd && std::env::var_os("RUST_TEST_THREADS").is_none() {
            cargo.arg(format!("--test-threads={}", end_to_end_threads()));
        }
        let mut shown = self.progress.step(step.name());
        let mut lines = Vec::new();
        let mut passed = 0;
        let status = processes::run_lines(cargo, |_, line| {
            if line.starts_with("test ") && line.contains(" ... ") {
                passed += usize::from(line.ends_with(" ok"));
                let failed = usize::from(line.ends_with(" FAILED"));
                self.failed.set(self.failed.get() + failed);
                self.progress.say(format!("     {line}"));
            } else {
                shown.note(line);
                lines.push(line.to_owned());
            }
        })
        .await?;
        self.passed.set(self.passed.get() + passed);
        if !status.success() {
            shown.failed("");
            bail!("cargo {}\n{}", args.join(" "), processes::tail(&lines, 150));
        }
        shown.done(if passed > 0 {
            format!("{passed} passed")
        } else {
            String::new()
        });
        Ok(())
    }
}

/// End-to-end tests mostly wait: half as many again as there are cores keep these busy. With twice as many the
/// shop they share answers some of them 503.
fn end_to_end_threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    cores.saturating_add(cores.div_ceil(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(filter: &[&str]) -> Plan {
        plan(
            &filter
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn without_a_filter_everything_runs() {
        assert_eq!(planned(&[]).steps, STEPS);
    }

    #[test]
    fn a_step_is_named_and_a_test_is_looked_for_everywhere() {
        assert_eq!(planned(&["fmt", "clippy"]).steps, [Fmt, Clippy]);
        let checkout = planned(&["checkout"]);
        assert_eq!(checkout.steps, [Unit, Build, EndToEnd]);
        assert_eq!(checkout.tests, ["checkout"]);
        assert_eq!(planned(&["unit", "checkout"]).steps, [Unit]);
        assert_eq!(planned(&["e2e"]).steps, [Build, EndToEnd]);
    }
}
