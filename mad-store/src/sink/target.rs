//! Where a sink is, and what it is.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use super::rrdcached::Rrdcached;
use super::shards::Shards;
use super::spelling::{hash, percent_encoded};
use super::{
    Sink, SinkError, clickhouse, graphite, influx, opentsdb, otlp, pushgateway, redis,
    redis_timeseries, remote_write, statsd,
};

/// Where a sink is, and what it is, read from an address such as `remote-write+http://localhost:9090`.
///
/// The first word says what the server understands, and a second one what carries it where there is a choice.
///
/// ```
/// use mad_store::sink::Target;
///
/// let target: Target = "influx+https://writer@db.example.com/write?db=ci".parse()?;
/// assert_eq!(target.to_string(), "influx+https://writer@db.example.com/write?db=ci");
/// assert!("influx://db.example.com".parse::<Target>().is_err());
/// # Ok::<(), mad_store::sink::TargetError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Target {
    kind: Kind,
    scheme: &'static str,
    pub(super) transport: Transport,
    pub(super) user: Option<String>,
    pub(super) secret: Option<Secret>,
    has_secret_in_address: bool,
    /// `host`, `host:port` or the path of a socket; several where a sink is in shards.
    pub(super) hosts: Vec<String>,
    /// With its slash; empty if there is none.
    pub(super) path: String,
    /// What follows the question mark.
    pub(super) query: String,
    pub(super) headers: Headers,
}

/// What a server understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    RemoteWrite,
    Pushgateway,
    Otlp,
    Graphite,
    Influx,
    OpenTsdb,
    StatsD,
    Rrdcached,
    Redis,
    RedisTimeSeries,
    ClickHouse,
    #[cfg(feature = "mysql")]
    MySql,
    #[cfg(feature = "mongodb")]
    MongoDb,
    #[cfg(feature = "cassandra")]
    Cassandra,
}

/// What carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    Http,
    Https,
    Tcp,
    Udp,
    Unix,
}

const SCHEMES: &[(&str, Kind, Transport)] = &[
    ("remote-write+http", Kind::RemoteWrite, Transport::Http),
    ("remote-write+https", Kind::RemoteWrite, Transport::Https),
    ("pushgateway+http", Kind::Pushgateway, Transport::Http),
    ("pushgateway+https", Kind::Pushgateway, Transport::Https),
    ("otlp+http", Kind::Otlp, Transport::Http),
    ("otlp+https", Kind::Otlp, Transport::Https),
    ("graphite", Kind::Graphite, Transport::Tcp),
    ("influx+http", Kind::Influx, Transport::Http),
    ("influx+https", Kind::Influx, Transport::Https),
    ("opentsdb", Kind::OpenTsdb, Transport::Tcp),
    ("opentsdb+http", Kind::OpenTsdb, Transport::Http),
    ("opentsdb+https", Kind::OpenTsdb, Transport::Https),
    ("statsd", Kind::StatsD, Transport::Udp),
    ("rrdcached", Kind::Rrdcached, Transport::Tcp),
    ("rrdcached+unix", Kind::Rrdcached, Transport::Unix),
    ("redis", Kind::Redis, Transport::Tcp),
    ("redis-timeseries", Kind::RedisTimeSeries, Transport::Tcp),
    ("clickhouse+http", Kind::ClickHouse, Transport::Http),
    ("clickhouse+https", Kind::ClickHouse, Transport::Https),
    #[cfg(feature = "mysql")]
    ("mysql", Kind::MySql, Transport::Tcp),
    #[cfg(feature = "mongodb")]
    ("mongodb", Kind::MongoDb, Transport::Tcp),
    #[cfg(feature = "cassandra")]
    ("cassandra", Kind::Cassandra, Transport::Tcp),
];

/// What can be spoken if the feature of that name is there.
const HEAVY: [&str; 3] = ["cassandra", "mongodb", "mysql"];

/// The port that rrdcached has in `/etc/services`.
const RRDCACHED_PORT: u16 = 42217;

