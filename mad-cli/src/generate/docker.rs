//! The instruction `HEALTHCHECK` for a Dockerfile.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::common::{Made, Service};
use super::pace;
use crate::arguments::time;

/// How the instruction is written.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// What is asked for
    #[arg(long, default_value = "livez")]
    probe: Probe,
    /// Who asks
    #[arg(long, default_value = "own")]
    client: Client,
    /// Where the program that asks is in the image: `/usr/local/bin/NAME`, or `/usr/local/bin/mad`
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// The port on which MAD answers in the container
    #[arg(long, default_value_t = 9464)]
    port: u16,
    /// How long a start may take until failures count
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = time)]
    start_within: Duration,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Probe {
    /// Is it alive?
    Livez,
    /// May it be sent requests?
    Readyz,
}

/// Who asks.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Client {
    /// The service's own program, whose `main` begins with `mad_exporter::probe_main()`
    Own,
    /// `mad probe`
    Mad,
}

pub(super) fn make(service: &Service<'_>, options: &Options) -> Vec<Made> {
    let (path, word, failures) = match options.probe {
        Probe::Livez => ("livez", "liveness", 3),
        Probe::Readyz => ("readyz", "readiness", 1),
    };
    let url = format!("http://127.0.0.1:{}{}/{path}", options.port, service.prefix);
    let (default, argument) = match options.client {
        Client::Own => (format!("/usr/local/bin/{}", service.name), "--health-probe"),
        Client::Mad => ("/usr/local/bin/mad".to_owned(), "probe"),
    };
    let program = options.program.as_ref();
    let program = program.map_or(default, |program| program.display().to_string());
    let interval = pace::period(service.checks, word);
    let start = options.start_within.as_secs().max(1);
    let text = format!(
        "# Written by `mad generate docker`: asked as often as the quickest check runs that gates the probe.\n\
         HEALTHCHECK --interval={interval}s --timeout=2s --start-period={start}s --retries={failures} \\\n    \
         CMD {}\n",
        json!([program, argument, url])
    );
    vec![Made {
        file: format!("{}.Dockerfile", service.name),
        text,
    }]
}
