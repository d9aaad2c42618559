//! StatsD: gauges over UDP, with tags as Datadog writes them.

use std::fmt::Write as _;
use std::net::{Ipv6Addr, SocketAddr, ToSocketAddrs as _, UdpSocket};

use super::spelling::plain_word;
use super::target::Target;
use super::{Reading, Receipt, Sink, SinkError};

const PORT: u16 = 8125;

/// What fits into one packet of an Ethernet, as StatsD's authors advise.
const LARGEST_PACKET: usize = 1432;

/// A server that takes gauges. It knows no times, and says nothing: what is sent to one that is away may be lost.
#[derive(Debug)]
pub(super) struct StatsD {
    address: String,
}

impl StatsD {
    pub(super) fn new(target: &Target) -> Self {
        Self {
            address: target.address(PORT),
        }
    }

    fn socket(&self) -> std::io::Result<UdpSocket> {
        let mut addresses = self.address.to_socket_addrs()?;
        let address = addresses.next().ok_or(std::io::ErrorKind::NotFound)?;
        let any = match address {
            SocketAddr::V4(_) => SocketAddr::from(([0, 0, 0, 0], 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        let socket = UdpSocket::bind(any)?;
        // From a machine that is there and has nobody at the port, the next packet brings an error.
        socket.connect(address)?;
        Ok(socket)
    }
}

impl Sink for StatsD {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let lost = |error| SinkError::unavailable(format_args!("{}: {error}", self.address));
        let socket = self.socket().map_err(lost)?;
        for packet in packets(batch) {
            socket.send(packet.as_bytes()).map_err(lost)?;
        }
        Ok(Receipt::taken(batch.len()))
    }
}

/// As many readings in each packet as fit.
fn packets(batch: &[Reading]) -> Vec<String> {
    let mut packets: Vec<String> = Vec::new();
    for reading in batch {
        let lines = gauge(reading);
        match packets.last_mut() {
            Some(packet) if packet.len() + lines.len() <= LARGEST_PACKET => packet.push_str(&lines),
            _ => packets.push(lines),
        }
    }
    packets
}

/// `name:number|g|#label:value`
fn gauge(reading: &Reading) -> String {
    let mut tags = String::new();
    for (name, value) in &reading.labels {
        let separator = if tags.is_empty() { "" } else { "," };
        _ = write!(tags, "{separator}{name}:{}", plain_word(value));
    }
    let Reading { name, value, .. } = reading;
    let line = format!("{name}:{value}|g|#{tags}\n");
    if value.is_sign_negative() {
        // A sign means a change by so much. What goes down from nothing is negative.
        return format!("{name}:0|g|#{tags}\n{line}");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_number_is_a_change_from_nothing() {
        let reading = Reading {
            name: "lines".to_owned(),
            labels: vec![("subject".to_owned(), "a::b".to_owned())],
            unit: String::new(),
            at: 0,
            value: -2.5,
        };
        assert_eq!(
            gauge(&reading),
            "lines:0|g|#subject:a..b\nlines:-2.5|g|#subject:a..b\n"
        );
        let many = vec![reading; 100];
        assert!(
            packets(&many)
                .iter()
                .all(|packet| packet.len() <= LARGEST_PACKET)
        );
        assert_eq!(packets(&many).concat().lines().count(), 200);
    }
}