impl Target {
    /// With a secret: the password if the address names a user, else a bearer token or what the server takes for one.
    #[must_use]
    pub fn with_secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// With a header in each request, such as `X-Scope-OrgID`; of no effect where no HTTP is spoken.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.0.push((name.into(), value.into()));
        self
    }

    /// Says whether the address itself held a password, where whoever reads a file or a list of processes sees it.
    pub fn has_secret_in_address(&self) -> bool {
        self.has_secret_in_address
    }

    /// Makes the sink. It connects when something is sent.
    ///
    /// # Errors
    ///
    /// [`SinkError::Denied`] if the address lacks something that this kind of sink needs.
    pub fn open(&self) -> Result<Box<dyn Sink>, SinkError> {
        Ok(match self.kind {
            Kind::RemoteWrite => Box::new(remote_write::RemoteWrite::new(self)?),
            Kind::Pushgateway => Box::new(pushgateway::Pushgateway::new(self)?),
            Kind::Otlp => Box::new(otlp::Otlp::new(self)?),
            Kind::OpenTsdb if self.transport == Transport::Tcp => {
                Box::new(opentsdb::Telnet::new(self))
            }
            Kind::OpenTsdb => Box::new(opentsdb::Json::new(self)?),
            Kind::StatsD => Box::new(statsd::StatsD::new(self)),
            Kind::Rrdcached => Box::new(Shards::new(&self.rrdcached_hosts(), Rrdcached::new)),
            Kind::ClickHouse => Box::new(clickhouse::ClickHouse::new(self)?),
            #[cfg(feature = "mysql")]
            Kind::MySql => Box::new(Shards::new(&self.hosts, |host| {
                super::mysql::MySql::new(self, host)
            })),
            #[cfg(feature = "mongodb")]
            Kind::MongoDb => Box::new(super::mongodb::MongoDb::new(self)?),
            #[cfg(feature = "cassandra")]
            Kind::Cassandra => Box::new(super::cassandra::Cassandra::new(self)?),
            Kind::Redis => Box::new(Shards::new(&self.hosts, |host| {
                redis::Redis::new(self, host)
            })),
            Kind::RedisTimeSeries => Box::new(Shards::new(&self.hosts, |host| {
                redis_timeseries::RedisTimeSeries::new(self, host)
            })),
            Kind::Graphite => Box::new(graphite::Graphite::new(self)),
            Kind::Influx => Box::new(influx::Influx::new(self)?),
        })
    }

    /// What the store remembers it by: two tenants of one address are two sinks.
    pub(super) fn cursor_name(&self) -> String {
        if self.headers.0.is_empty() {
            return self.to_string();
        }
        let mut headers = self.headers.0.clone();
        headers.sort();
        format!("{self} {:016x}", hash(&format!("{headers:?}")) >> 64)
    }

    /// The addresses of its daemons, if rrdcached is what it is.
    pub(super) fn rrdcached_addresses(&self) -> Option<Vec<String>> {
        (self.kind == Kind::Rrdcached).then(|| self.rrdcached_hosts())
    }

    fn rrdcached_hosts(&self) -> Vec<String> {
        let address = |host: &String| match self.transport {
            Transport::Unix => host.clone(),
            _ => with_port(host, RRDCACHED_PORT),
        };
        self.hosts.iter().map(address).collect()
    }

    /// The address of a host over HTTP, with the path that is usual unless there is one.
    pub(super) fn http_url(&self, host: &str, usual_path: &str) -> String {
        let scheme = match self.transport {
            Transport::Https => "https",
            _ => "http",
        };
        let path = match self.path.trim_end_matches('/') {
            "" => usual_path,
            _ => &self.path,
        };
        match self.query.as_str() {
            "" => format!("{scheme}://{host}{path}"),
            query => format!("{scheme}://{host}{path}?{query}"),
        }
    }

    /// The first host; the port is that given or the usual one.
    pub(super) fn address(&self, usual_port: u16) -> String {
        with_port(&self.hosts[0], usual_port)
    }
}

