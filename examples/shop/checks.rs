//! The health checks: can this instance of the shop serve?
//!
//! They run on a schedule, on threads of MAD's. The probes (`/livez`, `/readyz`, `/startupz`) answer
//! from their last results and never run one.

use std::io;

use mad_core::{Outcome, Unit, health_check, note, observe};

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
/// Informational: who is paged at night decides an alert on `mad_check_health`, not a probe.
///
/// Runbook: <https://wiki.example.com/shop/disk-full>
#[health_check(every = "30s", timeout = "2s", owner = "team-platform", tags("disk"))]
fn disk_space(shop: &Shop) -> io::Result<Outcome> {
    let path = shop.store.path();
    let space = fs4::statvfs(path)?;
    let free_ratio = ratio(space.available_space(), space.total_space());
    observe("free", free_ratio, Unit::Ratio);
    note(format!("looked at the disk of {}", path.display()));
    Ok(match free_ratio {
        free if free < 0.01 => Outcome::fail("less than 1 % of the disk is free"),
        free if free < 0.05 => Outcome::warn("less than 5 % of the disk is free"),
        _ => Outcome::Pass,
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio of bytes needs no more digits than a float has"
)]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}
