//! `mad check`: a plugin for Nagios, Icinga and whatever else runs such.

use std::time::Duration;

use clap::Args;

use crate::address::Address;
use crate::arguments::{TokenArguments, time};
use crate::exit::Exit;
use crate::output::print;
use crate::service::{Answer, Service, ServiceError};
use crate::token::Token;

/// Asks for the health of a service as a monitoring plugin does
///
/// Prints a line for the pager, numbers after a bar, and a line for each check. With a token it says why
/// something fails.
///
/// Exit codes: 0 OK; 1 WARNING, a check is degraded or in maintenance; 2 CRITICAL, it does not work or does not
/// answer; 3 UNKNOWN, also for a command that makes no sense.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct CheckArguments {
    /// Where MAD of the service is: `shop.example.com:9464`
    url: Address,
    /// Asks about this health check alone, whether or not it gates a probe
    #[arg(long, value_name = "NAME", value_parser = check_name)]
    only: Option<String>,
    /// How long it may take
    #[arg(short, long, default_value = "10s", value_parser = time)]
    timeout: Duration,
    #[command(flatten)]
    token: TokenArguments,
}

pub(crate) fn run(arguments: &CheckArguments) -> Exit {
    let token = match Token::find(&arguments.token) {
        Ok(token) => token,
        Err(error) => {
            print(format_args!("MAD UNKNOWN - {error}\n"));
            return Exit::Unknown;
        }
    };
    let service = Service::new(arguments.url.clone(), token, arguments.timeout);
    let whom = match &arguments.only {
        Some(check) => format!("actuator/health/{check}"),
        None => "health".to_owned(),
    };
    match service.get(&format!("{whom}?format=nagios")) {
        Ok(answer) => report(&answer, arguments.only.as_deref()),
        Err(error) => {
            print(format_args!(
                "MAD CRITICAL - {}: {}\n",
                service.address,
                line(&error)
            ));
            Exit::Trouble
        }
    }
}

/// Prints what a plugin would, and ends as it says.
fn report(answer: &Answer, only: Option<&str>) -> Exit {
    if let Some(exit) = exit(&answer.text) {
        print(&answer.text);
        return exit;
    }
    if let (Some(check), 404) = (only, answer.status) {
        print(format_args!(
            "MAD UNKNOWN - there is no health check {check:?} there: `mad describe` lists them\n"
        ));
        return Exit::Unknown;
    }
    let foreign = ServiceError::Foreign {
        status: answer.status,
    };
    print(format_args!("MAD UNKNOWN - {foreign}\n"));
    Exit::Unknown
}

/// Reads the name of a check, which becomes part of an address.
fn check_name(text: &str) -> Result<String, String> {
    let is_part = |letter: u8| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"_./-".contains(&letter)
    };
    if !text.is_empty() && text.bytes().all(is_part) {
        Ok(text.to_owned())
    } else {
        Err("a name has small letters, digits and `_./-` in it".to_owned())
    }
}

/// Reads the exit code out of the line, `MAD WARNING - ..`.
fn exit(text: &str) -> Option<Exit> {
    let mut words = text.split(' ');
    match (words.next()?, words.next()?) {
        ("MAD", "OK") => Some(Exit::Success),
        ("MAD", "WARNING") => Some(Exit::Failure),
        ("MAD", "CRITICAL") => Some(Exit::Trouble),
        ("MAD", "UNKNOWN") => Some(Exit::Unknown),
        _ => None,
    }
}

/// Makes one line of it, without the bar that numbers come after.
fn line(error: &ServiceError) -> String {
    error.to_string().replace(['\n', '|'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_that_of_the_word() {
        assert_eq!(exit("MAD OK - 3 checks up\n"), Some(Exit::Success));
        assert_eq!(
            exit("MAD WARNING - a degraded | x=1\n"),
            Some(Exit::Failure)
        );
        assert_eq!(exit("MAD CRITICAL - a down\n"), Some(Exit::Trouble));
        assert_eq!(exit("MAD UNKNOWN - a unknown\n"), Some(Exit::Unknown));
        assert_eq!(exit("<html> OK"), None);
        assert_eq!(exit(""), None);
    }
}
