//! The self-tests: does the shop really work?
//!
//! Each of them is a unit test under `cargo test`, on a temporary shop that the provider below makes,
//! and a test of the running service, on the real shop, when somebody asks for it:
//! `curl -X POST -H "Authorization: Bearer $MAD_TOKEN" http://127.0.0.1:9464/selftest`.

use std::time::Instant;

use mad_core::{Outcome, Unit, note, observe, provider, self_test, step, step_sync, warn};
use thiserror::Error;
use tokio::task::JoinSet;

use crate::orders::{
    LineRequest, MAX_LINES, MAX_QUANTITY, Order, OrderError, OrderLine, OrderRequest, Product,
    discount_percent,
};
use crate::shop::{SELF_TEST_CUSTOMER, Shop};
use crate::store::{Store, StoreError};

/// Fewer pieces than this are soon sold.
const LOW_STOCK: u32 = 5;

/// How many customers want the same last pieces.
const RIVALS: u32 = 8;

/// How many of the largest orders are added up.
const LARGE_ORDERS: usize = 2_000;

/// Makes the shop that self-tests work on under `cargo test`: a new one, which nobody else uses, with
/// the faults of the environment.
#[provider(test)]
fn temporary_shop() -> Result<Shop, crate::service::StartError> {
    let settings = crate::settings::Settings::read(std::env::vars_os())?;
    Ok(Shop::open(None, &settings.faults)?)
}

/// Who buys much pays less.
///
/// Runbook: <https://wiki.example.com/shop/discounts>
#[self_test(
    timeout = "1s",
    effects = pure,
    owner = "team-pricing",
    tags("rules", "smoke"),
    case(a_single_piece, 1, 0),
    case(just_too_few, 9, 0),
    case(a_box, 10, 5),
    case(a_pallet, 100, 15),
)]
fn quantity_discount(quantity: u32, expected_percent: u32) -> Result<(), SelfTestError> {
    let percent = discount_percent(quantity);
    expect_equal("discount in percent", &percent, &expected_percent)
}

/// The catalogue can be read and makes sense.
///
/// Runbook: <https://wiki.example.com/shop/catalogue>
#[self_test(
    timeout = "5s",
    effects = read,
    owner = "team-orders",
    tags("orders", "smoke")
)]
async fn catalogue_is_sound(shop: &Shop) -> Result<(), SelfTestError> {
    let products = step("read the products", shop.store.products()).await?;
    observe("products", products.len(), Unit::Count);
    step_sync("look at each", || {
        products.iter().try_for_each(check_product)
    })?;
    let cheapest = products.iter().min_by_key(|product| product.price_cents);
    if let Some(product) = cheapest {
        note(format!("the cheapest product is {}", product.name));
    }
    Ok(())
}

fn check_product(product: &Product) -> Result<(), SelfTestError> {
    if product.name.trim().is_empty() {
        return Err(SelfTestError::Nameless {
            product: product.id.clone(),
        });
    }
    if product.stock < LOW_STOCK {
        warn(format!("{}: only {} left", product.name, product.stock));
    }
    Ok(())
}

/// An order can be placed, read and cancelled again.
///
/// It buys one piece over the same path as every customer and gives it back. The stock is not
/// compared, because real customers buy meanwhile.
///
/// Runbook: <https://wiki.example.com/shop/orders>
#[self_test(
    timeout = "10s",
    effects = scratch,
    serial = "orders",
    after("order_database"),
    owner = "team-orders",
    tags("orders", "smoke")
)]
async fn place_and_cancel_order(shop: &Shop) -> Result<Outcome, SelfTestError> {
    let store = &shop.store;
    step("clear away what a cut off run left", clear_away(store)).await?;
    let in_stock = step("given a product in stock", in_stock(store)).await?;
    let Some(product) = in_stock.first() else {
        return Ok(Outcome::skip("everything is sold out"));
    };

    let started = Instant::now();
    let placing = store.place(request(&product.id, 1));
    let order = step("when one piece is ordered", placing).await?;
    observe("placing", started.elapsed(), Unit::Seconds);

    let kept = step("then the order is kept", is_kept(store, &order)).await;
    // Also when it was not kept: what a self-test leaves behind is the next alarm.
    step("then it can be cancelled", store.cancel(order.id)).await?;
    kept?;
    step("then it is gone", is_gone(store, order.id)).await?;
    Ok(Outcome::Pass)
}

async fn is_kept(store: &Store, order: &Order) -> Result<(), SelfTestError> {
    let kept = step("read it", store.order(order.id)).await?;
    step_sync("compare it", || {
        expect_equal("total in cents", &kept.total_cents, &order.total_cents)?;
        expect_equal("order", &kept, order)
    })
}

async fn is_gone(store: &Store, id: i64) -> Result<(), SelfTestError> {
    match store.order(id).await {
        Err(StoreError::Refused(OrderError::UnknownOrder { .. })) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(SelfTestError::StillThere { id }),
    }
}

