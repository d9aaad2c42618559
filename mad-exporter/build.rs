//! Tells the crate which compiler builds it, for `mad_build_info`.

use std::env;
use std::process::Command;

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo talks to build scripts through the environment"
)]
fn main() {
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler).arg("--version").output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    // "rustc 1.95.0 (f2d3ce0bd 2026-03-21)"
    let version = text.split_whitespace().nth(1).unwrap_or("unknown");
    println!("cargo::rustc-env=MAD_RUSTC_VERSION={version}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC");
}
