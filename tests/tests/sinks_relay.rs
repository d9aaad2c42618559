//! A relay before rrdcached bounds what a client may ask of it, and no client hinders another.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use mad_store::sink::Relay;
use tests::{Recorded, Rrdcached, causes, eventually};

/// A relay before a daemon, and its address.
fn relay_before(rrdcached: &Rrdcached) -> String {
    let behind = format!("rrdcached://{}", rrdcached.address());
    let relay = Relay::bind("127.0.0.1:0", &behind.parse().unwrap()).unwrap();
    let address = relay.local_address().unwrap().to_string();
    thread::Builder::new().spawn(move || relay.run()).unwrap();
    address
}

/// A client that speaks by hand.
struct Client(BufReader<TcpStream>);

impl Client {
    #[track_caller]
    fn of(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .unwrap();
        Self(BufReader::new(stream))
    }

    #[track_caller]
    fn say(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// The next line; nothing if the relay has hung up.
    #[track_caller]
    fn hear(&mut self) -> String {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(_) => line.trim_end().to_owned(),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => String::new(),
            Err(error) => panic!("{error}"),
        }
    }

    #[track_caller]
    fn is_served(&mut self) -> bool {
        self.say("PING\n");
        self.hear() == "0 PONG"
    }
}

#[test]
fn who_comes_when_all_seats_are_taken_is_turned_away_and_served_once_one_is_free() {
    let rrdcached = Rrdcached::start();
    let address = relay_before(&rrdcached);
    let mut clients: Vec<_> = (0..64).map(|_| Client::of(&address)).collect();
    for client in &mut clients {
        assert!(client.is_served());
    }
    let mut one_more = Client::of(&address);
    assert_eq!(one_more.hear(), "-1 unavailable: too many clients");
    assert_eq!(one_more.hear(), "");

    // To a push that is a server which is not available.
    let error = Recorded::new().try_push(&format!("rrdcached://{address}"));
    let error = causes(&error.unwrap_err());
    assert!(error.contains("too many clients"), "{error}");

    clients.pop();
    eventually("there is a seat", || {
        let mut client = Client::of(&address);
        client.0.get_mut().write_all(b"PING\n").is_ok() && client.hear() == "0 PONG"
    });
    assert!(clients.iter_mut().all(Client::is_served));
}

#[test]
fn a_line_without_an_end_ends_the_connection_of_its_client_alone() {
    let rrdcached = Rrdcached::start();
    let address = relay_before(&rrdcached);
    let mut other = Client::of(&address);
    assert!(other.is_served());
    let mut client = Client::of(&address);
    client.say("UPDATE ");
    // It may hang up while we speak.
    _ = client.0.get_mut().write_all(&vec![b'x'; 100_000]);
    assert_eq!(client.hear(), "");
    assert!(other.is_served());
}

#[test]
fn a_batch_that_does_not_end_is_cut_off() {
    let rrdcached = Rrdcached::start();
    let address = relay_before(&rrdcached);
    let mut client = Client::of(&address);
    client.say("BATCH\n");
    assert!(client.hear().starts_with("0 Go ahead"));
    let lines = "nonsense\n".repeat(1_000);
    let mut n_lines = 0;
    while client.0.get_mut().write_all(lines.as_bytes()).is_ok() && n_lines < 10_000_000 {
        n_lines += 1_000;
    }
    let mut rest = String::new();
    _ = client.0.get_mut().read_to_string(&mut rest);
    assert!(n_lines < 10_000_000, "it reads on and on");
    assert!(Client::of(&address).is_served());
}

#[test]
fn clients_that_are_slow_hinder_nobody() {
    let mut recorded = Recorded::new();
    let rrdcached = Rrdcached::start();
    let address = relay_before(&rrdcached);
    // One stops in a line, one in a batch, and one does not read what it has asked for.
    let (mut in_line, mut in_batch) = (Client::of(&address), Client::of(&address));
    in_line.say("UPDA");
    in_batch.say("BATCH\nUPDATE x.rrd");
    let mut deaf = Client::of(&address);
    deaf.say(&"PING\n".repeat(10_000));

    let target = format!("rrdcached://{address}");
    assert_eq!(recorded.push(&target).taken, 18);
    in_line.say("TE nowhere/x.rrd 1:1\n");
    assert!(in_line.hear().contains("No such file"));
    for _ in 0..10_000 {
        assert_eq!(deaf.hear(), "0 PONG");
    }
}

#[test]
fn a_daemon_that_stalls_holds_up_its_own_clients_and_what_they_sent_is_sent_again() {
    let mut recorded = Recorded::new();
    let mut rrdcached = Rrdcached::start();
    let address = relay_before(&rrdcached);
    let target = format!("rrdcached://{address}");
    rrdcached.stall();
    let error = causes(&recorded.try_push(&target).unwrap_err());
    assert!(error.contains("not available"), "{error}");
    // The relay itself goes on.
    assert!(Client::of(&address).is_served());
    rrdcached.go_on();
    let pushed = recorded.push(&target);
    assert_eq!(pushed.taken + pushed.present, 18, "{pushed:?}");
    assert_eq!(rrdcached.newest().len(), 18);
}
