//! A minimal service: one route.

use std::error::Error;
use std::net::Ipv4Addr;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("no port given")?.parse()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let routes = Router::new().route("/", get(|| async { "hello" }));
    axum::serve(listener, routes).await?;
    Ok(())
}
