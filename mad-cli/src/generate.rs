//! `mad generate`: what monitoring systems want to be told, written after what the annotations say.

mod common;
mod docker;
mod grafana;
mod icinga;
mod kubernetes;
mod nagios;
mod pace;
mod prometheus_rules;
mod source;
mod systemd;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use common::Wanted;

/// Writes what monitoring systems want to be told, after what a service checks
///
/// Whom to ask (`--from`) is a service that runs, or its program if its `main` begins with
/// `mad_exporter::probe_main()`. What is written is there to be read, changed and kept beside the rest of the
/// configuration; nothing is installed.
///
/// Exit codes: 0 it is written; 2 it is not.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct GenerateArguments {
    #[command(subcommand)]
    artefact: Artefact,
}

/// What can be written.
#[derive(Debug, Subcommand)]
enum Artefact {
    /// Alerts and recording rules for Prometheus
    ///
    /// A check is down, degraded, stale, absent, stuck or flapping; a self-test fails, hangs or is not run; a runtime
    /// lags; objectives of measured functions burn. With `--tests` it is the file for `promtool test rules` that goes
    /// with them, and with `--output` both are written.
    #[command(verbatim_doc_comment)]
    PrometheusRules(Wanted<prometheus_rules::Options>),
    /// A Deployment whose probes match the annotations, and a monitor for Prometheus
    ///
    /// The monitors are those of the Prometheus Operator.
    #[command(verbatim_doc_comment)]
    Kubernetes(Wanted<kubernetes::Options>),
    /// A dashboard for Grafana: instances, checks by tag, durations, changes, self-tests, runtimes, measured functions
    ///
    /// To be imported, or put where Grafana provisions dashboards from; it asks for the data source, and shows all
    /// instances or some. What a check is about, whose it is and where its runbook is stands in its panel.
    #[command(verbatim_doc_comment)]
    Grafana(Wanted<grafana::Options>),
    /// Services for Nagios: the instance as a whole and each health check, asked by `mad check`
    ///
    /// They are for the hosts of the host group that is called like the service, and after the template
    /// `generic-service`. Of a check that comes after another one, nobody is told while that is down.
    #[command(verbatim_doc_comment)]
    Nagios(Wanted<nagios::Options>),
    /// Services for Icinga 2: the instance as a whole and each health check, asked by `mad check`
    ///
    /// They are for the hosts with the service among `vars.mad = [ "NAME" ]`. A host may have `vars.mad_token_file`,
    /// with which the plugin says why a check fails. Of a check that comes after another one, nobody is told while
    /// that is down.
    #[command(verbatim_doc_comment)]
    Icinga(Wanted<icinga::Options>),
    /// A unit for systemd, with a watchdog on liveness and a drain before it ends
    ///
    /// The program has to call `.notify_systemd()` on the builder of its exporter. The drain takes the token from
    /// `MAD_TOKEN` in the environment file, where the program finds it, too.
    #[command(verbatim_doc_comment)]
    Systemd(Wanted<systemd::Options>),
    /// A HEALTHCHECK for a Dockerfile, which needs no curl in the image
    ///
    /// Docker Swarm ends a container that is unhealthy, so that by default it is asked whether it is alive. Where
    /// others wait for it (`depends_on` with `service_healthy` in Compose), `--probe readyz` is what they mean.
    #[command(verbatim_doc_comment)]
    Docker(Wanted<docker::Options>),
}

pub(crate) fn run(arguments: &GenerateArguments) -> Exit {
    match &arguments.artefact {
        Artefact::PrometheusRules(wanted) => wanted.write(prometheus_rules::make),
        Artefact::Kubernetes(wanted) => wanted.write(kubernetes::make),
        Artefact::Grafana(wanted) => wanted.write(grafana::make),
        Artefact::Nagios(wanted) => wanted.write(nagios::make),
        Artefact::Icinga(wanted) => wanted.write(icinga::make),
        Artefact::Systemd(wanted) => wanted.write(systemd::make),
        Artefact::Docker(wanted) => wanted.write(docker::make),
    }
}
