//! What a client of HTTP/2 may not do, frame by frame.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream as StdTcpStream};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use h2::client::{Builder, SendRequest};
use h2::{Reason, RecvStream};
use http::{HeaderMap, Request, Response};
use mad_core::Health;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Switch, wait_for};
use crate::support::{PATIENCE, Service, read_bytes_to_end, readiness, with_token};

const SERVING: &[u8] = &[0, 0, 0, 0, 2, 8, 1];
const SERVICE_UNKNOWN: &[u8] = &[0, 0, 0, 0, 2, 8, 3];

/// Asks for the service `database`.
const DATABASE: &[u8] = b"\0\0\0\0\x0a\x0a\x08database";

/// A connection, and what becomes of it.
struct Connection {
    requests: SendRequest<Bytes>,
    end: JoinHandle<Result<(), h2::Error>>,
}

impl Connection {
    async fn to(address: SocketAddr, builder: &Builder) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let (requests, connection) = builder.handshake(stream).await.unwrap();
        Self {
            requests,
            end: tokio::spawn(connection),
        }
    }

    /// Sends a request, and returns what comes back.
    async fn send(
        &mut self,
        request: Request<()>,
        body: &[u8],
    ) -> Result<Response<RecvStream>, h2::Error> {
        self.requests = self.requests.clone().ready().await?;
        let (response, mut sent) = self.requests.send_request(request, false)?;
        sent.send_data(Bytes::copy_from_slice(body), true)?;
        response.await
    }

    /// Calls a method, and returns the statuses of HTTP and of gRPC.
    async fn call(&mut self, request: Request<()>, body: &[u8]) -> (u16, Option<u32>) {
        let (head, mut body) = self.send(request, body).await.unwrap().into_parts();
        while let Some(part) = body.data().await {
            part.unwrap();
        }
        let trailers = body.trailers().await.unwrap().unwrap_or_default();
        let status = |headers: &HeaderMap| {
            let status = headers.get("grpc-status")?;
            status.to_str().ok()?.parse().ok()
        };
        (
            head.status.as_u16(),
            status(&head.headers).or(status(&trailers)),
        )
    }

    /// Waits until the server has closed it.
    async fn closed(self) {
        let end = timeout(PATIENCE, self.end).await.expect("it is closed");
        drop(end.unwrap());
    }
}

