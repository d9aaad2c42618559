//! Makes the page for a scraper, in time.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use axum::body::Bytes;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::exposition::{self, ApplicationMetrics, Format};
use crate::instance::{Instance, Shared};
use crate::process::Process;
use crate::scrape_request::ScrapeRequest;

/// The answer to a scraper.
#[derive(Debug)]
pub(crate) struct Scrape {
    pub(crate) format: &'static Format,
    pub(crate) is_gzip: bool,
    pub(crate) blocks: Vec<Bytes>,
}

/// Makes a page, and one without the application's metrics if these do not come.
///
/// It is made on a thread where it may take its time; probes are answered meanwhile.
pub(crate) async fn page(instance: &Shared, request: ScrapeRequest) -> Scrape {
    let request = Arc::new(request);
    let whole = timeout(request.patience, whole(instance, &request));
    let why = match whole.await {
        Ok(Some(scrape)) => return scrape,
        Ok(None) => "rendering them panicked",
        Err(_) => "they took too long",
    };
    let instance = Arc::clone(instance);
    let rest = spawn_blocking(move || {
        let application = ApplicationMetrics::Missing(why);
        instance.scrape(&request, application, &AtomicBool::new(false))
    });
    // What is left is MAD's own; should that panic, an empty page is more than none.
    rest.await.unwrap_or_else(|_| Scrape {
        format: exposition::TEXT,
        is_gzip: false,
        blocks: Vec::new(),
    })
}

/// Makes a page with the application's metrics, if these do not panic.
async fn whole(instance: &Shared, request: &Arc<ScrapeRequest>) -> Option<Scrape> {
    let turn = instance.application.turn().await;
    let (instance, request) = (Arc::clone(instance), Arc::clone(request));
    let waiting = Waiting::default();
    let is_abandoned = Arc::clone(&waiting.is_over);
    let scrape = spawn_blocking(move || {
        let _turn = turn;
        let application = &instance.application;
        application.with_metrics(|metrics| instance.scrape(&request, metrics, &is_abandoned))
    });
    scrape.await.ok()
}

/// Somebody waits for a page. When this is dropped, nobody does any more.
#[derive(Default)]
struct Waiting {
    is_over: Arc<AtomicBool>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
    }
}

impl Instance {
    fn scrape(
        &self,
        request: &ScrapeRequest,
        application: ApplicationMetrics<'_>,
        is_abandoned: &AtomicBool,
    ) -> Scrape {
        let format = request.format(self.application.handle().is_none());
        let snapshot = self.engine.snapshot();
        let (names, program) = (&request.names, &self.program);
        let process = self.has_process_metrics.then(Process::read);
        let process = process.as_ref();
        let page = exposition::page(
            format,
            names,
            application,
            &snapshot,
            program,
            process,
            is_abandoned,
        );
        let blocks = page.into_blocks().into_iter().map(Bytes::from).collect();
        // What is left of a page that is thrown away is not remembered.
        let is_gzip = request.is_gzip && !is_abandoned.load(Relaxed);
        Scrape {
            format,
            is_gzip,
            blocks: if is_gzip {
                self.gzip.pack(blocks)
            } else {
                blocks
            },
        }
    }
}
