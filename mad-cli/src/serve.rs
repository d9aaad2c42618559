//! `mad serve`: the page of `mad report`, as it is at this moment.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clap::Args;

use crate::arguments::time;
use crate::exit::Exit;
use crate::output::{complain_of, print, with_causes};
use crate::report::What;

/// Shows the page of `mad report` in a browser, and keeps it up to date while tests run
///
/// Only this machine can see it. Ctrl-C ends it.
/// Exit codes: 2 it cannot be shown.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    what: What,
    /// Where: an address of this machine alone; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9465", value_parser = loopback)]
    listen: SocketAddr,
    /// How old the page may be
    #[arg(long, default_value = "5s", value_parser = time)]
    every: Duration,
}

/// Nobody has to show a token, so nobody else may ask.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| format!("`{text}` is no address: write `127.0.0.1:9465`"))?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err(format!(
            "{} can be reached by others; show it to them by a server that asks who they are",
            address.ip()
        ))
    }
}

pub(crate) fn run(arguments: ServeArguments) -> Exit {
    match serve(arguments) {
        Ok(()) => Exit::Success,
        Err(error) => {
            complain_of(&error);
            Exit::Trouble
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve(arguments: ServeArguments) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(arguments.listen).await?;
    print(format_args!("http://{}\n", listener.local_addr()?));
    let live = Arc::new(Live {
        what: arguments.what,
        every: arguments.every,
        page: Mutex::new(None),
    });
    axum::serve(
        listener,
        Router::new().route("/", get(show)).with_state(live),
    )
    .await
}

/// The page, and when it was made.
struct Live {
    what: What,
    every: Duration,
    page: Mutex<Option<(Instant, String)>>,
}

impl Live {
    /// Returns the page, made anew if it is too old: by one caller, for whom the others wait.
    fn page(&self) -> Result<String, String> {
        // What a panic left is a page that was whole, or none.
        let mut kept = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made, page)) = &*kept
            && made.elapsed() < self.every
        {
            return Ok(page.clone());
        }
        let page = self.what.page().map_err(|error| with_causes(&*error))?;
        *kept = Some((Instant::now(), page.clone()));
        Ok(page)
    }
}

async fn show(State(live): State<Arc<Live>>, headers: HeaderMap) -> Response {
    if !names_this_machine(&headers) {
        return (
            StatusCode::MISDIRECTED_REQUEST,
            "ask for 127.0.0.1 or localhost\n",
        )
            .into_response();
    }
    let refresh = live.every.as_secs().max(1).to_string();
    let page = tokio::task::spawn_blocking(move || live.page()).await;
    let (status, kind, body) = match page {
        Ok(Ok(page)) => (StatusCode::OK, "text/html; charset=utf-8", page),
        Ok(Err(why)) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/plain; charset=utf-8",
            why + "\n",
        ),
        Err(panic) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/plain; charset=utf-8",
            format!("{panic}\n"),
        ),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFRESH, refresh),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'".to_owned(),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (status, headers, body).into_response()
}

/// Whether a browser asks for this machine by its name, and not by one that somebody else made point here.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|digit| digit.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_listened_on() {
        assert!(loopback("127.0.0.1:0").is_ok() && loopback("[::1]:9465").is_ok());
        for wrong in [
            "0.0.0.0:9465",
            "192.0.2.1:80",
            "[::]:80",
            "localhost:80",
            "9465",
        ] {
            assert!(loopback(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_that_others_made_point_here_is_refused() {
        let names = |host: &str| {
            let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            names_this_machine(&headers)
        };
        for right in [
            "localhost",
            "localhost:9465",
            "127.0.0.1:9465",
            "[::1]:9465",
            "[::1]",
        ] {
            assert!(names(right), "{right}");
        }
        for wrong in [
            "",
            "evil.example.com:9465",
            "192.0.2.1",
            "localhost.evil.example.com",
        ] {
            assert!(!names(wrong), "{wrong}");
        }
        assert!(!names_this_machine(&HeaderMap::new()));
    }
}
