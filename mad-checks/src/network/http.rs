//! One GET request, and as much of its answer as is wanted.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};

use http::Uri;

use super::{Address, Deadline, NetworkError, Resolver, Trust, connect_to_any};

/// How many bytes of a head are read.
const MAX_HEAD: u64 = 16 * 1024;
const MAX_HEADERS: usize = 64;

/// An address that starts with `http://` or `https://`.
#[derive(Clone, Debug)]
pub(crate) struct Url {
    uri: Uri,
    address: Address,
    is_secure: bool,
}

/// The head of an answer, and the connection on which the body comes.
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The address that answered.
    pub(crate) peer: String,
    pub(crate) date: Option<String>,
    pub(crate) age: Option<String>,
    length: Option<u64>,
    is_chunked: bool,
    reader: BufReader<Box<dyn ReadWrite>>,
}

/// A connection, with TLS or without.
trait ReadWrite: Read + Write {}

impl<T: Read + Write> ReadWrite for T {}

impl Url {
    pub(crate) fn parse(url: &str) -> Result<Self, NetworkError> {
        let refuse = |why| NetworkError::Url {
            url: url.to_owned(),
            why,
        };
        let uri: Uri = url.parse().map_err(|_| refuse("it is no URL"))?;
        let is_secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(refuse("it must begin with `http://` or `https://`")),
        };
        let authority = uri.authority().ok_or_else(|| refuse("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(refuse("it holds credentials, which are not sent"));
        }
        let host = authority.host();
        let bracketed = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let address = Address {
            host: bracketed.unwrap_or(host).to_owned(),
            port: authority
                .port_u16()
                .unwrap_or(if is_secure { 443 } else { 80 }),
        };
        Ok(Self {
            uri,
            address,
            is_secure,
        })
    }

    /// Asks, and reads the head of the answer.
    pub(crate) fn get(
        &self,
        resolver: &Resolver,
        trust: &Trust,
        deadline: Deadline,
    ) -> Result<Response, NetworkError> {
        let addresses = resolver.addresses(&self.address, deadline)?;
        let (connection, _) = connect_to_any(&addresses, deadline)?;
        let peer = connection.peer();
        let peer = peer.map_or_else(|_| self.address.to_string(), |peer| peer.to_string());
        let connection: Box<dyn ReadWrite> = if self.is_secure {
            Box::new(trust.secured(connection, &self.address.host)?)
        } else {
            Box::new(connection)
        };
        let mut reader = BufReader::new(connection);
        let request = self.request();
        let sent = reader.get_mut().write_all(request.as_bytes());
        let sent = sent.and_then(|()| reader.get_mut().flush());
        sent.map_err(exchange("taking the request"))?;
        let head = head(&mut reader)?;
        Response::parse(&head, peer, reader)
    }

