//! What a relay of rrdcached's protocol is sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use mad_store::sink::Relay;

/// Nothing takes longer on this host.
const PATIENCE: Duration = Duration::from_secs(10);

/// No input is answered with more.
const MOST: u64 = 4 * 1024 * 1024;

/// A relay, with a daemon of ours behind it.
static RELAY: LazyLock<SocketAddr> = LazyLock::new(|| {
    let daemon = TcpListener::bind("127.0.0.1:0").expect("a port");
    let behind = daemon.local_addr().expect("it has one");
    on_a_thread(move || {
        for client in daemon.incoming() {
            on_a_thread(|| _ = client.map(|client| serve(&client)));
        }
    });
    let target = format!("rrdcached://{behind}").parse().expect("an address");
    let relay = Relay::bind("127.0.0.1:0", &target).expect("a port");
    let address = relay.local_address().expect("it has one");
    on_a_thread(move || _ = relay.run());
    address
});

fn on_a_thread(run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().name("relay".to_owned()).spawn(run);
    drop(thread.expect("a thread"));
}

/// Stands for rrdcached: it takes everything, a batch too.
fn serve(client: &TcpStream) {
    let mut is_batch = false;
    for line in BufReader::new(client).lines() {
        let Ok(line) = line else { return };
        let (was_batch, is_end) = (is_batch, line == ".");
        is_batch = line == "BATCH" || was_batch && !is_end;
        let answer = match (was_batch, is_end) {
            (true, false) => continue,
            _ => "0 errors\n",
        };
        let mut client = client;
        if client.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Sends any bytes to a relay: each line of its answer begins with a number, and the next client is served.
///
/// # Panics
///
/// If that does not hold.
pub fn relay(bytes: &[u8]) {
    for line in ask(bytes).split_inclusive('\n') {
        let number = line.split(' ').next().unwrap_or_default();
        assert!(number.parse::<i64>().is_ok(), "{line:?}");
        assert!(line.ends_with('\n'), "{line:?}");
    }
    assert_eq!(ask(b"PING\nQUIT\n"), "0 PONG\n");
}

/// Sends bytes and then nothing more, and returns what is answered until the relay hangs up.
fn ask(bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(*RELAY).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
    // The relay may hang up before it has read all.
    _ = stream.write_all(bytes);
    _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let read = stream.take(MOST).read_to_end(&mut answer);
    if let Err(error) = read {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}");
    }
    // What is left of a line by a reset is none.
    let end = answer
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    String::from_utf8(answer[..end].to_owned()).expect("it answers text")
}
