//! `mad relay`: rrdcached's protocol, passed on.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use clap::Args;
use mad_store::sink::{Relay, Target};

use crate::exit::Exit;
use crate::output::{complain, complain_of, print};

/// Takes what rrdcached takes and passes it on to one of several, by host
///
/// It keeps nothing: a command is answered when the daemon behind has answered, and an error that `mad push` tries again
/// if that is away. Relays can be chained. As with rrdcached itself, whoever reaches the port may write.
///
/// Exit codes: 2 the address cannot be had, or the command makes no sense; otherwise it runs until it is ended.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct RelayArguments {
    /// Where it listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:42217")]
    listen: SocketAddr,
    /// The daemons behind: `rrdcached://rrd-1,rrd-2:42218`
    #[arg(long, value_name = "ADDRESS")]
    to: Target,
}

pub(crate) fn run(arguments: &RelayArguments) -> Exit {
    let Err(error) = serve(arguments);
    complain_of(&error);
    Exit::Trouble
}

fn serve(arguments: &RelayArguments) -> io::Result<Infallible> {
    let relay = Relay::bind(arguments.listen, &arguments.to)?;
    let address = relay.local_address()?;
    if !address.ip().is_loopback() {
        complain("whoever reaches this port may write: let nobody do so who should not");
    }
    print(format_args!("relay {address} to {}\n", arguments.to));
    relay.run()
}
