//! `cargo xtask footprint`: what embedding MAD costs a small service.
//!
//! Two projects are made from the templates in `xtask/footprint/`: a minimal service and the same
//! with MAD. Both are built from nothing, one after the other, started and left idle; the second once
//! more with a hundred checks. The numbers
//! are those of this machine at this moment; the differences are what is worth comparing.

use std::process::ExitCode;

use crate::project::{Project, Template};
use crate::workspace::Workspace;

mod figures;
mod idle;

use figures::Figures;

/// A service to measure.
#[derive(Debug)]
struct Service {
    template: Template,
    source: &'static str,
    /// How many ports the program takes as arguments and listens on.
    n_ports: usize,
}

const PLAIN: Service = Service {
    template: Template {
        name: "footprint-plain",
        manifest: include_str!("../../footprint/plain.toml"),
        file: "src/main.rs",
    },
    source: include_str!("../../footprint/plain.rs"),
    n_ports: 1,
};

const MAD: Service = Service {
    template: Template {
        name: "footprint-mad",
        manifest: include_str!("../../footprint/mad.toml"),
        file: "src/main.rs",
    },
    source: include_str!("../../footprint/mad.rs"),
    n_ports: 2,
};

/// How many checks the second service has beside its two when it is measured once more. Each runs every
/// ten seconds.
const MORE_CHECKS: &str = "98";

/// The crates that the second template embeds.
const EMBEDDED: [&str; 2] = ["mad-core", "mad-exporter"];

/// Measures both and prints the table.
///
/// # Errors
///
/// If this is not Linux, MAD's crates are absent, or a project cannot be built or started.
pub(crate) fn run(_: Option<&str>) -> crate::Result<ExitCode> {
    if !cfg!(target_os = "linux") {
        return Err("what a process uses is read from /proc, which only Linux has".into());
    }
    let workspace = Workspace::load()?;
    for name in EMBEDDED {
        let present = workspace.package(name);
        present.ok_or_else(|| format!("there is no package `{name}` to embed"))?;
    }
    let plain = measure(&workspace, &PLAIN)?;
    let mad = measure(&workspace, &MAD)?;
    println!("leaving it idle with {MORE_CHECKS} more checks");
    let binary = Project::create(&workspace, MAD.template, MAD.source)?.binary();
    let hundred = idle::measure(&binary, MAD.n_ports, &[MORE_CHECKS])?;
    print!("\n{}", figures::table(&plain, &mad));
    print!("\n{}", figures::idle_table(&plain.idle, &hundred));
    Ok(ExitCode::SUCCESS)
}

fn measure(workspace: &Workspace, service: &Service) -> crate::Result<Figures> {
    println!("== {}", service.template.name);
    let project = Project::create(workspace, service.template, service.source)?;
    let n_crates = project.count_crates()?;
    let build = project.build_from_nothing(&["build", "--release", "--locked"])?;
    let binary_bytes = project.binary_bytes()?;
    println!("leaving it idle");
    let idle = idle::measure(&project.binary(), service.n_ports, &[])?;
    Ok(Figures {
        n_crates,
        build,
        binary_bytes,
        idle,
    })
}
