//! `mad probe`: one question, answered by the exit code.

use std::time::Duration;

use clap::Args;

use crate::address::Address;
use crate::arguments::time;
use crate::exit::Exit;
use crate::output::{complain, print};
use crate::service::Service;

/// Asks a probe, and ends with 0 if it passes and 1 if not; for images without curl
///
/// Without a path the address is that of readiness; name another one to ask about liveness, a part or one check:
/// `mad probe localhost:9464/livez`. Whoever does not answer within the timeout does not pass.
///
/// Exit codes: 0 it passes; 1 it does not; 2 the command makes no sense.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct ProbeArguments {
    /// Where it is asked: `localhost:9464/readyz`
    #[arg(default_value = "localhost:9464")]
    url: Address,
    /// How long it may take
    #[arg(short, long, default_value = "1s", value_parser = time)]
    timeout: Duration,
}

pub(crate) fn run(arguments: &ProbeArguments) -> Exit {
    let service = Service::new(arguments.url.clone(), None, arguments.timeout);
    let address = arguments.url.with_default("readyz");
    match service.get_address(&address) {
        Ok(answer) if answer.is_success() => Exit::Success,
        Ok(answer) => {
            print(&answer.text);
            complain(format_args!("{address} answers {}", answer.status));
            Exit::Failure
        }
        Err(error) => {
            complain(format_args!("{address}: {error}"));
            Exit::Failure
        }
    }
}
