//! Which instances are asked: those that are named, and those that somebody else knows.

mod dns_srv;
mod target_groups;

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::address::{Address, InvalidAddress};
use crate::service::{Answer, Service, ServiceError};

use dns_srv::DnsError;
use target_groups::UnreadableTargets;

/// Which instances are asked.
#[derive(Args, Debug)]
pub(crate) struct InstanceArguments {
    /// Where MAD of each instance is: `shop-1.example.com:9464`
    #[arg(value_name = "URL", required_unless_present_any = ["file_sd", "http_sd", "dns_srv"])]
    urls: Vec<Address>,
    /// Asks the targets of a file that Prometheus reads as well (`file_sd`: JSON or YAML)
    #[arg(long, value_name = "FILE")]
    file_sd: Vec<PathBuf>,
    /// Asks the targets that are listed there (`http_sd` of Prometheus); it gets no token
    #[arg(long, value_name = "URL")]
    http_sd: Vec<String>,
    /// Asks all that DNS names for this service: `_mad._tcp.shop.example.com`
    #[arg(long, value_name = "NAME")]
    dns_srv: Vec<String>,
    /// Asks this DNS server instead of those of the system: `127.0.0.1:8600`
    #[arg(long, value_name = "IP:PORT", requires = "dns_srv")]
    dns_server: Option<SocketAddr>,
}

impl InstanceArguments {
    /// Finds them, each once, in the order in which they were named.
    pub(crate) fn find(&self, timeout: Duration) -> Result<Vec<Address>, InstancesError> {
        let mut found = self.urls.clone();
        for file in &self.file_sd {
            found.extend(from_file(file)?);
        }
        for url in &self.http_sd {
            found.extend(from_service(url, timeout)?);
        }
        for name in &self.dns_srv {
            let named = dns_srv::look_up(name, self.dns_server, timeout)
                .map_err(|error| InstancesError::Dns(name.clone(), error))?;
            found.extend(named);
        }
        let mut seen = HashSet::new();
        found.retain(|address| seen.insert(address.clone()));
        if found.is_empty() {
            return Err(InstancesError::None);
        }
        Ok(found)
    }
}

fn from_file(file: &Path) -> Result<Vec<Address>, InstancesError> {
    let text =
        fs::read_to_string(file).map_err(|error| InstancesError::File(file.to_owned(), error))?;
    target_groups::read(&text)
        .map_err(|error| InstancesError::Targets(file.display().to_string(), error))
}

fn from_service(url: &str, timeout: Duration) -> Result<Vec<Address>, InstancesError> {
    let refused = |error| InstancesError::Http(url.to_owned(), error);
    let address: Address = url
        .parse()
        .map_err(|error| InstancesError::Address(url.to_owned(), error))?;
    let answer = Service::new(address, None, timeout)
        .get_address(url)
        .and_then(Answer::successful)
        .map_err(refused)?;
    target_groups::read(&answer.text)
        .map_err(|error| InstancesError::Targets(url.to_owned(), error))
}

/// Why it is not known who is to be asked.
#[derive(Debug)]
pub(crate) enum InstancesError {
    File(PathBuf, io::Error),
    Http(String, ServiceError),
    Address(String, InvalidAddress),
    Targets(String, UnreadableTargets),
    Dns(String, DnsError),
    None,
}

impl fmt::Display for InstancesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file, error) => write!(f, "{} cannot be read: {error}", file.display()),
            Self::Http(url, error) => write!(f, "{url}: {error}"),
            Self::Address(url, error) => write!(f, "{url}: {error}"),
            Self::Targets(source, error) => write!(f, "{source}: {error}"),
            Self::Dns(name, error) => write!(f, "{name}: {error}"),
            Self::None => f.write_str("nobody is to be asked: there are no targets where you look"),
        }
    }
}

impl std::error::Error for InstancesError {}
