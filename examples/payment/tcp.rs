//! The real bank: a server that is asked over TCP, a line for a line.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::bank::{Bank, BankError, Receipt};

/// How long the bank may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The bank at an address.
#[derive(Clone, Debug)]
pub(crate) struct TcpBank {
    address: SocketAddr,
}

impl TcpBank {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Sends a request and returns the number in the answer.
    fn ask(&self, request: &str) -> Result<u32, BankError> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        writeln!(stream, "{request}")?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer)?;
        match answer.trim_end().split_once(' ') {
            Some(("ok", number)) => number.parse().map_err(|_| unreadable(&answer)),
            Some(("no", reason)) => Err(BankError::Refused {
                reason: reason.to_owned(),
            }),
            _ => Err(unreadable(&answer)),
        }
    }
}

impl Bank for TcpBank {
    fn charge(&self, card: &str, cents: u32) -> Result<Receipt, BankError> {
        self.ask(&format!("charge {card} {cents}")).map(Receipt)
    }

    fn refund(&self, Receipt(number): Receipt) -> Result<(), BankError> {
        self.ask(&format!("refund {number}")).map(drop)
    }
}

fn unreadable(answer: &str) -> BankError {
    let message = format!("its answer makes no sense: {answer:?}");
    io::Error::new(io::ErrorKind::InvalidData, message).into()
}
