//! Services that DNS knows: SRV records (RFC 2782), asked for over UDP, and over TCP if they are many.

use std::fmt;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};

use crate::address::Address;

const RESOLVERS: &str = "/etc/resolv.conf";
const PORT: u16 = 53;

/// Asks the servers, one after the other, who offers this service; those who are to be preferred come first.
pub(super) fn look_up(
    name: &str,
    server: Option<SocketAddr>,
    timeout: Duration,
) -> Result<Vec<Address>, DnsError> {
    let servers = server.map_or_else(servers_of_the_system, |server| Ok(vec![server]))?;
    let mut result = Err(DnsError::NoServer);
    for server in servers {
        result = ask(name, server, timeout);
        // A server that says no has answered.
        if !matches!(result, Err(DnsError::Silent(..))) {
            break;
        }
    }
    result
}

fn servers_of_the_system() -> Result<Vec<SocketAddr>, DnsError> {
    let text = fs::read(RESOLVERS).map_err(DnsError::Configuration)?;
    let (configuration, _) = resolv_conf::Config::parse_with_errors(&text);
    let servers = configuration.get_nameservers_or_local();
    Ok(servers
        .iter()
        .map(|server| SocketAddr::new(IpAddr::from(server.clone()), PORT))
        .collect())
}

fn ask(name: &str, server: SocketAddr, timeout: Duration) -> Result<Vec<Address>, DnsError> {
    let silent = |error| DnsError::Silent(server, error);
    let id = getrandom::u32()
        .map_err(|_| DnsError::NoServer)?
        .to_le_bytes();
    let id = u16::from_le_bytes([id[0], id[1]]);
    let query = query(name, id)?;
    let reply = over_udp(&query, server, timeout).map_err(silent)?;
    if let Some(addresses) = read(&reply, id)? {
        return Ok(addresses);
    }
    let reply = over_tcp(&query, server, timeout).map_err(silent)?;
    read(&reply, id)?.ok_or(DnsError::Garbage)
}

fn query(name: &str, id: u16) -> Result<Vec<u8>, DnsError> {
    let name = Name::new(name.trim_end_matches('.')).map_err(|_| DnsError::NoName)?;
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(
        name,
        QTYPE::TYPE(TYPE::SRV),
        QCLASS::CLASS(CLASS::IN),
        false,
    ));
    packet.build_bytes_vec().map_err(|_| DnsError::NoName)
}

fn over_udp(query: &[u8], server: SocketAddr, timeout: Duration) -> io::Result<Vec<u8>> {
    let any: IpAddr = if server.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let socket = UdpSocket::bind((any, 0))?;
    // From here on, only this server is heard.
    socket.connect(server)?;
    socket.set_read_timeout(Some(timeout))?;
    socket.send(query)?;
    let mut reply = vec![0; 65_535];
    let length = socket.recv(&mut reply)?;
    reply.truncate(length);
    Ok(reply)
}

fn over_tcp(query: &[u8], server: SocketAddr, timeout: Duration) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&server, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    let length = u16::try_from(query.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(query)?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut reply = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut reply)?;
    Ok(reply)
}

/// Reads who is named; nothing if there was no room for all of them.
fn read(reply: &[u8], id: u16) -> Result<Option<Vec<Address>>, DnsError> {
    let packet = Packet::parse(reply).map_err(|_| DnsError::Garbage)?;
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) {
        return Err(DnsError::Garbage);
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Ok(None);
    }
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Err(DnsError::Unknown),
        other => return Err(DnsError::Refused(format!("{other:?}"))),
    }
    let mut services: Vec<_> = packet
        .answers
        .iter()
        .filter_map(|record| match &record.rdata {
            RData::SRV(service) => {
                Some((service.priority, service.target.to_string(), service.port))
            }
            _ => None,
        })
        // The root as a target says that there is no such service.
        .filter(|(_, target, _)| !target.trim_matches('.').is_empty())
        .collect();
    services.sort();
    let addresses = services.iter().map(|(_, target, port)| {
        let url = format!("{}:{port}", target.trim_end_matches('.'));
        url.parse().map_err(|_| DnsError::Garbage)
    });
    addresses.collect::<Result<_, _>>().map(Some)
}

/// Why DNS names nobody.
#[derive(Debug)]
pub(crate) enum DnsError {
    Configuration(io::Error),
    NoServer,
    NoName,
    Silent(SocketAddr, io::Error),
    Garbage,
    Unknown,
    Refused(String),
}

impl fmt::Display for DnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(error) => write!(
                f,
                "{RESOLVERS} cannot be read: {error}; name a server with --dns-server"
            ),
            Self::NoServer => f.write_str("there is no DNS server to be asked"),
            Self::NoName => f.write_str("it is no name of DNS: write `_mad._tcp.shop.example.com`"),
            Self::Silent(server, error) => {
                write!(f, "the DNS server {server} does not answer: {error}")
            }
            Self::Garbage => f.write_str("what the DNS server answers makes no sense"),
            Self::Unknown => f.write_str("DNS does not know it"),
            Self::Refused(why) => write!(f, "the DNS server says no: {why}"),
        }
    }
}

impl std::error::Error for DnsError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_reply_is_too_strange(reply in proptest::collection::vec(any::<u8>(), 0..200)) {
            _ = read(&reply, 1);
        }
    }
}
