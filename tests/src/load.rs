//! Requests as fast as they are answered, on connections that are kept.

use std::io;
use std::net::SocketAddr;
use std::str;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

/// Somebody who asks for the same on many connections, on each as soon as there is an answer.
///
/// The connections are kept between two loads, and opened again when the server has closed them.
#[derive(Debug)]
pub struct Load {
    runtime: Runtime,
    connections: Vec<Connection>,
}

impl Load {
    /// Asks nobody yet.
    ///
    /// # Errors
    ///
    /// If there is no runtime.
    pub fn new(address: SocketAddr, path: &str, connections: usize) -> io::Result<Self> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let connection = || Connection {
            address,
            request: request.clone().into_bytes(),
            stream: None,
            buffer: vec![0; 256 * 1024],
        };
        Ok(Self {
            runtime: Builder::new_current_thread().enable_all().build()?,
            connections: (0..connections).map(|_| connection()).collect(),
        })
    }

    /// Asks for so long, on the thread of the caller; returns how many answers a second there were.
    ///
    /// # Errors
    ///
    /// If a connection breaks, or an answer is none.
    pub fn requests_per_second(&mut self, time: Duration) -> io::Result<f64> {
        let connections = self.connections.drain(..);
        let started = Instant::now();
        let asked = self.runtime.block_on(async {
            let asking = connections.map(|connection| connection.ask_until(started + time));
            asking.collect::<JoinSet<_>>().join_all().await
        });
        let took = started.elapsed();
        let mut answers = 0;
        for connection in asked {
            let (connection, answered) = connection?;
            self.connections.push(connection);
            answers += answered;
        }
        Ok(f64::from(answers) / took.as_secs_f64())
    }
}

#[derive(Debug)]
struct Connection {
    address: SocketAddr,
    request: Vec<u8>,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    /// Asks again and again; returns how many answers there were.
    async fn ask_until(mut self, until: Instant) -> io::Result<(Self, u32)> {
        let mut answers = 0;
        while Instant::now() < until {
            self.ask().await?;
            answers += 1;
        }
        Ok((self, answers))
    }

    async fn ask(&mut self) -> io::Result<()> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => open(self.address).await?,
        };
        stream.write_all(&self.request).await?;
        let is_last = read_answer(&mut stream, &mut self.buffer).await?;
        self.stream = (!is_last).then_some(stream);
        Ok(())
    }
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads one answer; says whether it is the last on its connection.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<bool> {
    let mut n_read = 0;
    let mut answer: Option<Answer> = None;
    while answer.is_none_or(|answer| n_read < answer.length) {
        let read = stream.read(&mut buffer[n_read..]).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        n_read += read;
        answer = answer.or_else(|| Answer::begun_by(&buffer[..n_read]));
    }
    Ok(answer.is_some_and(|answer| answer.is_last))
}

/// What the head of an answer says.
#[derive(Clone, Copy, Debug)]
struct Answer {
    /// How long it is, with the head.
    length: usize,
    is_last: bool,
}

impl Answer {
    /// Reads the head, once all of it is there.
    fn begun_by(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = str::from_utf8(&bytes[..end]).expect("a head is text");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").parse().expect("a number");
        Some(Self {
            length: end + 4 + length,
            is_last: head.contains("connection: close"),
        })
    }
}
