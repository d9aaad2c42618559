//! The recorder of the program, and handles that call sites keep for it.
//!
//! The facade asks its recorder for a handle each time that a macro is reached. A call site whose labels
//! are constant gets the same one each time, as long as the recorder is that of the program, which is never
//! taken back. It is known by its address: the facade holds it as long as the process lives, so that no
//! other recorder is ever there. Before it is installed, while another one is, and inside
//! `metrics::with_local_recorder`, a call site asks.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SetRecorderError, SharedString,
    Unit,
};
use once_cell::race::OnceBox;

use crate::recorder;
use crate::registry::Registry;

/// What the recorder of the program, if it is ours, has recorded.
static REGISTRY: OnceBox<Arc<Registry>> = OnceBox::new();

/// Where the recorder of the program is, once a call site has met it; it is nowhere else before.
static ADDRESS: AtomicUsize = AtomicUsize::new(0);

/// Makes a recorder that of the program.
#[inline]
pub(crate) fn install(recorder: recorder::Recorder) -> Result<(), SetRecorderError<Installed>> {
    let registry = recorder.registry();
    metrics::set_global_recorder(Installed(recorder))?;
    // Only one comes here.
    REGISTRY.get_or_init(|| Box::new(registry));
    Ok(())
}

/// Returns what the recorder of the program has recorded, if it is ours.
#[inline]
pub(crate) fn registry() -> Option<&'static Registry> {
    REGISTRY.get().map(|registry| &**registry)
}

/// The recorder of the program. There is no way to make one but to install it.
#[derive(Debug)]
pub(crate) struct Installed(recorder::Recorder);

impl Installed {
    /// Shows where it is. Nothing else comes with it, so that no order of memory is needed.
    #[inline]
    fn show_address(&self) {
        let address = std::ptr::from_ref(self).addr();
        if ADDRESS.load(Relaxed) != address {
            ADDRESS.store(address, Relaxed);
        }
    }
}

impl Recorder for Installed {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.0.describe_counter(name, unit, help);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.0.describe_gauge(name, unit, help);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.0.describe_histogram(name, unit, help);
    }

    #[inline]
    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        self.show_address();
        self.0.register_counter(key, metadata)
    }

    #[inline]
    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        self.show_address();
        self.0.register_gauge(key, metadata)
    }

    #[inline]
    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        self.show_address();
        self.0.register_histogram(key, metadata)
    }
}

/// Says whether this is the recorder of the program, and ours.
#[inline]
pub(crate) fn is_installed(recorder: &dyn Recorder) -> bool {
    std::ptr::from_ref(recorder).cast::<()>().addr() == ADDRESS.load(Relaxed)
}

/// A handle of the facade, which a recorder gives for a key.
pub trait Given: Sized + Send + Sync + 'static {
    /// Asks a recorder.
    fn ask(recorder: &dyn Recorder, key: &Key, metadata: &Metadata<'_>) -> Self;
}

impl Given for Counter {
    fn ask(recorder: &dyn Recorder, key: &Key, metadata: &Metadata<'_>) -> Self {
        recorder.register_counter(key, metadata)
    }
}

impl Given for Gauge {
    fn ask(recorder: &dyn Recorder, key: &Key, metadata: &Metadata<'_>) -> Self {
        recorder.register_gauge(key, metadata)
    }
}

impl Given for Histogram {
    fn ask(recorder: &dyn Recorder, key: &Key, metadata: &Metadata<'_>) -> Self {
        recorder.register_histogram(key, metadata)
    }
}

/// What a call site of constant labels keeps.
#[derive(Debug)]
pub struct CallSite<H> {
    key: Key,
    metadata: Metadata<'static>,
    /// Given by the recorder of the program.
    kept: OnceBox<H>,
}

impl<H: Given> CallSite<H> {
    /// Makes one that keeps nothing yet.
    pub const fn new(key: Key, metadata: Metadata<'static>) -> Self {
        Self {
            key,
            metadata,
            kept: OnceBox::new(),
        }
    }

    /// Returns the handle of the recorder that counts here and now.
    #[inline]
    pub fn handle(&'static self) -> SiteHandle<H> {
        metrics::with_recorder(|recorder| match self.kept.get() {
            Some(kept) if is_installed(recorder) => SiteHandle(Source::Kept(kept)),
            _ => self.ask(recorder),
        })
    }

    #[cold]
    fn ask(&'static self, recorder: &dyn Recorder) -> SiteHandle<H> {
        let asked = H::ask(recorder, &self.key, &self.metadata);
        // If it is the recorder of the program, it has shown where it is by now.
        SiteHandle(if is_installed(recorder) {
            Source::Kept(self.kept.get_or_init(|| Box::new(asked)))
        } else {
            Source::Asked(asked)
        })
    }
}

/// A handle of the facade, kept by the call site or asked for.
#[derive(Debug)]
pub struct SiteHandle<H: 'static>(Source<H>);

#[derive(Debug)]
enum Source<H: 'static> {
    Kept(&'static H),
    Asked(H),
}

impl<H: Clone> SiteHandle<H> {
    /// Returns the handle itself, to be kept.
    pub fn into_inner(self) -> H {
        match self.0 {
            Source::Kept(handle) => handle.clone(),
            Source::Asked(handle) => handle,
        }
    }
}

impl<H> Deref for SiteHandle<H> {
    type Target = H;

    #[inline]
    fn deref(&self) -> &H {
        match &self.0 {
            Source::Kept(handle) => handle,
            Source::Asked(handle) => handle,
        }
    }
}