    fn request(&self) -> String {
        let path = self
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str);
        let host = self
            .uri
            .authority()
            .map_or("", http::uri::Authority::as_str);
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: mad-checks/{version}\r\n\
             Accept: */*\r\nConnection: close\r\n\r\n"
        )
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(f)
    }
}

fn exchange(doing: &'static str) -> impl FnOnce(std::io::Error) -> NetworkError {
    move |source| NetworkError::Exchange { doing, source }
}

/// Reads up to the empty line.
fn head(reader: &mut impl BufRead) -> Result<Vec<u8>, NetworkError> {
    let mut head = Vec::new();
    let mut bounded = reader.take(MAX_HEAD);
    loop {
        let length = bounded
            .read_until(b'\n', &mut head)
            .map_err(exchange("answering"))?;
        if head.ends_with(b"\r\n\r\n") || head.ends_with(b"\n\n") {
            return Ok(head);
        }
        if length == 0 {
            let is_too_long = bounded.limit() == 0;
            return Err(NetworkError::NotHttp(
                match (head.is_empty(), is_too_long) {
                    (true, _) => "it closed the connection without a word",
                    (_, true) => "its head is longer than 16 KiB",
                    _ => "its head breaks off",
                },
            ));
        }
    }
}

impl Response {
    fn parse(
        head: &[u8],
        peer: String,
        reader: BufReader<Box<dyn ReadWrite>>,
    ) -> Result<Self, NetworkError> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Response::new(&mut headers);
        let status = parsed.parse(head).map_err(|error| {
            NetworkError::NotHttp(match error {
                httparse::Error::TooManyHeaders => "it has more than 64 headers",
                _ => "its head is garbage",
            })
        })?;
        if status.is_partial() {
            return Err(NetworkError::NotHttp("its head breaks off"));
        }
        let text = |name: &str| {
            let header = parsed
                .headers
                .iter()
                .find(|it| it.name.eq_ignore_ascii_case(name))?;
            Some(String::from_utf8_lossy(header.value).trim().to_owned())
        };
        let encoding = text("transfer-encoding").unwrap_or_default();
        Ok(Self {
            status: parsed.code.unwrap_or_default(),
            peer,
            date: text("date"),
            age: text("age"),
            length: text("content-length").and_then(|length| length.parse().ok()),
            is_chunked: encoding.to_ascii_lowercase().ends_with("chunked"),
            reader,
        })
    }

    /// Reads the body, and no more of it than this.
    pub(crate) fn body(mut self, limit: u64) -> Result<Vec<u8>, NetworkError> {
        if self.is_chunked {
            return chunked_body(&mut self.reader, limit);
        }
        let mut body = Vec::new();
        let length = self.length.unwrap_or(u64::MAX).min(limit);
        let read = self.reader.take(length).read_to_end(&mut body);
        read.map_err(exchange("sending the body"))?;
        Ok(body)
    }
}

fn chunked_body(reader: &mut impl BufRead, limit: u64) -> Result<Vec<u8>, NetworkError> {
    let mut body = Vec::new();
    let mut left = limit;
    while left > 0 {
        let size = chunk_size(reader)?;
        if size == 0 {
            break;
        }
        let chunk = reader.take(size.min(left)).read_to_end(&mut body);
        chunk.map_err(exchange("sending the body"))?;
        left = left.saturating_sub(size);
        // The end of the line that the chunk stands on.
        line(reader)?;
    }
    Ok(body)
}

fn chunk_size(reader: &mut impl BufRead) -> Result<u64, NetworkError> {
    let line = line(reader)?;
    match httparse::parse_chunk_size(&line) {
        Ok(httparse::Status::Complete((_, size))) => Ok(size),
        _ => Err(NetworkError::NotHttp("a chunk of its body has no length")),
    }
}

fn line(reader: &mut impl BufRead) -> Result<Vec<u8>, NetworkError> {
    let mut line = Vec::new();
    let read = reader.take(MAX_HEAD).read_until(b'\n', &mut line);
    read.map_err(exchange("sending the body"))?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::{Url, chunked_body};

    #[test]
    fn a_url_names_who_is_asked_and_for_what() {
        let url = Url::parse("http://[::1]:8080/health?x=1").unwrap();
        assert_eq!(url.address.to_string(), "[::1]:8080");
        let request = url.request();
        assert!(request.starts_with("GET /health?x=1 HTTP/1.1\r\nHost: [::1]:8080\r\n"));
        let url = Url::parse("http://service").unwrap();
        assert_eq!(url.address.to_string(), "service:80");
        assert!(url.request().starts_with("GET / HTTP/1.1\r\n"));
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        for url in [
            "",
            "service",
            "/path",
            "ftp://service/",
            "http://",
            "http://a:b@c/",
        ] {
            assert!(Url::parse(url).is_err(), "{url}");
        }
    }

    #[track_caller]
    fn check_chunks(mut text: &[u8], limit: u64, expected: Option<&[u8]>) {
        assert_eq!(chunked_body(&mut text, limit).ok().as_deref(), expected);
    }

    #[test]
    fn a_body_in_chunks_is_put_together_up_to_the_limit() {
        let text = b"3\r\none\r\n4;x=y\r\n two\r\n0\r\n\r\n";
        check_chunks(text, 100, Some(b"one two"));
        check_chunks(text, 5, Some(b"one t"));
        check_chunks(b"FFFFFFFFFFFFFFFF\r\nendless", 4, Some(b"endl"));
        check_chunks(b"nonsense\r\n", 100, None);
        check_chunks(b"", 100, None);
    }
}
