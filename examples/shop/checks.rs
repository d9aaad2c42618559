//! The health checks: can this instance of the shop serve?
//!
//! They run on a schedule, on threads of MAD's. The probes (`/livez`, `/readyz`, `/startupz`) answer
//! from their last results and never run one.

use std::path::Path;

use mad_checks::{DiskSpace, OpenFiles};
use mad_core::{Check, IntoCheck, Outcome, Unit, health_check, observe};

use crate::faults::Fault;
use crate::orders::{self, line_total_cents};
use crate::shop::Shop;
use crate::store::StoreError;

/// A known order still adds up.
///
/// Liveness asks one thing: would a restart help? It would if the memory of this process were
/// damaged, and it would not if the database were down, which is why this asks nobody else.
///
/// Runbook: <https://wiki.example.com/shop/restart>
#[health_check(liveness, every = "5s", timeout = "1s", owner = "team-orders")]
fn order_arithmetic() -> bool {
    line_total_cents(10, 999, 5) == 9_491
}

/// The order database answers.
///
/// Without it the shop can sell nothing, so that requests should go to another instance.
///
/// Runbook: <https://wiki.example.com/shop/order-database>
#[health_check(
    readiness,
    every = "2s",
    timeout = "1s",
    owner = "team-orders",
    tags("db")
)]
async fn order_database(shop: &Shop) -> Result<(), StoreError> {
    shop.store.ping().await
}

/// The discounts rise with the quantity.
///
/// Somebody who edits them by hand can get them wrong. With the fault `panic` switched on this
/// check has a bug.
///
/// Runbook: <https://wiki.example.com/shop/discounts>
#[health_check(
    readiness,
    every = "2s",
    timeout = "1s",
    owner = "team-pricing",
    tags("rules")
)]
fn discount_rules(shop: &Shop) -> bool {
    assert!(
        !shop.faults.is_on(Fault::Panic),
        "the check of the discounts has a bug: the fault `panic` is switched on"
    );
    orders::discounts_rise()
}

/// The tables are there and the catalogue is filled.
///
/// Until then an orchestrator waits, instead of taking the instance for dead. Once it is true it
/// stays true, so that it is hardly ever asked again.
///
/// Runbook: <https://wiki.example.com/shop/empty-catalogue>
#[health_check(
    startup,
    every = "1h",
    timeout = "1s",
    owner = "team-orders",
    tags("db")
)]
async fn schema(shop: &Shop) -> Result<Outcome, StoreError> {
    let products = shop.store.products().await?;
    Ok(if products.is_empty() {
        Outcome::fail("there is nothing to sell")
    } else {
        Outcome::Pass
    })
}

/// Every product is in stock.
///
/// One that is sold out is worth knowing and no reason to send customers away: this gates no probe
/// and warns. While the database is down it is skipped with that cause, and Unknown after a while.
///
/// Runbook: <https://wiki.example.com/shop/sold-out>
#[health_check(
    every = "5s",
    timeout = "2s",
    after("order_database"),
    owner = "team-purchase",
    tags("db", "business")
)]
async fn stock_level(shop: &Shop) -> Result<Outcome, StoreError> {
    let products = shop.store.products().await?;
    let units: u32 = products.iter().map(|product| product.stock).sum();
    observe("units", units, Unit::Count);

    let sold_out = products.iter().filter(|product| product.stock == 0);
    let sold_out: Vec<_> = sold_out.map(|product| product.name.as_str()).collect();
    Ok(if sold_out.is_empty() {
        Outcome::Pass
    } else {
        Outcome::warn(format!("sold out: {}", sold_out.join(", ")))
    })
}

/// The label printer answers.
///
/// Its driver blocks, as drivers do; with the fault `hang` switched on it never returns. The shop
/// sells without labels, so a failure is no more than Degraded (`critical = false`).
///
/// Runbook: <https://wiki.example.com/shop/label-printer>
#[health_check(
    every = "2s",
    timeout = "1s",
    critical = false,
    owner = "team-warehouse",
    tags("hardware")
)]
fn label_printer(shop: &Shop) {
    shop.ask_label_printer();
}

/// The disk of the database has room.
///
/// Informational, as all that comes with `mad-checks`: who is paged at night decides an alert on
/// `mad_check_health`, not a probe.
pub(crate) fn disk_space(database: &Path) -> Check {
    DiskSpace::of(database)
        .warn_below(0.05)
        .fail_below(0.01)
        .into_check()
        .with_owner("team-platform")
        .with_runbook("https://wiki.example.com/shop/disk-full")
        .with_tags(["disk"])
}

/// The shop can open more files: every customer takes a socket.
pub(crate) fn open_files() -> Check {
    OpenFiles::new()
        .into_check()
        .with_owner("team-platform")
        .with_runbook("https://wiki.example.com/shop/too-many-open-files")
}