/// A host with its port, or with the usual one.
pub(super) fn with_port(host: &str, usual: u16) -> String {
    let behind_brackets = host.rsplit(']').next().unwrap_or_default();
    if behind_brackets.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:{usual}")
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (scheme, rest) = text.split_once("://").ok_or(TargetError::NoScheme)?;
        let &(scheme, kind, transport) = SCHEMES
            .iter()
            .find(|(known, _, _)| *known == scheme)
            .ok_or_else(|| unknown(scheme))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        // A socket is a path, and has no host.
        let slash = if transport == Transport::Unix {
            None
        } else {
            rest.find('/')
        };
        let slash = slash.unwrap_or(rest.len());
        let (authority, path) = rest.split_at(slash);
        let (user_info, hosts) = match authority.rsplit_once('@') {
            Some((user_info, hosts)) => (Some(user_info), hosts),
            None => (None, authority),
        };
        let (user, password) =
            match user_info.map(|info| info.split_once(':').unwrap_or((info, ""))) {
                Some((user, password)) => (decoded(user), decoded(password)),
                None => (None, None),
            };
        let hosts: Vec<_> = hosts.split(',').map(str::to_owned).collect();
        if hosts.iter().any(String::is_empty) {
            return Err(TargetError::NoHost);
        }
        if transport != Transport::Unix && !hosts.iter().all(|host| has_legal_port(host)) {
            return Err(TargetError::Port);
        }
        if text
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
        {
            return Err(TargetError::Blank);
        }
        Ok(Self {
            kind,
            scheme,
            transport,
            has_secret_in_address: password.is_some(),
            user,
            secret: password.map(Secret),
            hosts,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Headers::default(),
        })
    }
}

/// Says whether a host has no port, or one that is a number. A password that is cut in two by its slash looks like
/// one that is none, and would be shown as what follows the host.
fn has_legal_port(host: &str) -> bool {
    match host.rsplit_once(':') {
        Some((_, port)) if !host.ends_with(']') => port.parse::<u16>().is_ok(),
        _ => true,
    }
}

fn unknown(scheme: &str) -> TargetError {
    if HEAVY.contains(&scheme) {
        return TargetError::NotBuilt(scheme.to_owned());
    }
    TargetError::UnknownScheme(scheme.to_owned())
}

fn decoded(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8_lossy();
    (!text.is_empty()).then(|| decoded.into_owned())
}

impl fmt::Display for Target {
    /// The address without the secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://", self.scheme)?;
        if let Some(user) = &self.user {
            let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.~".contains(letter);
            write!(formatter, "{}@", percent_encoded(user, is_plain))?;
        }
        write!(formatter, "{}{}", self.hosts.join(","), self.path)?;
        if !self.query.is_empty() {
            let shown: Vec<_> = self.query.split('&').map(without_secret).collect();
            write!(formatter, "?{}", shown.join("&"))?;
        }
        Ok(())
    }
}

/// Returns a part of a query, without its value where that is a secret, as `p` is to InfluxDB 1.
fn without_secret(part: &str) -> String {
    match part.split_once('=') {
        Some((name @ ("p" | "password" | "token"), _)) => format!("{name}=***"),
        _ => part.to_owned(),
    }
}

/// Header lines, among which may be secrets.
#[derive(Clone, Default)]
pub(super) struct Headers(pub(super) Vec<(String, String)>);

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        formatter.debug_list().entries(names).finish()
    }
}

/// A password or token: it is sent, and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret; the line feed at the end of a file is none of it.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim_end_matches(['\r', '\n']).to_owned())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

