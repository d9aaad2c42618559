//! Makes the page for a scraper, in time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use axum::body::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::timeout;

use crate::exposition::{self, ApplicationMetrics, Format};
use crate::instance::{Instance, Shared};
use crate::process::Readings;
use crate::renderings::Renderings;
use crate::scrape_request::{ScrapeRequest, Wanted};

/// The pages that are made, each once for all who want it at the same time; none if that panicked.
pub(crate) type Scrapes = Renderings<Arc<Wanted>, Option<Scrape>>;

/// The answer to a scraper.
#[derive(Clone, Debug)]
pub(crate) struct Scrape {
    pub(crate) format: &'static Format,
    pub(crate) is_gzip: bool,
    pub(crate) blocks: Vec<Bytes>,
}

/// Makes a page, and one without the application's metrics if these do not come.
///
/// It is made on a thread where it may take its time, and probes are answered meanwhile; or here, if it will take
/// hardly any.
pub(crate) async fn page(instance: &Shared, request: ScrapeRequest) -> Scrape {
    let ScrapeRequest { wanted, patience } = request;
    let turn = async {
        let turn = instance.application.turn().await;
        // What has come meanwhile wants the same, as likely as not.
        yield_now().await;
        turn
    };
    let make = |turn| whole(instance, &wanted, turn);
    let whole = timeout(patience, instance.scrapes.next(&wanted, turn, make));
    let why = match whole.await {
        Ok(Some(scrape)) => return scrape,
        Ok(None) => "rendering them panicked",
        Err(_) => "they took too long",
    };
    let instance = Arc::clone(instance);
    let rest = spawn_blocking(move || {
        let application = ApplicationMetrics::Missing(why);
        instance.scrape(&wanted, application, &AtomicBool::new(false))
    });
    // What is left is MAD's own; should that panic, an empty page is more than none.
    rest.await.unwrap_or_else(|_| Scrape {
        format: exposition::TEXT,
        is_gzip: false,
        blocks: Vec::new(),
    })
}

/// Makes a page with the application's metrics, if these do not panic. The turn is over when it is made, whether
/// somebody waits for it or not.
async fn whole(
    instance: &Shared,
    wanted: &Arc<Wanted>,
    turn: Option<OwnedSemaphorePermit>,
) -> Option<Scrape> {
    if instance.application.is_quick() {
        let make = || instance.whole(wanted, &AtomicBool::new(false));
        return catch_unwind(AssertUnwindSafe(make)).ok();
    }
    let (instance, wanted) = (Arc::clone(instance), Arc::clone(wanted));
    let waiting = Waiting::default();
    let is_abandoned = Arc::clone(&waiting.is_over);
    let scrape = spawn_blocking(move || {
        let _turn = turn;
        instance.whole(&wanted, &is_abandoned)
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
    fn whole(&self, wanted: &Wanted, is_abandoned: &AtomicBool) -> Scrape {
        let started = Instant::now();
        let application = &self.application;
        let scrape = application.with_metrics(|metrics| self.scrape(wanted, metrics, is_abandoned));
        if !is_abandoned.load(Relaxed) {
            application.took(started.elapsed());
        }
        scrape
    }

    fn scrape(
        &self,
        wanted: &Wanted,
        application: ApplicationMetrics<'_>,
        is_abandoned: &AtomicBool,
    ) -> Scrape {
        let format = wanted.format(self.application.handle().is_none());
        let snapshot = self.engine.snapshot();
        let (names, program) = (&wanted.names, &self.program);
        let process = self.process.as_ref().map(Readings::now);
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
        let is_gzip = wanted.is_gzip && !is_abandoned.load(Relaxed);
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
