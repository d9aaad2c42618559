//! Named steps that are timed, that go on after a failure, and that are summed up at the end.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// What a stage came to.
#[derive(Debug)]
enum Verdict {
    Passed,
    Failed(String),
    Skipped(String),
}

#[derive(Debug)]
struct Stage {
    name: &'static str,
    verdict: Verdict,
    took: Duration,
}

/// The stages so far.
#[derive(Debug, Default)]
pub(crate) struct Stages(Vec<Stage>);

impl Stages {
    /// Runs a stage and says whether it passed.
    pub(crate) fn run(&mut self, name: &'static str, run: impl FnOnce() -> crate::Result) -> bool {
        println!("\n== {name}");
        let start = Instant::now();
        let verdict = match run() {
            Ok(()) => Verdict::Passed,
            Err(error) => Verdict::Failed(error.to_string()),
        };
        let took = start.elapsed();
        if let Verdict::Failed(why) = &verdict {
            eprintln!("== {name} failed: {why}");
        }
        let passed = matches!(verdict, Verdict::Passed);
        self.0.push(Stage {
            name,
            verdict,
            took,
        });
        passed
    }

    /// Notes a stage that is not run, and why.
    pub(crate) fn skip(&mut self, name: &'static str, why: impl Into<String>) {
        self.0.push(Stage {
            name,
            verdict: Verdict::Skipped(why.into()),
            took: Duration::ZERO,
        });
    }

    /// Says whether any stage failed.
    pub(crate) fn any_failed(&self) -> bool {
        self.count(|verdict| matches!(verdict, Verdict::Failed(_))) > 0
    }

    /// Returns the table of stages and, as its last line, the counts in the form that CI reads.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        for stage in &self.0 {
            _ = writeln!(text, "{}", stage.row());
        }
        _ = writeln!(
            text,
            "\n{} passed, {} failed, {} skipped",
            self.count(|verdict| matches!(verdict, Verdict::Passed)),
            self.count(|verdict| matches!(verdict, Verdict::Failed(_))),
            self.count(|verdict| matches!(verdict, Verdict::Skipped(_))),
        );
        text
    }

    fn count(&self, is_counted: impl Fn(&Verdict) -> bool) -> usize {
        let counted = self.0.iter().filter(|stage| is_counted(&stage.verdict));
        counted.count()
    }
}

impl Stage {
    fn row(&self) -> String {
        let (word, why) = match &self.verdict {
            Verdict::Passed => ("passed", ""),
            Verdict::Failed(why) => ("failed", why.as_str()),
            Verdict::Skipped(why) => ("skipped", why.as_str()),
        };
        // A row is a line: of a long message, the whole was printed where it happened.
        let why = why.lines().next().unwrap_or_default();
        let seconds = self.took.as_secs_f64();
        let row = format!("{:<12}  {word:<7}  {seconds:>7.1} s  {why}", self.name);
        row.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Stages;

    #[test]
    fn the_summary_lists_every_stage_and_ends_with_the_counts() {
        let mut stages = Stages::default();
        assert!(stages.run("good", || Ok(())));
        assert!(!stages.any_failed());
        assert!(!stages.run("bad", || Err("broken\nin detail".into())));
        stages.skip("absent", "nothing to run");

        assert!(stages.any_failed());
        let summary = stages.summary();
        let lines: Vec<_> = summary.lines().collect();
        assert_eq!(lines[0], "good          passed       0.0 s");
        assert_eq!(lines[1], "bad           failed       0.0 s  broken");
        assert_eq!(lines[2], "absent        skipped      0.0 s  nothing to run");
        assert_eq!(lines[3..], ["", "1 passed, 1 failed, 1 skipped"]);
    }
}
