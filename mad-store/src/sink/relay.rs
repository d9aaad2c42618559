//! A relay that speaks rrdcached's protocol to both sides.

use std::convert::Infallible;
use std::io::{self, BufReader, BufWriter, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::rrd_protocol::{Connection, UNAVAILABLE, read_line};
use super::{SinkError, Target, shard_of};

/// So many clients are served at once; who comes then is turned away.
const MOST_CLIENTS: usize = 64;

/// A client that says nothing for so long is gone.
const IDLE: Duration = Duration::from_mins(5);

/// How long to wait when no client can be accepted.
const BREATH: Duration = Duration::from_millis(50);

/// So many commands fit into one batch: whoever sends more is hung up on, as each is remembered until the end.
const MOST_COMMANDS: usize = 100_000;

/// A server that takes what rrdcached takes and passes it on to one of several, by the host that a path begins with.
///
/// It keeps nothing: a command is answered when the server behind has answered it. Whoever sends too fast waits, and
/// what cannot be passed on is an error that the client hears of, so that whoever has the data keeps it. Servers
/// behind may be relays themselves.
///
/// ```no_run
/// use mad_store::sink::Relay;
///
/// let target = "rrdcached://rrd-1:42217,rrd-2:42217".parse()?;
/// let relay = Relay::bind("127.0.0.1:42217", &target)?;
/// relay.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Relay {
    listener: TcpListener,
    shards: Arc<[String]>,
}

impl Relay {
    /// Listens at an address for what is to go to the servers of a target.
    ///
    /// # Errors
    ///
    /// If the address cannot be had, or the target is no rrdcached.
    pub fn bind(address: impl ToSocketAddrs, target: &Target) -> io::Result<Self> {
        let shards = target.rrdcached_addresses().ok_or_else(|| {
            let reason = "a relay passes on to rrdcached://";
            io::Error::new(io::ErrorKind::InvalidInput, reason)
        })?;
        Ok(Self {
            listener: TcpListener::bind(address)?,
            shards: shards.into(),
        })
    }

    /// The address that it listens at.
    ///
    /// # Errors
    ///
    /// If the system does not say.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves clients, each on a thread, until the system gives no more of them.
    ///
    /// # Errors
    ///
    /// If clients can no longer be accepted.
    pub fn run(&self) -> io::Result<Infallible> {
        let seats = Arc::new(AtomicUsize::new(0));
        loop {
            match self.listener.accept() {
                Ok((client, _)) => self.seat(client, &seats),
                Err(error) if is_passing(error.kind()) => thread::sleep(BREATH),
                Err(error) => return Err(error),
            }
        }
    }

    fn seat(&self, client: TcpStream, seats: &Arc<AtomicUsize>) {
        let Some(seat) = Seat::take(seats) else {
            turn_away(&client);
            return;
        };
        let shards = Arc::clone(&self.shards);
        let serve = move || {
            // That a client has gone is no mistake.
            _ = Client::new(client, &shards).and_then(|mut client| client.serve());
            drop(seat);
        };
        // Without a thread the client sees its connection end, and comes again.
        _ = thread::Builder::new()
            .name("mad-relay".to_owned())
            .spawn(serve);
    }
}

