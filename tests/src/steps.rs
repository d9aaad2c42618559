//! What a failed run of a self-test left, in the words of either life.

use serde_json::Value;

/// The steps of a failed run and the message that it ended with. Times are left out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// The steps, from the top of the tree to the bottom.
    pub steps: Vec<Step>,
    /// What went wrong.
    pub message: String,
}

/// A step of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// How many steps it is inside of.
    pub depth: usize,
    /// What is done in it.
    pub name: String,
    /// Whether it ran to its end.
    pub is_finished: bool,
}

impl Failure {
    /// Reads what a failed unit test shows: a line for each step, then the outcome.
    ///
    /// # Panics
    ///
    /// If this self-test did not fail there.
    #[track_caller]
    pub fn of_unit_test(name: &str, printed: &str) -> Self {
        let head = format!("self-test `{name}` did not pass\n");
        let Some((_, tree)) = printed.split_once(&head) else {
            panic!("`{name}` did not fail:\n{printed}");
        };
        let steps = tree.lines().map_while(Step::of_line).collect();
        let message = tree.lines().find_map(|line| line.strip_prefix("fail: "));
        Self {
            steps,
            message: without_time(message.expect("the outcome is shown")).to_owned(),
        }
    }

    /// Reads the report of one run, as JSON.
    ///
    /// # Panics
    ///
    /// If it did not fail.
    #[track_caller]
    pub fn of_report(report: &Value) -> Self {
        let message = report["failure"]["message"].as_str();
        let mut steps = Vec::new();
        collect(&report["steps"], 0, &mut steps);
        Self {
            steps,
            message: message.expect("it failed").to_owned(),
        }
    }
}

impl Step {
    /// Reads `  + name [time]`, where `!` is a step that was not finished.
    fn of_line(line: &str) -> Option<Self> {
        let text = line.trim_start();
        let (mark, name) = text.split_once(' ')?;
        let is_finished = match mark {
            "+" => true,
            "!" => false,
            _ => return None,
        };
        Some(Self {
            depth: (line.len() - text.len()) / 2,
            name: without_time(name).to_owned(),
            is_finished,
        })
    }
}

fn collect(steps: &Value, depth: usize, all: &mut Vec<Step>) {
    for step in steps.as_array().expect("steps are a list") {
        all.push(Step {
            depth,
            name: step["name"].as_str().expect("a step has a name").to_owned(),
            is_finished: step["is_finished"] == true,
        });
        collect(&step["steps"], depth + 1, all);
    }
}

fn without_time(text: &str) -> &str {
    text.rsplit_once(" [").map_or(text, |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_one_run_read_the_same() {
        let printed = "thread 'x' panicked:\nself-test `order` did not pass\n\
            + given a customer [1.0ms]\n! when she [orders] [2ms, not finished]\n  + reserve [1µs]\n\
            observed n = 1 count\nfail: nothing is left [3ms]\nnote: run with ..\n";
        let report = json!({
            "failure": { "message": "nothing is left" },
            "steps": [
                { "name": "given a customer", "is_finished": true, "steps": [] },
                { "name": "when she [orders]", "is_finished": false, "steps": [
                    { "name": "reserve", "is_finished": true, "steps": [] },
                ] },
            ],
        });
        let failure = Failure::of_unit_test("order", printed);
        assert_eq!(failure, Failure::of_report(&report));
        assert_eq!(failure.steps.len(), 3);
        assert_eq!(failure.message, "nothing is left");
    }
}
