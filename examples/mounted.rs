//! MAD on the application's own port: one axum server for both.
//!
//! ```sh
//! cargo run --example mounted      # LISTEN=127.0.0.1:0 takes any free port
//! curl http://127.0.0.1:8080/hello/Ada
//! curl http://127.0.0.1:8080/readyz
//! curl http://127.0.0.1:8080/mad/metrics
//! curl -X POST http://127.0.0.1:8080/mad/selftest
//! ```
//!
//! It is less to configure, and it shares the application's fate: while that server is overloaded,
//! probes and scrapes wait in the same queue. `shop` gives MAD a port of its own.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to who started it"
)]

use std::env;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use mad_core::{health_check, self_test};
use mad_exporter::Exporter;
use tokio::net::TcpListener;

/// What the application and its check share; elsewhere it would be a connection pool.
struct Greeting(&'static str);

impl Greeting {
    fn to(&self, name: &str) -> String {
        format!("{}, {name}!", self.0)
    }
}

/// There is something to say.
#[health_check(readiness, every = "5s", timeout = "1s")]
fn greeting_is_there(greeting: &Greeting) -> bool {
    !greeting.0.is_empty()
}

/// People are greeted by their name.
#[self_test(effects = pure, tags("smoke"))]
fn greets_by_name() -> bool {
    Greeting("Hello").to("Ada") == "Hello, Ada!"
}

async fn hello(State(greeting): State<Arc<Greeting>>, Path(name): Path<String>) -> String {
    greeting.to(&name)
}

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run().await else {
        return ExitCode::SUCCESS;
    };
    eprintln!("mounted: {error}");
    ExitCode::FAILURE
}

async fn run() -> Result<(), Box<dyn Error>> {
    let greeting = Arc::new(Greeting("Hello"));
    // Without `.listen(..)`, MAD opens no port of its own.
    let exporter = Exporter::builder()
        .provide_shared(Arc::clone(&greeting))
        .expect(["greeting_is_there"])
        .token_from_env("MAD_TOKEN")
        .start()?;
    for warning in exporter.warnings() {
        eprintln!("mounted: {warning}");
    }
    let application = Router::new()
        .route("/hello/{name}", get(hello))
        .with_state(greeting)
        .merge(exporter.probe_router()) // where an orchestrator looks for them: /livez, /readyz, ..
        .nest("/mad", exporter.router()); // everything, out of the application's way

    let listener = listen(address()?).await?;
    let address = listener.local_addr()?;
    println!("application  http://{address}/hello/Ada");
    println!("mad          http://{address}/mad");
    // Without the addresses of callers, MAD could not tell who is on this host.
    let service = application.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, service).await?)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| format!("cannot listen on {address}: {error}; set LISTEN to another"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the program is configured"
)]
fn address() -> Result<SocketAddr, Box<dyn Error>> {
    let text = env::var("LISTEN").unwrap_or("127.0.0.1:8080".to_owned());
    let address = text.parse();
    address.map_err(|_| format!("LISTEN is `{text}`, not an IP address and a port").into())
}
