//! The shop's HTTP API.
//!
//! | request | answer |
//! |---|---|
//! | `GET /products` | what there is to buy |
//! | `GET /orders` | the newest orders |
//! | `POST /orders` | places an order: `{"customer":"Ada","lines":[{"product":"mug","quantity":2}]}` |
//! | `GET /orders/{id}` | one order |
//! | `DELETE /orders/{id}` | cancels it |
//! | `GET /faults` | which faults are switched on |
//! | `POST /faults/{fault}` | switches one on, see [`switch_on`] |
//! | `DELETE /faults/{fault}` | switches it off again |
//!
//! What goes wrong is answered as `{"error":{"code":"out_of_stock","message":"..."}}`.

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use crate::faults::{Fault, Faults};
use crate::orders::{Order, OrderError, OrderRequest, Product};
use crate::shop::{SELF_TEST_CUSTOMER, Shop};
use crate::store::StoreError;
use crate::telemetry;

/// Returns the routes.
pub(crate) fn router(shop: Shop) -> Router {
    Router::new()
        .route("/products", get(list_products))
        .route("/orders", get(list_orders).post(place_order))
        .route("/orders/{id}", get(show_order).delete(cancel_order))
        .route("/faults", get(list_faults))
        .route("/faults/{fault}", post(switch_on).delete(switch_off))
        .fallback(unknown_address)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn(telemetry::measure))
        .with_state(shop)
}

async fn list_products(State(shop): State<Shop>) -> Result<Json<Vec<Product>>, ApiError> {
    Ok(Json(shop.store.products().await?))
}

async fn list_orders(State(shop): State<Shop>) -> Result<Json<Vec<Order>>, ApiError> {
    Ok(Json(shop.store.orders().await?))
}

async fn place_order(
    State(shop): State<Shop>,
    body: Result<Json<OrderRequest>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(request) = body?;
    if request.customer == SELF_TEST_CUSTOMER {
        return Err(ApiError::reserved_customer());
    }
    let order = shop.store.place(request).await?;
    telemetry::order_placed();
    refresh_stock(&shop).await;
    let location = format!("/orders/{}", order.id);
    let created = (
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(order),
    );
    Ok(created.into_response())
}

