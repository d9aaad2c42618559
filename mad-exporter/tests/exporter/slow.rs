//! Clients that take their time, on purpose.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;

use crate::support::{
    Answer, PATIENCE, Request, Service, TOKEN, exchange, read_to_end, readiness, with_token,
};

/// A head or a body that trickles in may take two seconds; a busy machine adds to that.
const MOST: Duration = Duration::from_secs(10);

fn service() -> Service {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    service.wait_for_status("/readyz", 200);
    service
}

fn connect(service: &Service) -> TcpStream {
    let stream = TcpStream::connect(service.address()).expect("somebody listens");
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Connects so that the system takes little of an answer that nobody reads.
fn connect_with_a_small_buffer(service: &Service) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let connect = async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let stream = socket.connect(service.address()).await;
        stream.and_then(tokio::net::TcpStream::into_std)
    };
    let stream = runtime.block_on(connect).expect("somebody listens");
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends a byte now and then until the other side has had enough; returns when that was and what it said.
fn trickle(service: &Service, start: &str) -> (Duration, String) {
    trickle_on(connect(service), start)
}

fn trickle_on(mut stream: TcpStream, start: &str) -> (Duration, String) {
    let started = Instant::now();
    stream.write_all(start.as_bytes()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    let mut said = [0; 4096];
    loop {
        match stream.read(&mut said) {
            Ok(length) => {
                let said = String::from_utf8_lossy(&said[..length]).into_owned();
                return (started.elapsed(), said);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return (started.elapsed(), String::new()),
        }
        assert!(started.elapsed() < PATIENCE, "nobody has had enough");
        // It may be closed by now, which the next read tells.
        _ = stream.write_all(b"x");
    }
}

#[test]
fn pitfall_29_a_head_that_trickles_in_is_cut_off_all_the_same() {
    let service = service();
    let (took, _) = trickle(&service, "GET /livez HTTP/1.1\r\nX-Slow: ");
    assert!(took > Duration::from_secs(1) && took < MOST, "{took:?}");
}

#[test]
fn a_later_head_that_trickles_in_is_cut_off_as_well() {
    let service = service();
    let mut stream = connect(&service);
    // In three seconds the time that the first head had is over, and each of these had its own.
    for _ in 0..6 {
        thread::sleep(Duration::from_millis(500));
        stream
            .write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
        let mut said = [0; 4096];
        let length = stream.read(&mut said).unwrap();
        assert!(said[..length].ends_with(b"\r\n\r\nok"));
    }
    let (took, _) = trickle_on(stream, "GET /livez HTTP/1.1\r\nX-Slow: ");
    assert!(took > Duration::from_secs(1) && took < MOST, "{took:?}");
}

#[test]
fn a_body_that_trickles_in_is_408_all_the_same() {
    let service = service();
    let head = format!(
        "POST /selftest HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: 10000\r\n\r\n{{"
    );
    let (took, said) = trickle(&service, &head);
    assert_eq!(Answer::parse(&said).status, 408);
    assert!(took > Duration::from_secs(1) && took < MOST, "{took:?}");
}

#[test]
fn a_body_that_nobody_asked_for_is_not_waited_for() {
    let service = service();
    for (method, path, status) in [("GET", "/livez", 200), ("POST", "/selftest", 401)] {
        let started = Instant::now();
        let request = Request::new(method, path).with("Content-Length", "1000000");
        let answer = request.send_to(service.address());
        assert_eq!(answer.status, status);
        assert!(started.elapsed() < MOST);
    }
}

#[test]
fn who_sends_no_more_is_answered() {
    let service = service();
    // An answer that is there at once, one that waits for its turn, and one that another thread makes.
    for path in ["/livez", "/health", "/metrics"].repeat(10) {
        let mut stream = connect(&service);
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let answer = Answer::parse(&read_to_end(&mut stream));
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[test]
fn a_connection_brings_a_thousand_requests() {
    let service = service();
    let request = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1_010);
    let text = exchange(service.address(), request.as_bytes());
    assert_eq!(text.matches("200 OK").count(), 1_000);
    assert!(text.ends_with("\r\n\r\nok"));
    let (_, last) = text.rsplit_once("HTTP/1.1").expect("answers");
    assert!(last.contains("connection: close"), "{last}");
}

#[test]
fn slow_readers_of_a_large_page_cost_a_bounded_amount_of_memory() {
    // Thirty pages of four megabytes, more than may wait: the slowest are sent away.
    let page = format!("# {}\n", "x".repeat(4 * 1024 * 1024));
    let checks = with_token([readiness("database", |_| true)]);
    let service = Service::start(checks.application_metrics(move || page.clone()));
    let ask = |_| {
        let mut stream = connect_with_a_small_buffer(&service);
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
        // The first bytes are there, so the page is made and is being sent.
        stream.read_exact(&mut [0; 12]).unwrap();
        stream
    };
    let slow: Vec<_> = (0..30).map(ask).collect();
    let is_whole = |mut stream: TcpStream| {
        let mut rest = Vec::new();
        stream
            .set_read_timeout(Some(Duration::from_secs(1)))
            .unwrap();
        // It stays open after the page.
        _ = stream.read_to_end(&mut rest);
        rest.len() > 4 * 1024 * 1024
    };
    let whole: Vec<_> = thread::scope(|scope| {
        let readers: Vec<_> = slow
            .into_iter()
            .map(|stream| scope.spawn(|| is_whole(stream)))
            .collect();
        readers
            .into_iter()
            .map(|reader| reader.join().unwrap())
            .collect()
    });
    let n_whole = whole.iter().filter(|is_whole| **is_whole).count();
    assert!((1..=10).contains(&n_whole), "{whole:?}");
    assert!(whole[29], "the last one was hardly slow");
    assert_eq!(service.get("/livez").status, 200);
}
