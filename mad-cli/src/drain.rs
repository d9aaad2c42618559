//! `mad drain` and `mad resume`: whether an instance is to be sent requests.

use std::thread;
use std::time::Duration;

use clap::Args;

use crate::address::Address;
use crate::arguments::{TokenArguments, time};
use crate::exit::Exit;
use crate::output::complain;
use crate::service::Service;
use crate::token::Token;

/// Drains an instance: readiness fails, so that load balancers send it nothing more, and liveness does not
///
/// `mad resume` takes it back.
///
/// Exit codes: 0 it drains; 2 it could not be told, or refused.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct DrainArguments {
    #[command(flatten)]
    told: Told,
    /// How long to wait after that, for load balancers to notice
    #[arg(long, value_name = "TIME", value_parser = time)]
    wait: Option<Duration>,
}

/// Takes an instance back that was drained
///
/// Exit codes: 0 it serves; 2 it could not be told, or refused.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct ResumeArguments {
    #[command(flatten)]
    told: Told,
}

/// Who is told.
#[derive(Args, Debug)]
struct Told {
    /// Where MAD of the instance is: `shop.example.com:9464`
    url: Address,
    /// How long it may take to answer
    #[arg(short, long, default_value = "10s", value_parser = time)]
    timeout: Duration,
    #[command(flatten)]
    token: TokenArguments,
}

pub(crate) fn drain(arguments: &DrainArguments) -> Exit {
    let exit = arguments.told.order("drain");
    if let (Exit::Success, Some(wait)) = (exit, arguments.wait) {
        thread::sleep(wait);
    }
    exit
}

pub(crate) fn resume(arguments: &ResumeArguments) -> Exit {
    arguments.told.order("resume")
}

impl Told {
    fn order(&self, what: &str) -> Exit {
        let token = match Token::find(&self.token) {
            Ok(token) => token,
            Err(error) => {
                complain(error);
                return Exit::Trouble;
            }
        };
        let service = Service::new(self.url.clone(), token, self.timeout);
        match service.order(what) {
            Ok(()) => Exit::Success,
            Err(error) => {
                complain(format_args!("{}: {error}", service.address));
                Exit::Trouble
            }
        }
    }
}