fn call(method: &str) -> http::request::Builder {
    Request::post(format!("http://localhost/grpc.health.v1.Health/{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
}

fn get(path: &str) -> Request<()> {
    let request = Request::get(format!("http://localhost{path}"));
    request.body(()).unwrap()
}

fn service() -> Service {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    wait_for(&service, "database", Health::Up);
    service
}

#[tokio::test]
async fn everything_is_there_in_http2_too() {
    let service = service();
    let mut connection = Connection::to(service.address(), &Builder::new()).await;
    for (path, status) in [("/readyz", 200), ("/metrics", 200), ("/nothing", 404)] {
        let response = connection.send(get(path), b"").await.unwrap();
        assert_eq!(response.status(), status, "{path}");
    }
    assert_eq!(connection.requests.current_max_send_streams(), 100);
}

#[tokio::test]
async fn what_is_no_call_is_refused_in_the_words_of_the_protocol() {
    let service = service();
    let mut connection = Connection::to(service.address(), &Builder::new()).await;
    let large = [&[0, 0, 0, 0x50, 0][..], &vec![0; 0x5000]].concat();
    let cases: [(&[u8], u32); 8] = [
        (DATABASE, 0),
        (b"", 13),
        (b"\0\0\0\0", 13),
        (b"\0\0\0\0\x03\x0a\x08d", 13),
        (b"\0\0\0\0\x03\x0a\x01\xff", 13),
        (b"\x01\0\0\0\0", 12),
        (b"\0\0\0\0\0\0\0\0\0\0", 13),
        (&large, 8),
    ];
    for (body, status) in cases {
        for method in ["Check", "Watch"] {
            if (method, status) == ("Watch", 0) {
                continue;
            }
            let answer = connection.call(call(method).body(()).unwrap(), body).await;
            assert_eq!(answer, (200, Some(status)), "{method} {body:?}");
        }
    }
    let late = call("Check")
        .header("grpc-timeout", "soon")
        .body(())
        .unwrap();
    assert_eq!(connection.call(late, DATABASE).await, (200, Some(13)));
    let json = Request::post("http://localhost/grpc.health.v1.Health/Check")
        .header("content-type", "application/json");
    let answer = connection.call(json.body(()).unwrap(), b"{}").await;
    assert_eq!(answer, (415, None));
    let unknown = call("Chekc").body(()).unwrap();
    assert_eq!(connection.call(unknown, DATABASE).await, (404, None));
}

#[tokio::test]
async fn who_is_slow_gets_the_latest_and_nothing_of_what_was_in_between() {
    let switch = Switch::on();
    let service = Service::start(with_token([switch.check("database")]));
    wait_for(&service, "database", Health::Up);
    let mut builder = Builder::new();
    // There is room for one message.
    builder.initial_window_size(7);
    let mut connection = Connection::to(service.address(), &builder).await;
    let watch = call("Watch").body(()).unwrap();
    let mut body = connection.send(watch, DATABASE).await.unwrap().into_body();
    assert_eq!(body.data().await.unwrap().unwrap(), SERVING);

    for (works, health) in [(false, Health::Down), (true, Health::Up)].repeat(3) {
        switch.set(works);
        wait_for(&service, "database", health);
    }
    assert!(service.exporter.engine().remove("database"));
    let mut seen = Vec::new();
    while seen.last().is_none_or(|last| last != SERVICE_UNKNOWN) {
        body.flow_control().release_capacity(7).unwrap();
        let next = timeout(PATIENCE, body.data()).await.expect("it goes on");
        seen.push(next.unwrap().unwrap());
    }
    // One was on its way.
    assert!(seen.len() <= 2, "{seen:?}");
}

#[tokio::test]
async fn who_takes_nothing_at_all_holds_no_shutdown_up_for_longer_than_it_may_take() {
    let service = service();
    let mut builder = Builder::new();
    builder.initial_window_size(0);
    let mut connection = Connection::to(service.address(), &builder).await;
    let watch = call("Watch").body(()).unwrap();
    let response = connection.send(watch, DATABASE).await.unwrap();
    let exporter = service.exporter.clone();
    let started = Instant::now();
    tokio::task::spawn_blocking(move || exporter.shutdown(Duration::from_secs(1)))
        .await
        .unwrap();
    assert!(started.elapsed() < PATIENCE / 2);
    drop(response);
    connection.closed().await;
}

#[tokio::test]
async fn a_connection_on_which_nothing_is_asked_is_closed() {
    let service = service();
    let address = service.address();
    // Nothing at all, and then nothing more.
    Connection::to(address, &Builder::new())
        .await
        .closed()
        .await;
    let mut connection = Connection::to(address, &Builder::new()).await;
    let response = connection.send(get("/readyz"), b"").await.unwrap();
    drop(response);
    connection.closed().await;
}

#[test]
fn who_begins_to_speak_http2_and_stops_is_closed() {
    let service = service();
    for beginning in [
        "P",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let started = Instant::now();
        let mut stream = StdTcpStream::connect(service.address()).unwrap();
        stream.write_all(beginning.as_bytes()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // The server says its settings, and that it goes.
        read_bytes_to_end(&mut stream);
        assert!(started.elapsed() < PATIENCE / 2, "{beginning:?}");
    }
}

#[tokio::test]
async fn a_watch_is_no_idle_connection() {
    let service = service();
    let mut connection = Connection::to(service.address(), &Builder::new()).await;
    let watch = call("Watch").body(()).unwrap();
    let mut body = connection.send(watch, DATABASE).await.unwrap().into_body();
    assert_eq!(body.data().await.unwrap().unwrap(), SERVING);
    // Longer than a connection may be idle.
    let end = timeout(Duration::from_secs(3), body.data()).await;
    assert!(end.is_err(), "{end:?}");
    assert!(service.exporter.engine().remove("database"));
    let next = timeout(PATIENCE, body.data()).await.expect("it goes on");
    assert_eq!(next.unwrap().unwrap(), SERVICE_UNKNOWN);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let service = service();
    let mut connection = Connection::to(service.address(), &Builder::new()).await;
    let mut large = get("/readyz");
    let value = "x".repeat(8 * 1024).parse().unwrap();
    large.headers_mut().insert("x-large", value);
    match connection.send(large, b"").await {
        Ok(response) => assert_eq!(response.status(), 431),
        Err(error) => assert!(error.is_reset() || error.is_go_away(), "{error}"),
    }
}

#[tokio::test]
async fn nobody_keeps_a_connection_for_ever() {
    let service = service();
    let mut connection = Connection::to(service.address(), &Builder::new()).await;
    let mut answered = 0;
    while answered <= 2_000 {
        match connection.send(get("/livez"), b"").await {
            Ok(response) => assert_eq!(response.status(), 200),
            Err(_) => break,
        }
        answered += 1;
    }
    assert!((990..=1_010).contains(&answered), "{answered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_resets_what_it_asks_at_once_is_closed_and_probes_are_answered_meanwhile() {
    let service = service();
    let address = service.address();
    let attack = tokio::spawn(async move {
        let mut asked = 0;
        for _ in 0..20 {
            let mut connection = Connection::to(address, &Builder::new()).await;
            while let Ok(mut requests) = connection.requests.clone().ready().await {
                let Ok((_, mut stream)) = requests.send_request(get("/metrics"), true) else {
                    break;
                };
                stream.send_reset(Reason::CANCEL);
                asked += 1;
                connection.requests = requests;
                tokio::task::yield_now().await;
            }
            connection.closed().await;
        }
        asked
    });
    while !attack.is_finished() {
        let (asked, answer) = tokio::task::spawn_blocking(move || {
            let asked = Instant::now();
            let answer = crate::support::Request::new("GET", "/livez").send_to(address);
            (asked, answer)
        })
        .await
        .unwrap();
        assert_eq!(answer.status, 200);
        assert!(asked.elapsed() < PATIENCE / 4);
    }
    assert!(attack.await.unwrap() > 0);
}
