//! One self-test, run against a mock under `cargo test` and against the real bank in the program.
//!
//! ```sh
//! cargo test --example payment     # the mock
//! cargo run --example payment      # the bank; MAD_LISTEN=127.0.0.1:0 takes any free port
//! curl -X POST -H 'Content-Type: application/json' -d '{"effects":"scratch"}' \
//!     http://127.0.0.1:9464/selftest
//! ```
//!
//! `bank.rs` has the trait, `till.rs` the self-test and the mock; docs/mocks.md explains them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to who started it"
)]

mod bank;
mod loopback;
mod tcp;
mod till;

use std::env;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use mad_core::Effects;
use mad_exporter::Exporter;

use tcp::TcpBank;
use till::Till;

fn main() -> ExitCode {
    let Err(error) = run() else {
        return ExitCode::SUCCESS;
    };
    eprintln!("payment: {error}");
    ExitCode::FAILURE
}

fn run() -> Result<(), Box<dyn Error>> {
    // Elsewhere the bank is somebody else's.
    let bank = loopback::start()?;
    let till = Till {
        bank: Box::new(TcpBank::new(bank)),
    };
    let exporter = Exporter::builder()
        .provide(till)
        .allow_effects(Effects::Scratch)
        .token_from_env("MAD_TOKEN") // without one, only callers on this host start self-tests
        .listen(address()?)
        .start()?;
    if let Some(address) = exporter.local_addr() {
        println!("mad   http://{address}");
    }
    loop {
        std::thread::park(); // the till itself
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the program is configured"
)]
fn address() -> Result<SocketAddr, Box<dyn Error>> {
    let text = env::var("MAD_LISTEN").unwrap_or("127.0.0.1:9464".to_owned());
    let address = text.parse();
    address.map_err(|_| format!("MAD_LISTEN is `{text}`, not an IP address and a port").into())
}

#[cfg(test)]
mod tests {
    /// What the page shows is the code of this example.
    #[test]
    fn the_page_about_mocks_shows_this_code() {
        let page = include_str!("../../docs/mocks.md");
        let sources = [
            include_str!("bank.rs"),
            include_str!("till.rs"),
            include_str!("main.rs"),
        ];
        let blocks = page.split("```rust\n").skip(1);
        let blocks: Vec<_> = blocks.filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(blocks.len(), 4);
        for block in blocks {
            let block = without_indent(block);
            let mut sources = sources.iter().map(|source| without_indent(source));
            assert!(sources.any(|source| source.contains(&block)), "{block}");
        }
    }

    fn without_indent(text: &str) -> String {
        let lines = text.lines().map(str::trim_start);
        lines.collect::<Vec<_>>().join("\n")
    }
}