/// Whether what keeps a client from being accepted is the client's, or will pass.
fn is_passing(kind: io::ErrorKind) -> bool {
    // Too many open files, among others, have no kind that could be named.
    !matches!(
        kind,
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}

fn turn_away(mut client: &TcpStream) {
    // It may have gone already.
    _ = writeln!(client, "-1 {UNAVAILABLE} too many clients");
}

/// A place among those who are served.
struct Seat(Arc<AtomicUsize>);

impl Seat {
    fn take(seats: &Arc<AtomicUsize>) -> Option<Self> {
        let seat = Self(Arc::clone(seats));
        // Given back when it is dropped, also if there are too many.
        (seats.fetch_add(1, Ordering::Relaxed) < MOST_CLIENTS).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A client, and its connections to the servers behind.
struct Client<'shards> {
    input: BufReader<TcpStream>,
    output: BufWriter<TcpStream>,
    shards: &'shards [String],
    servers: Vec<Option<Connection>>,
}

impl<'shards> Client<'shards> {
    fn new(stream: TcpStream, shards: &'shards [String]) -> io::Result<Self> {
        stream.set_read_timeout(Some(IDLE))?;
        stream.set_write_timeout(Some(IDLE))?;
        Ok(Self {
            input: BufReader::new(stream.try_clone()?),
            output: BufWriter::new(stream),
            shards,
            servers: shards.iter().map(|_| None).collect(),
        })
    }

    fn serve(&mut self) -> io::Result<()> {
        loop {
            let line = read_line(&mut self.input)?;
            let mut words = line.split_ascii_whitespace();
            let command = words.next().unwrap_or_default().to_ascii_uppercase();
            match (command.as_str(), words.next()) {
                ("QUIT", _) => return Ok(()),
                ("PING", _) => writeln!(self.output, "0 PONG")?,
                ("BATCH", _) => self.batch()?,
                ("FLUSHALL", _) => self.for_all(&line)?,
                (
                    "UPDATE" | "CREATE" | "FLUSH" | "FORGET" | "PENDING" | "LAST" | "FIRST"
                    | "INFO" | "FETCH",
                    Some(path),
                ) => {
                    let shard = self.shard(path);
                    self.pass_on(shard, &line)?;
                }
                _ => writeln!(self.output, "-1 Unknown command: {command}")?,
            }
            self.output.flush()?;
        }
    }

    /// The shard of a path, by its first folder.
    fn shard(&self, path: &str) -> usize {
        let path = path.trim_start_matches('/');
        shard_of(self.shards, path.split('/').next().unwrap_or_default())
    }

    /// Passes a command on, and the whole answer back.
    fn pass_on(&mut self, shard: usize, line: &str) -> io::Result<()> {
        match self.ask(shard, line) {
            Ok(lines) => lines
                .iter()
                .try_for_each(|line| writeln!(self.output, "{line}")),
            Err(error) => writeln!(self.output, "-1 {UNAVAILABLE} {error}"),
        }
    }

    fn for_all(&mut self, line: &str) -> io::Result<()> {
        for shard in 0..self.shards.len() {
            if let Err(error) = self.ask(shard, line) {
                return writeln!(self.output, "-1 {UNAVAILABLE} {error}");
            }
        }
        writeln!(self.output, "0 Started flush.")
    }

    fn ask(&mut self, shard: usize, line: &str) -> Result<Vec<String>, SinkError> {
        let mut server = self.server(shard)?;
        server.write(format_args!("{line}\n"))?;
        let first = server.line()?;
        let n_more = first
            .split(' ')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or(0);
        let mut lines = vec![first];
        for _ in 0..n_more {
            lines.push(server.line()?);
        }
        self.servers[shard] = Some(server);
        Ok(lines)
    }

    /// Takes the connection to a server out, or makes one. It is put back when all went well.
    fn server(&mut self, shard: usize) -> Result<Connection, SinkError> {
        match self.servers[shard].take() {
            Some(server) => Ok(server),
            None => Connection::open(&self.shards[shard]),
        }
    }

    /// Hands the commands of a batch out as they come, and gathers what failed under the numbers that they had here.
    fn batch(&mut self) -> io::Result<()> {
        writeln!(
            self.output,
            "0 Go ahead.  End with dot '.' on its own line."
        )?;
        self.output.flush()?;
        let mut parts: Vec<Option<Part>> = self.shards.iter().map(|_| None).collect();
        let mut errors = Vec::new();
        for number in 1.. {
            let line = read_line(&mut self.input)?;
            if line == "." {
                break;
            }
            if number > MOST_COMMANDS {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let Some(path) = line.split_ascii_whitespace().nth(1) else {
                errors.push((number, "Unknown command".to_owned()));
                continue;
            };
            let shard = self.shard(path);
            if parts[shard].is_none() {
                let server = self.server(shard);
                parts[shard] = Some(Part::begin(server));
            }
            if let Some(part) = &mut parts[shard] {
                part.add(number, &line);
            }
        }
        for (shard, part) in parts.into_iter().enumerate() {
            if let Some(part) = part {
                self.servers[shard] = part.end(&mut errors);
            }
        }
        errors.sort_unstable();
        writeln!(self.output, "{} errors", errors.len())?;
        errors
            .iter()
            .try_for_each(|(number, reason)| writeln!(self.output, "{number} {reason}"))
    }
}

/// What of a batch goes to one server.
struct Part {
    server: Result<Connection, SinkError>,
    /// The numbers that its commands have in the whole batch.
    numbers: Vec<usize>,
}

impl Part {
    fn begin(server: Result<Connection, SinkError>) -> Self {
        let server = server.and_then(|mut server| {
            server.begin_batch()?;
            Ok(server)
        });
        let numbers = Vec::new();
        Self { server, numbers }
    }

    fn add(&mut self, number: usize, line: &str) {
        self.numbers.push(number);
        if let Ok(server) = &mut self.server
            && let Err(error) = server.write(format_args!("{line}\n"))
        {
            self.server = Err(error);
        }
    }

    /// Adds what failed, and returns the connection if it is still good.
    fn end(self, errors: &mut Vec<(usize, String)>) -> Option<Connection> {
        let ended = self.server.and_then(|mut server| {
            let failed = server.end_batch()?;
            Ok((server, failed))
        });
        match ended {
            Ok((server, failed)) => {
                let number = |index: usize| self.numbers.get(index).copied().unwrap_or_default();
                errors.extend(
                    failed
                        .into_iter()
                        .map(|(index, reason)| (number(index), reason)),
                );
                Some(server)
            }
            // Nobody knows which of them arrived: all of them may come again.
            Err(error) => {
                let reason = format!("{UNAVAILABLE} {error}");
                errors.extend(
                    self.numbers
                        .into_iter()
                        .map(|number| (number, reason.clone())),
                );
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    /// Sends bytes to a relay with nobody behind it, and returns what it answers until it hangs up.
    fn ask(bytes: &[u8]) -> String {
        let target = "rrdcached://127.0.0.1:1".parse().unwrap();
        let relay = Relay::bind("127.0.0.1:0", &target).unwrap();
        let address = relay.local_address().unwrap();
        let serve = thread::Builder::new().spawn(move || _ = relay.run());
        drop(serve.unwrap());
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .unwrap();
        // It may hang up before it has read all.
        _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer) {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        }
        String::from_utf8(answer).unwrap()
    }

    #[test]
    fn what_is_wrong_in_a_batch_is_told_by_its_number() {
        let answer = ask(b"BATCH\nUPDATE\nUPDATE a/b 1:2\n.\nQUIT\n");
        let lines: Vec<_> = answer.lines().collect();
        assert_eq!(lines[1..3], ["2 errors", "1 Unknown command"]);
        assert!(lines[3].starts_with("2 unavailable: "), "{answer}");
    }

    #[test]
    fn a_batch_without_an_end_is_hung_up_on() {
        let mut endless = b"BATCH\n".to_vec();
        endless.extend(b"x\n".repeat(2 * MOST_COMMANDS));
        // The connection stays open at this side: it is the relay that ends it.
        let answer = ask(&endless);
        assert!(answer.lines().count() <= 1, "{answer}");
    }
}