/// Why an address is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It does not begin as addresses do.
    #[error("an address begins with what the server understands: one of {schemes}", schemes = schemes())]
    NoScheme,
    /// It begins with something else.
    #[error("`{0}://` is nothing that can be spoken: one of {schemes} is", schemes = schemes())]
    UnknownScheme(String),
    /// It begins with something that this program was built without.
    #[error(
        "`{0}://` needs a program that is built with the feature `{0}`: `cargo install mad-cli --features {0}`"
    )]
    NotBuilt(String),
    /// It names no host.
    #[error(
        "the address names no host, or one too few: `host`, `host:port`, or several with commas between"
    )]
    NoHost,
    /// The port of a host is no number.
    #[error(
        "the port of a host is a number; in a password, `/` is written as `%2F`, `?` as `%3F` and `@` as `%40`"
    )]
    Port,
    /// It has a character that no address has.
    #[error("the address has a blank in it; write it as `%20`")]
    Blank,
}

fn schemes() -> String {
    let schemes: Vec<_> = SCHEMES
        .iter()
        .map(|(scheme, _, _)| format!("{scheme}://"))
        .collect();
    schemes.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parsed(text: &str) -> Target {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_shown_holds_no_secret() {
        let target = parsed("influx+http://ci:pass%3Aword@db:8086/write?db=ci");
        assert_eq!(target.to_string(), "influx+http://ci@db:8086/write?db=ci");
        assert!(!format!("{target:?}").contains("word"));
        assert!(target.has_secret_in_address());
        assert_eq!(target.secret.unwrap().reveal(), "pass:word");
        let of_influxdb_1 = parsed("influx+http://db:8086/write?db=ci&u=ci&p=word");
        let shown = "influx+http://db:8086/write?db=ci&u=ci&p=***";
        assert_eq!(of_influxdb_1.to_string(), shown);
    }

    #[test]
    fn a_password_that_is_not_encoded_is_not_taken_for_a_path_and_shown() {
        for text in [
            "redis://ci:pass/word@h/0",
            "influx+http://ci:pass?word@h/write",
        ] {
            let error = text.parse::<Target>().unwrap_err().to_string();
            assert!(error.contains("%2F") && !error.contains("word@"), "{error}");
        }
    }

    #[test]
    fn what_is_shown_is_the_same_address_without_its_secret() {
        for text in [
            "redis://c%3Ai:pass@[::1]:1/0",
            "influx+http://a%40b-c@h/write?db=ci",
        ] {
            let shown = parsed(text).to_string();
            assert_eq!(parsed(&shown).to_string(), shown);
            assert_eq!(parsed(&shown).user, parsed(text).user);
            assert!(!parsed(&shown).has_secret_in_address(), "{shown}");
        }
    }

    #[test]
    fn tenants_of_one_address_are_two_sinks_and_their_headers_are_not_shown() {
        let sink = |tenant| parsed("remote-write+http://h").with_header("X-Scope-OrgID", tenant);
        assert_ne!(sink("a").cursor_name(), sink("b").cursor_name());
        assert_eq!(sink("a").cursor_name(), sink("a").cursor_name());
        assert!(!sink("a").cursor_name().contains("Scope"));
        assert!(!format!("{:?}", sink("secret-tenant")).contains("secret-tenant"));
    }

    #[test]
    fn an_address_has_what_is_usual_unless_it_says_otherwise() {
        let usual = |text| parsed(text).http_url("h", "/write");
        assert_eq!(usual("influx+http://h"), "http://h/write");
        assert_eq!(usual("influx+https://h/"), "https://h/write");
        assert_eq!(
            usual("influx+http://h/api/v2/write?org=a"),
            "http://h/api/v2/write?org=a"
        );
        assert_eq!(with_port("h", 1), "h:1");
        assert_eq!(with_port("h:2", 1), "h:2");
        assert_eq!(with_port("[::1]", 1), "[::1]:1");
        assert_eq!(with_port("[::1]:2", 1), "[::1]:2");
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_would_be_one() {
        for (text, part) in [
            ("localhost:9090", "begins with"),
            ("http://localhost:9090", "remote-write+http://"),
            ("graphite://", "names no host"),
            ("graphite://a,,b", "names no host"),
            ("graphite://a b", "%20"),
        ] {
            let error = text.parse::<Target>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
