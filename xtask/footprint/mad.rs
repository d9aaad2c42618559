//! The same minimal service, with two health checks and the exporter, and as many more checks as are
//! asked for.

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;

use axum::Router;
use axum::routing::get;
use mad_core::{Check, Context, HealthOptions, health_check};
use mad_exporter::Exporter;
use tokio::net::TcpListener;

/// The process is alive.
#[health_check(liveness)]
fn alive() -> bool {
    true
}

/// The service is ready.
#[health_check(readiness, every = "10s")]
async fn ready() -> Result<(), io::Error> {
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("no port given")?.parse()?;
    let exporter_port: u16 = std::env::args()
        .nth(2)
        .ok_or("no second port given")?
        .parse()?;
    let n_more: usize = std::env::args().nth(3).map_or(Ok(0), |word| word.parse())?;
    let exporter = Exporter::builder()
        .listen(([127, 0, 0, 1], exporter_port))
        .start()?;
    for number in 0..n_more {
        let name = format!("more/{number}");
        let check = Check::health_check_async(name, HealthOptions::DEFAULT, async |_: &Context| true);
        exporter.engine().add(check)?;
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let routes = Router::new().route("/", get(|| async { "hello" }));
    axum::serve(listener, routes).await?;
    Ok(())
}
