//! A library that is opened at run time.

use std::process::Command;

use tests::Project;

use crate::SCRATCH;

const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"plugin-host\", \"plugin\"]\n[profile.dev]\ndebug = false\n",
    ),
    (
        "plugin/Cargo.toml",
        "[package]\nname = \"plugin\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
         [dependencies]\nmad-core = { path = \"{workspace}/mad-core\" }\n",
    ),
    (
        "plugin/src/lib.rs",
        r#"
        #[mad_core::self_test(effects = pure)]
        fn in_plugin() -> bool { 6 * 7 == 42 }

        #[unsafe(no_mangle)]
        pub fn mad_checks() -> Vec<mad_core::Check> {
            let registry = mad_core::Registry::linked().expect("its names are its own");
            registry.iter().cloned().collect()
        }
        "#,
    ),
    (
        "plugin-host/Cargo.toml",
        "[package]\nname = \"plugin-host\"\nedition = \"2024\"\n[dependencies]\nmad-core = { path = \"{workspace}/mad-core\" }\n",
    ),
    (
        "plugin-host/src/main.rs",
        r#"
        use std::ffi::{CString, c_char, c_int, c_void};

        use mad_core::{Check, Effects, Engine, Registry, Selection, Trigger};

        mad_core::link_all!();

        #[mad_core::self_test(effects = pure)]
        fn in_host() {}

        unsafe extern "C" {
            fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
            fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
        }

        fn main() {
            let file = CString::new(std::env::args().nth(1).unwrap()).unwrap();
            // Both are built by one compiler with one mad-core, and the library is never closed.
            let checks: fn() -> Vec<Check> = unsafe {
                let library = dlopen(file.as_ptr(), 2);
                assert!(!library.is_null());
                let symbol = dlsym(library, c"mad_checks".as_ptr());
                assert!(!symbol.is_null());
                std::mem::transmute(symbol)
            };
            let mut registry = Registry::linked().unwrap();
            println!("opened: {}", names(&registry));
            registry.extend(checks()).unwrap();
            println!("extended: {}", names(&registry));
            println!("again: {}", registry.extend(checks()).unwrap_err());
            let engine = Engine::builder().registry(registry).start().unwrap();
            let id = engine.trigger(Trigger {
                selection: Selection::all(),
                effects: Effects::Pure,
                requested_by: "host".to_owned(),
                deadline: None,
            }).unwrap();
            let run = loop {
                let run = engine.self_test_run(&id).unwrap();
                if run.is_finished() {
                    break run;
                }
                std::thread::yield_now();
            };
            for result in &run.results {
                println!("{}: {:?}", result.check.name(), result.report().unwrap().outcome);
            }
        }

        fn names(registry: &Registry) -> String {
            registry.iter().map(Check::name).collect::<Vec<_>>().join(" ")
        }
        "#,
    ),
];

#[test]
fn a_plugin_has_its_own_registry_and_the_program_takes_its_checks_over() {
    let project = Project::write(SCRATCH, "plugins", FILES);
    project.cargo_succeeds(&["build", "--workspace"]);
    let output = Command::new(project.made("debug", "plugin-host"))
        .arg(project.made("debug", "libplugin.so"))
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines[0], "opened: in_host");
    assert_eq!(lines[1], "extended: in_host in_plugin");
    assert!(
        lines[2].starts_with("again: two checks are named `in_plugin`"),
        "{printed}"
    );
    assert_eq!(
        lines[3..],
        ["in_host: Pass", "in_plugin: Pass"],
        "{printed}"
    );
}
