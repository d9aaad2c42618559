//! The shop's own metrics, written through the `metrics` facade as in any other program.
//!
//! MAD serves them at `/metrics` beside its own. Labels have few values, known in advance: a path
//! or a method that a caller made up would otherwise be a new series each time.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use crate::faults::{Fault, Faults};
use crate::orders::Product;

const REQUESTS: &str = "shop_http_requests_total";
const REQUEST_DURATION: &str = "shop_http_request_duration_seconds";
const ORDERS_PLACED: &str = "shop_orders_placed_total";
const ORDERS_CANCELLED: &str = "shop_orders_cancelled_total";
const STOCK: &str = "shop_stock_units";
const FAULT: &str = "shop_fault_switched_on";

/// Describes every metric, and makes those whose labels are known, so that nothing appears late.
///
/// A counter that first appears with its first event hides that event from `rate()`.
pub(crate) fn describe() {
    describe_counter!(REQUESTS, Unit::Count, "Requests answered by the shop.");
    describe_histogram!(
        REQUEST_DURATION,
        Unit::Seconds,
        "Time from a request's arrival to its answer."
    );
    describe_counter!(ORDERS_PLACED, Unit::Count, "Orders placed by customers.");
    describe_counter!(
        ORDERS_CANCELLED,
        Unit::Count,
        "Orders cancelled by customers."
    );
    describe_gauge!(STOCK, Unit::Count, "Pieces in stock.");
    describe_gauge!(FAULT, "Whether a fault is switched on: 1 or 0.");

    counter!(ORDERS_PLACED).absolute(0);
    counter!(ORDERS_CANCELLED).absolute(0);
}

/// Counts and times a request; a middleware.
pub(crate) async fn measure(request: Request, next: Next) -> Response {
    let method = method_label(request.method());
    let path = request.extensions().get::<MatchedPath>();
    let route = path.map_or("unmatched", MatchedPath::as_str).to_owned();

    let started = Instant::now();
    let response = next.run(request).await;
    let took = started.elapsed();

    let status = response.status().as_u16().to_string();
    histogram!(REQUEST_DURATION, "method" => method, "route" => route.clone()).record(took);
    counter!(REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
    response
}

/// Counts an order placed by a customer.
pub(crate) fn order_placed() {
    counter!(ORDERS_PLACED).increment(1);
}

/// Counts an order cancelled by a customer.
pub(crate) fn order_cancelled() {
    counter!(ORDERS_CANCELLED).increment(1);
}

/// Shows what is in stock.
pub(crate) fn record_stock(products: &[Product]) {
    for product in products {
        gauge!(STOCK, "product" => product.id.clone()).set(product.stock);
    }
}

/// Shows which faults are switched on, so that a graph of them explains the other graphs.
pub(crate) fn record_faults(faults: &Faults) {
    for fault in Fault::ALL {
        let is_on = u8::from(faults.is_on(fault));
        gauge!(FAULT, "fault" => fault.as_str()).set(is_on);
    }
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
