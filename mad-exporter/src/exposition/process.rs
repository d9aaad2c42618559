//! What is known of the process, as Prometheus' own clients name it.

use mad_metrics::view::{Family, Kind, Number, Visitor};

use super::families::families_of;
use super::samples::Samples;
use crate::process::Process;

/// A family of one number, and where that comes from.
type Shown = (Family<'static>, fn(&Process) -> Option<Number>);

const fn gauge(name: &'static str, help: &'static str) -> Family<'static> {
    Family::new(name, Kind::Gauge).with_help(help)
}

const fn counter(name: &'static str, help: &'static str) -> Family<'static> {
    Family::new(name, Kind::Counter).with_help(help)
}

/// All of them, in the order of their names.
const FAMILIES: &[Shown] = &[
    (
        counter(
            "process_cpu_seconds_total",
            "Total user and system CPU time spent in seconds.",
        )
        .with_unit(Some("seconds")),
        |process| process.cpu_seconds.map(Number::Float),
    ),
    (
        gauge(
            "process_max_fds",
            "Maximum number of open file descriptors.",
        ),
        |process| process.max_fds.map(Number::Integer),
    ),
    (
        counter(
            "process_network_receive_bytes_total",
            "Number of bytes received over the network, in the network namespace of the process.",
        )
        .with_unit(Some("bytes")),
        |process| process.network_receive_bytes.map(Number::Integer),
    ),
    (
        counter(
            "process_network_transmit_bytes_total",
            "Number of bytes sent over the network, in the network namespace of the process.",
        )
        .with_unit(Some("bytes")),
        |process| process.network_transmit_bytes.map(Number::Integer),
    ),
    (
        gauge("process_open_fds", "Number of open file descriptors."),
        |process| process.open_fds.map(Number::Integer),
    ),
    (
        gauge(
            "process_resident_memory_bytes",
            "Resident memory size in bytes.",
        )
        .with_unit(Some("bytes")),
        |process| process.resident_memory_bytes.map(Number::Integer),
    ),
    (
        gauge(
            "process_start_time_seconds",
            "Start time of the process since unix epoch in seconds.",
        )
        .with_unit(Some("seconds")),
        |process| process.start_time_seconds.map(Number::Float),
    ),
    (
        gauge("process_threads", "Number of OS threads in the process."),
        |process| process.threads.map(Number::Integer),
    ),
    (
        gauge(
            "process_virtual_memory_bytes",
            "Virtual memory size in bytes.",
        )
        .with_unit(Some("bytes")),
        |process| process.virtual_memory_bytes.map(Number::Integer),
    ),
    (
        gauge(
            "process_virtual_memory_max_bytes",
            "Maximum amount of virtual memory available in bytes.",
        )
        .with_unit(Some("bytes")),
        |process| process.virtual_memory_max_bytes.map(Number::Integer),
    ),
];

/// Shows those that are known.
pub(super) fn show(visitor: &mut dyn Visitor, process: &Process) {
    for (family, number) in FAMILIES {
        if let Some(number) = number(process)
            && visitor.family(family)
        {
            Samples::new(visitor, family).number(&[], number);
        }
    }
}

/// Says whether a family or a sample of this name is one of those that are shown.
pub(super) fn is_shown(name: &str, process: &Process) -> bool {
    let is_it = |(family, number): &Shown| {
        families_of(name).any(|of| of == family.name()) && number(process).is_some()
    };
    name.starts_with("process_") && FAMILIES.iter().any(is_it)
}

#[cfg(test)]
mod tests {
    use super::FAMILIES;

    #[test]
    fn families_are_in_order_and_differ() {
        assert!(FAMILIES.is_sorted_by(|(one, _), (other, _)| one.name() < other.name()));
    }
}
