//! What goes to other stores: addresses that people write, and lines that nobody answers.

use std::net::UdpSocket;
use std::sync::LazyLock;
use std::time::Duration;

use mad_store::sink::{Extra, PushOptions, Target, readings};
use mad_store::{
    Direction, Environment, Metric, MetricKind, Recording, Sample, Subject, SubjectKind,
};

static STATSD: LazyLock<UdpSocket> = LazyLock::new(|| {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout");
    socket
});

/// Reads a line as an address, and measures things that are called like the others: what is shown of an address is the same one
/// without its secret, and each reading is one line to a server that reads lines.
///
/// # Panics
///
/// If that does not hold.
pub fn sinks(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (address, rest) = text.split_once('\n').unwrap_or((&text, ""));
    if let Ok(target) = address.parse::<Target>() {
        let shown = target.to_string();
        let again: Target = shown.parse().expect("what is shown is an address");
        assert!(!again.has_secret_in_address(), "{shown}");
        assert_eq!(again.to_string(), shown);
    }
    let words: Vec<_> = rest.split('\u{1f}').collect();
    let word = |at: usize| words.get(at).copied().unwrap_or_default().to_owned();
    let environment = Environment {
        host: word(0),
        toolchain: word(1),
        ..Environment::default()
    };
    let mut recording = Recording::new(environment, 1_790_000_000_000);
    recording.branch = Some(word(2));
    let metric = Metric::new(word(3), word(4), MetricKind::Noisy, Direction::Lower);
    let subject = Subject::new(SubjectKind::Test, word(5), word(6));
    recording.samples.push(Sample::new(subject, metric, -1.5));
    let options = PushOptions {
        labels: [(word(7), word(8))].into(),
        with: vec![Extra::Branch],
        ..PushOptions::default()
    };
    let readings = readings(&recording, &options);
    for reading in &readings {
        let series = reading.series();
        assert!(!series.contains('\n'), "{series}");
        super::judges::is_exposition(&format!("{series} {}\n", reading.value));
    }
    let port = STATSD.local_addr().expect("it has one").port();
    let target: Target = format!("statsd://127.0.0.1:{port}")
        .parse()
        .expect("an address");
    let mut sink = target.open().expect("it asks nobody");
    sink.send(&readings).expect("somebody listens");
    let mut packet = vec![0; 65_536];
    let mut n_lines = 0;
    // One that went up, one that is below zero: that is two lines.
    while n_lines < 3 {
        let length = STATSD.recv(&mut packet).expect("it arrives");
        let packet = std::str::from_utf8(&packet[..length]).expect("it is text");
        packet.lines().for_each(is_gauge);
        n_lines += packet.lines().count();
    }
}

/// `name:number|g|#label:value,label:value`
fn is_gauge(line: &str) {
    let parts: Vec<_> = line.split('|').collect();
    let [sample, "g", tags] = parts[..] else {
        panic!("{line}");
    };
    let (name, value) = sample.split_once(':').expect(line);
    let is_plain = |text: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        !text.is_empty() && text.bytes().all(is_plain)
    };
    assert!(is_plain(name) && value.parse::<f64>().is_ok(), "{line}");
    let tags = tags.strip_prefix('#').expect(line);
    for tag in tags.split(',').filter(|tag| !tag.is_empty()) {
        let (name, value) = tag.split_once(':').expect(line);
        assert!(is_plain(name) && is_plain(value), "{line}");
    }
}
