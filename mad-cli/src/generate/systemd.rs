//! A unit for systemd.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::common::{Made, Service};
use super::pace;
use crate::arguments::time;
use crate::catalogue::seconds;

/// The shortest time after which a silent service is ended, in seconds: half of it is how often one that is well
/// says so.
const SHORTEST_WATCHDOG: f64 = 10.0;

/// How the unit is written.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The program of the service; what `--from` names, or else `/usr/local/bin/NAME`
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// Where `mad` is
    #[arg(long, value_name = "PATH", default_value = "/usr/local/bin/mad")]
    mad: PathBuf,
    /// The port on which MAD answers
    #[arg(long, default_value_t = 9464)]
    port: u16,
    /// How long a start may take before it is given up
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = time)]
    start_within: Duration,
    /// How long load balancers have after a drain to send nothing more
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = time)]
    notice: Duration,
}

pub(super) fn make(service: &Service<'_>, options: &Options) -> Vec<Made> {
    let name = service.name;
    let watchdog = (2.0 * pace::slowest_turn(service.checks, "liveness")).max(SHORTEST_WATCHDOG);
    let watchdog = pace::whole_seconds(watchdog);
    let start = options.start_within.as_secs().max(1);
    let notice = seconds(options.notice.as_secs_f64());
    let url = format!("http://127.0.0.1:{}{}", options.port, service.prefix);
    let mad = word(&options.mad.display().to_string());
    let mut text = String::new();
    _ = write!(
        text,
        "# Written by `mad generate systemd`.\n\
         [Unit]\n\
         Description={name}\n\
         Wants=network-online.target\n\
         After=network-online.target\n\
         \n\
         [Service]\n\
         # It says itself when it has come up, and how it is.\n\
         Type=notify\n\
         TimeoutStartSec={start}\n\
         ExecStart={}\n\
         # MAD_TOKEN=.., and what else the program reads.\n\
         EnvironmentFile=-/etc/{name}/environment\n\
         # A user of its own, who may write to /var/lib/{name} and to a folder for temporary files that nobody else sees.\n\
         DynamicUser=yes\n\
         StateDirectory={name}\n\
         # It gives a sign of life while liveness passes. In this time every check of that has another turn.\n\
         WatchdogSec={watchdog}\n\
         Restart=on-failure\n\
         # Readiness fails, and load balancers have time to notice, before it is told to end.\n\
         ExecStop=-{mad} drain {} --wait {notice}\n\
         \n\
         [Install]\n\
         WantedBy=multi-user.target\n",
        word(&program(service, options)),
        word(&url),
    );
    vec![Made {
        file: format!("{name}.service"),
        text,
    }]
}

fn program(service: &Service<'_>, options: &Options) -> String {
    let asked = service.program.map(|program| {
        // One that cannot be found any more stays as it was said.
        std::path::absolute(program).unwrap_or_else(|_| program.to_owned())
    });
    let chosen = options.program.clone().or(asked);
    chosen.map_or_else(
        || format!("/usr/local/bin/{}", service.name),
        |program| program.display().to_string(),
    )
}

/// A word of a command line, as systemd reads it.
fn word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-:+=[]".contains(letter);
    // It expands what is behind a percent sign or a dollar sign.
    let literal = text.replace('%', "%%").replace('$', "$$");
    if text.chars().all(is_plain) {
        return literal;
    }
    let escaped = literal.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn a_word_stays_one_and_nothing_in_it_is_expanded() {
        assert_eq!(word("/usr/bin/shop"), "/usr/bin/shop");
        assert_eq!(word("/opt/a b\"\\$x%n"), r#""/opt/a b\"\\$$x%%n""#);
    }
}