async fn show_order(
    State(shop): State<Shop>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<Order>, ApiError> {
    let Path(id) = id?;
    Ok(Json(shop.store.order(id).await?))
}

async fn cancel_order(
    State(shop): State<Shop>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    shop.store.cancel(id).await?;
    telemetry::order_cancelled();
    refresh_stock(&shop).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows the stock in the metrics. The order stands whether or not this succeeds, and the next one
/// tries again, so a failure is not the customer's business.
async fn refresh_stock(shop: &Shop) {
    if let Ok(products) = shop.store.products().await {
        telemetry::record_stock(&products);
    }
}

async fn list_faults(State(shop): State<Shop>) -> Json<Value> {
    show_faults(&shop.faults)
}

/// Switches a fault on.
///
/// - `db`: every call of the database fails. The readiness check `order_database` goes Down and so
///   does `/readyz`; `stock_level` comes after it and is skipped with that as its reason. Customers
///   get 503, and the self-tests that read or write fail.
/// - `slow`: every call of the database takes 1.5 s longer. `order_database` allows itself 1 s, so
///   that it is Down as well, but "timed out": customers are still served, slowly.
/// - `hang`: the driver of the label printer blocks its thread and never returns. MAD reports
///   `label_printer` at its deadline, starts no second copy and counts the stuck run. The printer
///   is not critical: the check is Degraded, `/readyz` stays `ok`, and every other check goes on.
/// - `panic`: the readiness check `discount_rules` panics, as one with a bug does. MAD reports
///   message and place in the source, and `/readyz` is 503; the process and its customers do not
///   notice.
/// - `overcharge`: an order costs a cent more than the customer was told. No health check sees it, as
///   everything answers; the self-test `place_and_cancel_order` does, and so does its unit test under
///   `SHOP_FAULTS=overcharge cargo test --example shop`.
async fn switch_on(
    State(shop): State<Shop>,
    Path(word): Path<String>,
) -> Result<Json<Value>, ApiError> {
    switch(&shop.faults, &word, true)
}

/// Switches a fault off. What it broke recovers by itself with the next run of its checks.
async fn switch_off(
    State(shop): State<Shop>,
    Path(word): Path<String>,
) -> Result<Json<Value>, ApiError> {
    switch(&shop.faults, &word, false)
}

fn switch(faults: &Faults, word: &str, is_on: bool) -> Result<Json<Value>, ApiError> {
    let fault = Fault::from_word(word).ok_or_else(|| ApiError::unknown_fault(word))?;
    faults.set(fault, is_on);
    telemetry::record_faults(faults);
    Ok(show_faults(faults))
}

fn show_faults(faults: &Faults) -> Json<Value> {
    let switches = Fault::ALL.map(|fault| (fault.to_string(), faults.is_on(fault).into()));
    Json(Value::Object(Map::from_iter(switches)))
}

async fn unknown_address() -> ApiError {
    let message = "there is nothing here; try /products, /orders or /faults";
    ApiError::new(StatusCode::NOT_FOUND, "unknown_address", message)
}

async fn method_not_allowed() -> ApiError {
    let message = "this address does not know that method; the header `Allow` says which it knows";
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        message,
    )
}

/// What goes wrong, as callers see it.
#[derive(Debug)]
struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    fn reserved_customer() -> Self {
        let message = format!("the name `{SELF_TEST_CUSTOMER}` is reserved");
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "reserved_customer",
            message,
        )
    }

    fn unknown_fault(word: &str) -> Self {
        let known = Fault::ALL.map(Fault::as_str).join(", ");
        let message = format!("there is no fault `{word}`, only: {known}");
        Self::new(StatusCode::NOT_FOUND, "unknown_fault", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self {
            status,
            code,
            message,
        } = self;
        let body = Json(json!({ "error": { "code": code, "message": message } }));
        let mut response = (status, body).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let retry_after = HeaderValue::from_static("2");
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, retry_after);
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            // The reason is for the people who operate the shop; the health check tells them.
            StoreError::Database(_) | StoreError::SwitchedOff | StoreError::CutShort(_) => {
                let message = "the shop cannot reach its order book; please try again";
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "database_unavailable",
                    message,
                )
            }
        }
    }
}

impl From<OrderError> for ApiError {
    fn from(error: OrderError) -> Self {
        let (status, code) = match &error {
            OrderError::BadCustomer => (StatusCode::UNPROCESSABLE_ENTITY, "bad_customer"),
            OrderError::BadLineCount { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "bad_line_count"),
            OrderError::RepeatedProduct { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "repeated_product")
            }
            OrderError::BadQuantity { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "bad_quantity"),
            OrderError::UnknownProduct { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "unknown_product")
            }
            OrderError::OutOfStock { .. } => (StatusCode::CONFLICT, "out_of_stock"),
            OrderError::UnknownOrder { .. } => (StatusCode::NOT_FOUND, "unknown_order"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), "bad_body", rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        let message = "the number of an order is a whole number";
        Self::new(StatusCode::NOT_FOUND, "unknown_order", message)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;

    /// What came back: the status, and the body if it is JSON.
    type Answer = (u16, Value);

    fn shop() -> Shop {
        Shop::open(None, &[]).unwrap()
    }

    async fn respond(shop: &Shop, method: &str, path: &str, body: &str) -> Response {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        router(shop.clone()).oneshot(request).await.unwrap()
    }

