//! What is told of the program whose functions are measured: the metric `build_info`.

use std::sync::atomic::{AtomicUsize, Ordering};

use metrics::{Key, KeyName, Label, Level, Metadata, SharedString};
use parking_lot::Mutex;

use super::handles::service;
use super::recorder::RecorderId;

const BUILD_INFO: &str = "build_info";

/// The version of the specification of Autometrics.
const AUTOMETRICS: &str = "1.0.0";

/// What the program has said.
static SAID: Mutex<BuildInfo> = Mutex::new(BuildInfo::NOTHING);

/// What is told of the program whose functions are [`measured`](macro@crate::measured), in their metric `build_info`.
///
/// What the environment says counts more: `AUTOMETRICS_VERSION`, `AUTOMETRICS_COMMIT` and their like, so that
/// the same program can be told apart where it runs. mad-exporter says what its builder was told when it starts; a
/// program without it says so itself, before the first call of such a function is recorded: each recorder is
/// told once.
///
/// ```
/// mad_core::BuildInfo {
///     version: Some(env!("CARGO_PKG_VERSION").to_owned()),
///     commit: option_env!("GIT_COMMIT").map(str::to_owned),
/// }
/// .tell();
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BuildInfo {
    /// The version of the program.
    pub version: Option<String>,
    /// The commit that it was built from.
    pub commit: Option<String>,
}

impl BuildInfo {
    const NOTHING: Self = Self {
        version: None,
        commit: None,
    };

    /// Says so from now on, in place of what was said before.
    pub fn tell(self) {
        *SAID.lock() = self;
    }
}

/// Returns what a variable says, if it says something.
#[expect(
    clippy::disallowed_methods,
    reason = "the specification asks for it, and a macro takes no argument of the program's"
)]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Tells the recorder that counts here and now, once if it is that of the program.
pub(super) fn tell(recorder: RecorderId, is_that_of_the_program: bool) {
    /// The recorder of the program that was told last.
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    let is_new = !is_that_of_the_program
        || TOLD.swap(recorder.address(), Ordering::Relaxed) != recorder.address();
    if !is_new {
        return;
    }
    let labels = labels();
    metrics::with_recorder(|recorder| {
        recorder.describe_gauge(
            KeyName::from_const_str(BUILD_INFO),
            None,
            SharedString::const_str("The service whose functions are measured, and how."),
        );
        let metadata = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
        let key = Key::from_parts(BUILD_INFO, labels.clone());
        recorder.register_gauge(&key, &metadata).set(1.0);
    });
}

fn labels() -> Vec<Label> {
    let said = SAID.lock().clone();
    let told = [
        ("version", "AUTOMETRICS_VERSION", said.version),
        ("commit", "AUTOMETRICS_COMMIT", said.commit),
        ("branch", "AUTOMETRICS_BRANCH", None),
        ("repository_url", "AUTOMETRICS_REPOSITORY_URL", None),
        (
            "repository_provider",
            "AUTOMETRICS_REPOSITORY_PROVIDER",
            None,
        ),
    ];
    let told = told.into_iter().filter_map(|(label, name, said)| {
        let value = variable(name).or(said)?;
        Some(Label::new(label, value))
    });
    let own = [
        service(),
        Label::from_static_parts("autometrics_version", AUTOMETRICS),
    ];
    own.into_iter().chain(told).collect()
}
