//! What a person sees while something takes long: spinners on a terminal, plain lines elsewhere.
//!
//! Everything goes to stderr, so that stdout keeps only what a script reads.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Where steps are shown.
#[derive(Clone)]
pub struct Progress {
    terminal: Option<MultiProgress>,
    quiet: bool,
}

impl Progress {
    /// Spinners when stderr is a terminal, lines otherwise.
    pub fn new() -> Self {
        let terminal = std::io::stderr().is_terminal().then(MultiProgress::new);
        Progress {
            terminal,
            quiet: false,
        }
    }

    /// Shows nothing; for scripts and tests.
    #[cfg(test)]
    pub fn quiet() -> Self {
        Progress {
            terminal: None,
            quiet: true,
        }
    }

    /// Begins a step; it ends with [`Step::done`], [`Step::failed`], or unfinished when dropped.
    pub fn step(&self, title: impl Into<String>) -> Step {
        let title = title.into();
        let bar = self.terminal.as_ref().map(|multi| {
            let bar = multi.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix} {wide_msg:.dim}")
            {
                bar.set_style(style);
            }
            bar.set_prefix(title.clone());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        if bar.is_none() {
            self.say(format!("  …  {title}"));
        }
        let now = Instant::now();
        Step {
            progress: self.clone(),
            title,
            bar,
            started: now,
            said: now,
        }
    }

    /// One line that stays.
    pub fn say(&self, line: impl AsRef<str>) {
        if self.quiet {
            return;
        }
        let line = line.as_ref();
        match &self.terminal {
            Some(multi) => {
                // A terminal that went away is no reason to stop the work.
                let _ = multi.println(line);
            }
            None => {
                let _ = writeln!(std::io::stderr(), "{line}");
            }
        }
    }
}

/// One step under way.
pub struct Step {
    progress: Progress,
    title: String,
    bar: Option<ProgressBar>,
    started: Instant,
    said: Instant,
}

/// How often a long step without a terminal shows that it still goes on.
const HEARTBEAT: Duration = Duration::from_secs(20);

impl Step {
    /// What the step is doing right now. Without a terminal only a heartbeat of it is shown.
    pub fn note(&mut self, note: impl AsRef<str>) {
        let note = note.as_ref().trim();
        match &self.bar {
            Some(bar) => bar.set_message(note.to_owned()),
            None if self.said.elapsed() > HEARTBEAT => {
                self.said = Instant::now();
                let elapsed = self.started.elapsed().as_secs();
                self.progress
                    .say(format!("     {} ({elapsed} s): {note}", self.title));
            }
            None => {}
        }
    }

    /// How far a step that can be counted has come.
    pub fn count(&mut self, done: u64, total: u64) {
        let Some(bar) = &self.bar else {
            self.note(format!("{done} of {total}"));
            return;
        };
        if bar.length() != Some(total) {
            let template =
                "  {spinner} {prefix} [{bar:30}] {human_pos} of {human_len} {wide_msg:.dim}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_length(total);
        }
        bar.set_position(done);
    }

    /// The step went well.
    pub fn done(self, detail: impl AsRef<str>) {
        self.end("✓", detail.as_ref());
    }

    /// The step did not; the error itself is reported by the caller.
    pub fn failed(self, detail: impl AsRef<str>) {
        self.end("✗", detail.as_ref());
    }

    fn end(mut self, mark: &str, detail: &str) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let seconds = self.started.elapsed().as_secs_f32();
        let detail = if detail.is_empty() {
            String::new()
        } else {
            format!(": {detail}")
        };
        self.progress
            .say(format!("  {mark}  {}{detail} ({seconds:.1} s)", self.title));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
