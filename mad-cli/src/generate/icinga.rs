//! Services for Icinga 2, one for each health check, asked by `mad check`.

use std::fmt::Write as _;

use clap::Args;

use super::common::{Made, Service, one_line};
use super::nagios::{Plugin, SHORTEST_INTERVAL, described};
use super::pace;
use crate::catalogue::HealthCheck;

/// How the services are written.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    plugin: Plugin,
}

pub(super) fn make(service: &Service<'_>, options: &Options) -> Vec<Made> {
    let name = service.name;
    let mut text = format!(
        "// Written by `mad generate icinga`. How many failures in a row count is decided in the service (`fail_after`),\n\
         // so that the first answer counts.\n\
         \n\
         object CheckCommand \"mad_{name}\" {{\n  \
           command = [ {}, \"check\" ]\n  \
           arguments = {{\n    \
             \"--only\" = \"$mad_check$\"\n    \
             \"--token-file\" = \"$mad_token_file$\"\n    \
             url = {{ value = \"$mad_url$\"; skip_key = true; required = true; order = -1 }}\n  \
           }}\n  \
           vars.mad_url = {}\n\
         }}\n",
        literal(&options.plugin.mad.display().to_string()),
        literal_macro(&format!(
            "http://$address$:{}{}",
            options.plugin.port, service.prefix
        )),
    );
    watch(&mut text, name, "health", SHORTEST_INTERVAL, &[]);
    for check in &service.checks.health_checks {
        let every = check.every_seconds.max(SHORTEST_INTERVAL);
        watch(&mut text, name, &check.about.name, every, &about(check));
        for cause in &check.about.after {
            depend(&mut text, name, &check.about.name, cause);
        }
    }
    vec![Made {
        file: format!("{name}.conf"),
        text,
    }]
}

/// What is said of one health check beside how it is asked.
fn about(check: &HealthCheck) -> Vec<(&'static str, String)> {
    let about = &check.about;
    let facts = [
        ("vars.mad_check", Some(about.name.as_str())),
        ("vars.owner", about.owner.as_deref()),
        ("notes", Some(about.summary.as_str())),
        ("notes_url", about.runbook.as_deref()),
    ];
    let known = facts
        .into_iter()
        .filter_map(|(name, fact)| Some((name, literal(fact?))));
    known.collect()
}

fn watch(text: &mut String, service: &str, name: &str, every: f64, more: &[(&str, String)]) {
    let every = pace::whole_seconds(every);
    _ = write!(
        text,
        "\napply Service {} {{\n  check_command = \"mad_{service}\"\n  check_interval = {every}s\n  \
         retry_interval = {every}s\n  max_check_attempts = 1\n",
        literal(&described(service, name))
    );
    for (name, value) in more {
        _ = writeln!(text, "  {name} = {value}");
    }
    _ = write!(text, "  assign where \"{service}\" in host.vars.mad\n}}\n");
}

fn depend(text: &mut String, service: &str, check: &str, cause: &str) {
    _ = write!(
        text,
        "\napply Dependency {} to Service {{\n  parent_service_name = {}\n  disable_notifications = true\n  \
         states = [ OK, Warning ]\n  assign where \"{service}\" in host.vars.mad && service.name == {}\n}}\n",
        literal(&format!("{check} after {cause}")),
        literal(&described(service, cause)),
        literal(&described(service, check))
    );
}

/// A text that somebody wrote; a dollar sign begins no macro in it.
fn literal(text: &str) -> String {
    literal_macro(&text.replace('$', "$$"))
}

fn literal_macro(text: &str) -> String {
    let escaped = one_line(text).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_text_stays_one_string() {
        assert_eq!(literal("a \"b\"\n\\ $c$"), r#""a \"b\" \\ $$c$$""#);
    }
}
