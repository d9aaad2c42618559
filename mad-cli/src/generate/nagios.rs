//! Services for Nagios, one for each health check, asked by `mad check`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::common::{Made, Service, one_line};
use super::pace;
use crate::catalogue::{About, HealthCheck};

/// The shortest interval, in seconds: each question starts a process.
pub(super) const SHORTEST_INTERVAL: f64 = 60.0;

/// How the services are written.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) plugin: Plugin,
}

/// How the plugin is called.
#[derive(Args, Debug)]
pub(super) struct Plugin {
    /// Where `mad` is on the host that checks
    #[arg(long, value_name = "PATH", default_value = "/usr/local/bin/mad")]
    pub(super) mad: PathBuf,
    /// The port on which MAD answers
    #[arg(long, default_value_t = 9464)]
    pub(super) port: u16,
}

pub(super) fn make(service: &Service<'_>, options: &Options) -> Vec<Made> {
    let name = service.name;
    let mut text = "\
# Written by `mad generate nagios`. How many failures in a row count is decided in the service (`fail_after`), so that
# the first answer counts. The plugin says why a check fails if it has a token: add `--token-file PATH` to the commands.
"
    .to_owned();
    define(
        &mut text,
        "hostgroup",
        &[("hostgroup_name", name.to_owned())],
    );
    let mad = argument(&options.plugin.mad.display().to_string());
    let url = format!(
        "http://$HOSTADDRESS$:{}{}",
        options.plugin.port,
        macros(service.prefix)
    );
    let commands = [("all", String::new()), ("one", " --only $ARG1$".to_owned())];
    for (which, only) in commands {
        let line = format!("{mad} check {url}{only}");
        let command = [
            ("command_name", format!("mad_check_{which}_of_{name}")),
            ("command_line", line),
        ];
        define(&mut text, "command", &command);
    }
    let whole = Watched {
        name: format!("{name} health"),
        command: format!("mad_check_all_of_{name}"),
        seconds: SHORTEST_INTERVAL,
    };
    define(&mut text, "service", &whole.lines(name));
    for check in &service.checks.health_checks {
        let mut lines = Watched::of(check, name).lines(name);
        lines.extend(about(&check.about));
        define(&mut text, "service", &lines);
        for cause in &check.about.after {
            define(&mut text, "servicedependency", &depends(check, cause, name));
        }
    }
    vec![Made {
        file: format!("{name}.cfg"),
        text,
    }]
}

/// A service in the words of Nagios: something that is asked about.
struct Watched {
    name: String,
    command: String,
    seconds: f64,
}

impl Watched {
    fn of(check: &HealthCheck, service: &str) -> Self {
        Self {
            name: described(service, &check.about.name),
            command: format!("mad_check_one_of_{service}!{}", check.about.name),
            seconds: check.every_seconds.max(SHORTEST_INTERVAL),
        }
    }

    fn lines(&self, service: &str) -> Vec<(&'static str, String)> {
        // Its unit is a minute, unless somebody has changed `interval_length`.
        let minutes = pace::whole_seconds(self.seconds).div_ceil(60).to_string();
        vec![
            ("use", "generic-service".to_owned()),
            ("hostgroup_name", service.to_owned()),
            ("service_description", self.name.clone()),
            ("check_command", self.command.clone()),
            ("check_interval", minutes.clone()),
            ("retry_interval", minutes),
            ("max_check_attempts", "1".to_owned()),
        ]
    }
}

/// What a check is called on a host, which other services may be on as well.
pub(super) fn described(service: &str, check: &str) -> String {
    format!("{service} {check}")
}

/// What operations want to know of a check.
fn about(check: &About) -> Vec<(&'static str, String)> {
    let facts = [
        ("notes", Some(check.summary.as_str())),
        ("notes_url", check.runbook.as_deref()),
        ("_OWNER", check.owner.as_deref()),
    ];
    let known = facts.into_iter().filter_map(|(name, fact)| {
        let fact = value(fact?);
        (!fact.is_empty()).then_some((name, fact))
    });
    known.collect()
}

/// On each host by itself: both services are of the same one.
fn depends(check: &HealthCheck, cause: &str, service: &str) -> Vec<(&'static str, String)> {
    vec![
        ("hostgroup_name", service.to_owned()),
        ("service_description", described(service, cause)),
        (
            "dependent_service_description",
            described(service, &check.about.name),
        ),
        ("execution_failure_criteria", "n".to_owned()),
        ("notification_failure_criteria", "u,c".to_owned()),
    ]
}

fn define(text: &mut String, what: &str, lines: &[(&str, String)]) {
    _ = writeln!(text, "\ndefine {what} {{");
    for (name, value) in lines {
        _ = writeln!(text, "    {name:<30} {value}");
    }
    text.push_str("}\n");
}

/// A text that somebody wrote, as a value: a semicolon begins a comment, a dollar sign a macro, and a backslash at the
/// end takes the next line in.
fn value(text: &str) -> String {
    let line = one_line(text).replace(';', "\\;");
    macros(line.trim_end_matches('\\'))
}

/// A word for the shell that Nagios starts a plugin with.
fn argument(text: &str) -> String {
    macros(&format!("'{}'", text.replace('\'', "'\\''"))).replace(';', "\\;")
}

fn macros(text: &str) -> String {
    text.replace('$', "$$")
}

#[cfg(test)]
mod tests {
    use super::{argument, value};

    #[test]
    fn a_text_stays_one_value() {
        assert_eq!(
            value("a\n}\ndefine x { ; b $USER1$ \\"),
            "a } define x { \\; b $$USER1$$ "
        );
        assert_eq!(argument("/opt/it's $1;"), "'/opt/it'\\''s $$1\\;'");
    }
}
