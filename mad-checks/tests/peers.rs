//! What the checks of peers and names find, with peers on this machine.

mod support;

use std::net::TcpStream;
use std::time::Duration;

use mad_checks::{DnsLookup, TcpConnect};
use support::{
    check_fails, check_noted, check_passes, closed_address, impatient, listener, observed,
};

#[test]
fn a_peer_that_listens_takes_connections() {
    let (_listener, address) = listener();
    let report = check_passes(TcpConnect::to(address.to_string()));
    check_noted(&report, &format!("{address} let it connect"));
    assert!(observed(&report, "connect") >= 0.0);
    check_passes(TcpConnect::to(address.to_string()).every_address());
}

#[test]
fn a_closed_port_fails_with_the_systems_reason() {
    let address = closed_address().to_string();
    check_fails(TcpConnect::to(&address), "refused");
    check_fails(
        TcpConnect::to(&address).every_address(),
        "1 of 1 addresses failed",
    );
}

#[test]
fn a_name_is_looked_up_and_one_address_is_enough_unless_all_are_asked_for() {
    let (_listener, address) = listener();
    let name = format!("localhost:{}", address.port());
    let report = check_passes(TcpConnect::to(&name));
    // Where `localhost` has an address of IPv6 as well, nobody listens there.
    let check = TcpConnect::to(&name).every_address();
    if observed(&report, "addresses") > 1.0 {
        check_fails(check, "[::1]");
    } else {
        check_passes(check);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_listener_whose_queue_is_full_keeps_no_thread() {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};

    let listener = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    let any: std::net::SocketAddr = ([127, 0, 0, 1], 0).into();
    bind(&listener, &any).unwrap();
    listen(&listener, 0).unwrap();
    let address = std::net::SocketAddr::try_from(getsockname(&listener).unwrap()).unwrap();
    // The kernel takes a few connections for a program that accepts none.
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(200));
    let mut queue = Vec::new();
    while let Ok(socket) = connect() {
        queue.push(socket);
    }
    check_fails(impatient(TcpConnect::to(address.to_string())), "timed out");
}

#[test]
fn what_is_no_address_says_what_is() {
    check_fails(TcpConnect::to("localhost"), "write `host:port`");
}

#[test]
fn a_name_has_addresses_and_those_that_are_expected() {
    let report = check_passes(DnsLookup::of("localhost").expect_address([127, 0, 0, 1]));
    check_noted(&report, "localhost is ");
    let elsewhere = DnsLookup::of("localhost").expect_address([192, 0, 2, 1]);
    check_fails(elsewhere, "192.0.2.1 is not among its addresses");
}

#[test]
fn a_name_that_is_not_there_fails() {
    // RFC 2606 promises that nobody ever has a name below `invalid`. A machine that reaches no resolver
    // has to wait for its own.
    check_fails(
        impatient(DnsLookup::of("nobody.invalid")),
        "cannot be looked up",
    );
}
