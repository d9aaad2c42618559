//! `mad describe`: what a service checks, in words.

mod markdown;
mod words;

use std::time::Duration;

use clap::Args;

use crate::address::Address;
use crate::arguments::{TokenArguments, time};
use crate::catalogue::Catalogue;
use crate::exit::Exit;
use crate::output::{complain, print};
use crate::service::{Service, ServiceError};
use crate::token::Token;

/// Says what a service checks, in words or as a runbook
///
/// Exit codes: 0 it is said; 2 nobody could be asked.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct DescribeArguments {
    /// Where MAD of the service is: `shop.example.com:9464`
    url: Address,
    /// Writes a runbook in Markdown, a section for each check
    #[arg(long)]
    markdown: bool,
    /// How long it may take
    #[arg(short, long, default_value = "10s", value_parser = time)]
    timeout: Duration,
    #[command(flatten)]
    token: TokenArguments,
}

pub(crate) fn run(arguments: &DescribeArguments) -> Exit {
    let token = match Token::find(&arguments.token) {
        Ok(token) => token,
        Err(error) => {
            complain(error);
            return Exit::Trouble;
        }
    };
    let service = Service::new(arguments.url.clone(), token, arguments.timeout);
    match catalogue(&service) {
        Ok(catalogue) if arguments.markdown => print(markdown::runbook(&catalogue)),
        Ok(catalogue) => print(words::words(&catalogue)),
        Err(error) => {
            complain(format_args!("{}: {error}", service.address));
            return Exit::Trouble;
        }
    }
    Exit::Success
}

fn catalogue(service: &Service) -> Result<Catalogue, ServiceError> {
    service.get("checks")?.successful()?.read()
}
