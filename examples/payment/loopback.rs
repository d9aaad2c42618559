//! A little bank on this machine, to have one.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// What is on every card.
const BALANCE: u32 = 1_000;

/// The books: of each payment, numbered from 1, what was taken and not given back.
#[derive(Default)]
struct Books(Vec<u32>);

/// Opens the bank on a free port, for as long as the program runs.
pub(crate) fn start() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let bank = thread::Builder::new().name("bank".to_owned());
    bank.spawn(move || {
        let mut books = Books::default();
        for customer in listener.incoming().flatten() {
            // One who goes away in between harms nobody else.
            _ = serve(&customer, &mut books);
        }
    })?;
    Ok(address)
}

fn serve(mut customer: &TcpStream, books: &mut Books) -> io::Result<()> {
    let mut request = String::new();
    BufReader::new(customer).read_line(&mut request)?;
    let words: Vec<_> = request.split_whitespace().collect();
    match books.answer(&words) {
        Ok(number) => writeln!(customer, "ok {number}"),
        Err(reason) => writeln!(customer, "no {reason}"),
    }
}

impl Books {
    fn answer(&mut self, request: &[&str]) -> Result<usize, &'static str> {
        match request {
            ["charge", _card, cents] => self.charge(cents.parse().map_err(|_| "no amount")?),
            ["refund", number] => self.refund(number.parse().map_err(|_| "no number")?),
            _ => Err("charge CARD CENTS, or refund NUMBER"),
        }
    }

    fn charge(&mut self, cents: u32) -> Result<usize, &'static str> {
        let taken: u32 = self.0.iter().sum();
        if cents > BALANCE - taken {
            return Err("the card does not hold as much");
        }
        self.0.push(cents);
        Ok(self.0.len())
    }

    fn refund(&mut self, number: usize) -> Result<usize, &'static str> {
        let payment = number.checked_sub(1).and_then(|at| self.0.get_mut(at));
        *payment.ok_or("there is no such payment")? = 0;
        Ok(number)
    }
}