    async fn ask(shop: &Shop, method: &str, path: &str, body: &str) -> Answer {
        let response = respond(shop, method, path, body).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn get(shop: &Shop, path: &str) -> Answer {
        ask(shop, "GET", path, "").await
    }

    async fn stock_of_mugs(shop: &Shop) -> Value {
        let (_, products) = get(shop, "/products").await;
        let products = products.as_array().unwrap().clone();
        let mug = products.into_iter().find(|product| product["id"] == "mug");
        mug.unwrap()["stock"].clone()
    }

    const TWO_MUGS: &str = r#"{"customer":"Ada","lines":[{"product":"mug","quantity":2}]}"#;

    #[tokio::test]
    async fn an_order_can_be_placed_read_and_cancelled() {
        let shop = shop();
        let (status, order) = ask(&shop, "POST", "/orders", TWO_MUGS).await;
        assert_eq!(status, 201);
        assert_eq!(order["total_cents"], 2 * 799);
        assert_eq!(stock_of_mugs(&shop).await, 118);

        let path = format!("/orders/{}", order["id"]);
        assert_eq!(get(&shop, &path).await, (200, order.clone()));
        assert_eq!(get(&shop, "/orders").await, (200, json!([order])));

        assert_eq!(ask(&shop, "DELETE", &path, "").await.0, 204);
        assert_eq!(ask(&shop, "DELETE", &path, "").await.0, 404);
        assert_eq!(stock_of_mugs(&shop).await, 120);
    }

    #[tokio::test]
    async fn a_placed_order_says_where_it_is() {
        let response = respond(&shop(), "POST", "/orders", TWO_MUGS).await;
        assert_eq!(response.headers()[header::LOCATION], "/orders/1");
    }

    #[tokio::test]
    async fn a_bad_order_is_refused_with_status_and_code() {
        let shop = shop();
        let order = |customer: &str, product: &str, quantity: i64| {
            let line = json!({ "product": product, "quantity": quantity });
            json!({ "customer": customer, "lines": [line] }).to_string()
        };
        let cases = [
            (order("Ada", "grinder", 13), 409, "out_of_stock"),
            (order("Ada", "tea", 1), 422, "unknown_product"),
            (order("Ada", "mug", 0), 422, "bad_quantity"),
            (order("Ada", "mug", -1), 422, "bad_body"),
            (order("", "mug", 1), 422, "bad_customer"),
            (
                order(SELF_TEST_CUSTOMER, "mug", 1),
                422,
                "reserved_customer",
            ),
            (r#"{"customer":"Ada"}"#.to_owned(), 422, "bad_body"),
            ("mugs, please".to_owned(), 400, "bad_body"),
        ];
        for (body, expected_status, expected_code) in cases {
            let (status, answer) = ask(&shop, "POST", "/orders", &body).await;
            let code = answer["error"]["code"].as_str().unwrap();
            assert_eq!((status, code), (expected_status, expected_code), "{body}");
        }
        assert_eq!(get(&shop, "/orders").await, (200, json!([])));
    }

    #[tokio::test]
    async fn what_is_not_there_is_answered_in_json() {
        let shop = shop();
        for (method, path, status, code) in [
            ("GET", "/orders/7", 404, "unknown_order"),
            ("GET", "/orders/seven", 404, "unknown_order"),
            ("GET", "/teapots", 404, "unknown_address"),
            ("POST", "/faults/gremlin", 404, "unknown_fault"),
            ("DELETE", "/products", 405, "method_not_allowed"),
        ] {
            let (actual, answer) = ask(&shop, method, path, "").await;
            let code_of = answer["error"]["code"].as_str().unwrap();
            assert_eq!((actual, code_of), (status, code), "{method} {path}");
        }
        let refused = respond(&shop, "DELETE", "/products", "").await;
        assert_eq!(refused.headers()[header::ALLOW], "GET,HEAD");
    }

    #[tokio::test]
    async fn the_database_comes_back_when_its_fault_is_switched_off() {
        let shop = shop();
        let (status, faults) = ask(&shop, "POST", "/faults/db", "").await;
        let expected = json!({
            "db": true, "slow": false, "hang": false, "panic": false, "overcharge": false,
        });
        assert_eq!((status, faults), (200, expected));

        let refused = respond(&shop, "GET", "/products", "").await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(refused.headers().contains_key(header::RETRY_AFTER));

        ask(&shop, "DELETE", "/faults/db", "").await;
        assert_eq!(get(&shop, "/products").await.0, 200);
    }
}