/// The last pieces are sold once only.
///
/// Several customers want all that is left of the rarest product, at the same moment. One gets it.
/// Destructive: for that moment the product is sold out for everybody else. It runs only when it is
/// asked for by its name.
///
/// Runbook: <https://wiki.example.com/shop/oversold>
#[self_test(
    timeout = "20s",
    effects = destructive,
    serial = "orders",
    after("order_database"),
    owner = "team-orders",
    tags("orders")
)]
async fn last_pieces_are_sold_once(shop: &Shop) -> Result<Outcome, SelfTestError> {
    let store = &shop.store;
    let in_stock = step("given the rarest product", in_stock(store)).await?;
    let rarest = in_stock.iter().min_by_key(|product| product.stock);
    let Some(rarest) = rarest.filter(|product| product.stock <= MAX_QUANTITY) else {
        return Ok(Outcome::skip("no product can be bought up with one order"));
    };
    note(format!("{}: {} left", rarest.name, rarest.stock));

    let race = race_for(store, rarest);
    let winners = step("when everybody orders all of it", race).await;
    step("clear away the orders", clear_away(store)).await?;
    match winners? {
        0 => Ok(Outcome::warn(
            "a real customer was faster, so that nothing was shown",
        )),
        1 => Ok(Outcome::Pass),
        winners => Err(SelfTestError::Oversold { winners }),
    }
}

/// Returns how many orders were accepted.
async fn race_for(store: &Store, product: &Product) -> Result<u32, StoreError> {
    let mut rivals = JoinSet::new();
    for _ in 0..RIVALS {
        let store = store.clone();
        let request = request(&product.id, product.stock);
        rivals.spawn(async move { store.place(request).await });
    }
    let mut winners = 0;
    while let Some(order) = rivals.join_next().await {
        match order? {
            Ok(_) => winners += 1,
            Err(StoreError::Refused(OrderError::OutOfStock { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(winners)
}

/// The label printer answers when it is asked.
///
/// A plain function, and one that blocks: with the fault `hang` switched on it never returns, and
/// MAD ends the wait at the deadline.
///
/// Runbook: <https://wiki.example.com/shop/label-printer>
#[self_test(timeout = "5s", effects = read, owner = "team-warehouse", tags("hardware"))]
fn label_printer_answers(shop: &Shop) {
    step_sync("ask the label printer", || shop.ask_label_printer());
}

/// The largest orders that the rules allow can be added up.
///
/// It needs a good deal of memory for a moment. `isolate = process` gives it a process of its own,
/// and `max_memory` bounds that: if it took too much, that process would end, and not the shop.
///
/// Runbook: <https://wiki.example.com/shop/large-orders>
#[self_test(
    timeout = "10s",
    effects = pure,
    isolate = process,
    max_memory = "512MiB",
    owner = "team-pricing",
    tags("rules")
)]
fn largest_orders_add_up() -> Result<(), SelfTestError> {
    let line = OrderLine::new("gold".to_owned(), MAX_QUANTITY, u32::MAX, 0);
    let order = Order::new(1, "Ada".to_owned(), 0, vec![line; MAX_LINES]);
    let orders = vec![order; LARGE_ORDERS];
    observe("orders", orders.len(), Unit::Count);

    let expected = 214_748_364_750_000;
    orders
        .iter()
        .try_for_each(|order| expect_equal("total in cents", &order.total_cents, &expected))
}

/// What a self-test of the shop found.
#[derive(Debug, Error)]
enum SelfTestError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{what}: expected {expected}, found {found}")]
    Different {
        what: &'static str,
        expected: String,
        found: String,
    },
    #[error("product `{product}` has no name")]
    Nameless { product: String },
    #[error("the same last pieces were sold to {winners} customers")]
    Oversold { winners: u32 },
    #[error("order {id} was cancelled and is still there")]
    StillThere { id: i64 },
}

fn expect_equal<T: PartialEq + std::fmt::Debug>(
    what: &'static str,
    found: &T,
    expected: &T,
) -> Result<(), SelfTestError> {
    if found == expected {
        return Ok(());
    }
    Err(SelfTestError::Different {
        what,
        expected: format!("{expected:?}"),
        found: format!("{found:?}"),
    })
}

async fn in_stock(store: &Store) -> Result<Vec<Product>, StoreError> {
    let mut products = store.products().await?;
    products.retain(|product| product.stock > 0);
    Ok(products)
}

/// Cancels the orders of self-tests: one that was cut off at its deadline could not do so itself.
async fn clear_away(store: &Store) -> Result<(), StoreError> {
    for id in store.order_ids_of(SELF_TEST_CUSTOMER).await? {
        store.cancel(id).await?;
    }
    Ok(())
}

fn request(product: &str, quantity: u32) -> OrderRequest {
    OrderRequest {
        customer: SELF_TEST_CUSTOMER.to_owned(),
        lines: vec![LineRequest {
            product: product.to_owned(),
            quantity,
        }],
    }
}
