//! The rules of ordering: what an order may hold, and what it costs.
//!
//! Nothing here knows a database or HTTP. Money is counted in whole cents.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The most pieces of one product that one order may hold.
pub(crate) const MAX_QUANTITY: u32 = 1_000;

/// The most lines that one order may have.
pub(crate) const MAX_LINES: usize = 50;

/// The longest name of a customer, in characters.
const MAX_NAME_LENGTH: usize = 100;

/// Who buys much pays less: from this quantity on, so many percent. In rising order.
const DISCOUNTS: [Discount; 3] = [
    Discount {
        from: 10,
        percent: 5,
    },
    Discount {
        from: 50,
        percent: 10,
    },
    Discount {
        from: 100,
        percent: 15,
    },
];

#[derive(Clone, Copy, Debug)]
struct Discount {
    from: u32,
    percent: u32,
}

/// Something that can be bought.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) price_cents: u32,
    pub(crate) stock: u32,
}

/// What a customer asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderRequest {
    pub(crate) customer: String,
    pub(crate) lines: Vec<LineRequest>,
}

/// One product in what a customer asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineRequest {
    pub(crate) product: String,
    pub(crate) quantity: u32,
}

/// An order as it was placed; later changes of a price do not change it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) customer: String,
    /// In seconds since 1970.
    pub(crate) placed_at: i64,
    pub(crate) lines: Vec<OrderLine>,
    pub(crate) total_cents: u64,
}

/// One product in an order.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct OrderLine {
    pub(crate) product: String,
    pub(crate) quantity: u32,
    pub(crate) unit_price_cents: u32,
    pub(crate) discount_percent: u32,
    pub(crate) total_cents: u64,
}

/// Why an order is refused. Every text is meant for the customer.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum OrderError {
    #[error("an order needs a customer, of at most {MAX_NAME_LENGTH} characters")]
    BadCustomer,
    #[error("an order has at least 1 line and at most {MAX_LINES}, this one has {lines}")]
    BadLineCount { lines: usize },
    #[error("`{product}` has more than one line; put the quantities together")]
    RepeatedProduct { product: String },
    #[error("the quantity of `{product}` is from 1 to {MAX_QUANTITY}, not {quantity}")]
    BadQuantity { product: String, quantity: u32 },
    #[error("there is no product `{product}`")]
    UnknownProduct { product: String },
    #[error("`{product}` is out of stock: {wanted} wanted, {available} available")]
    OutOfStock {
        product: String,
        wanted: u32,
        available: u32,
    },
    #[error("there is no order {id}")]
    UnknownOrder { id: i64 },
}

impl OrderRequest {
    /// Checks everything that can be said without looking at the stock.
    pub(crate) fn validate(&self) -> Result<(), OrderError> {
        let length = self.customer.chars().count();
        if self.customer.trim().is_empty() || length > MAX_NAME_LENGTH {
            return Err(OrderError::BadCustomer);
        }
        let lines = self.lines.len();
        if lines == 0 || lines > MAX_LINES {
            return Err(OrderError::BadLineCount { lines });
        }
        self.lines.iter().try_for_each(LineRequest::validate)?;
        self.refuse_repeated_products()
    }

    fn refuse_repeated_products(&self) -> Result<(), OrderError> {
        let mut seen = HashSet::new();
        match self.lines.iter().find(|line| !seen.insert(&line.product)) {
            None => Ok(()),
            Some(line) => Err(OrderError::RepeatedProduct {
                product: line.product.clone(),
            }),
        }
    }
}

impl LineRequest {
    fn validate(&self) -> Result<(), OrderError> {
        if (1..=MAX_QUANTITY).contains(&self.quantity) {
            return Ok(());
        }
        Err(OrderError::BadQuantity {
            product: self.product.clone(),
            quantity: self.quantity,
        })
    }
}

impl Order {
    /// Makes an order; its total is the sum of its lines.
    pub(crate) fn new(id: i64, customer: String, placed_at: i64, lines: Vec<OrderLine>) -> Self {
        let total_cents = lines.iter().map(|line| line.total_cents).sum();
        Self {
            id,
            customer,
            placed_at,
            lines,
            total_cents,
        }
    }
}

impl OrderLine {
    /// Sells a product at today's price, if there is enough of it.
    pub(crate) fn sell(product: &Product, quantity: u32) -> Result<Self, OrderError> {
        if quantity > product.stock {
            return Err(OrderError::OutOfStock {
                product: product.id.clone(),
                wanted: quantity,
                available: product.stock,
            });
        }
        let discount_percent = discount_percent(quantity);
        Ok(Self::new(
            product.id.clone(),
            quantity,
            product.price_cents,
            discount_percent,
        ))
    }

    /// Makes a line; its total follows from the rest.
    pub(crate) fn new(
        product: String,
        quantity: u32,
        unit_price_cents: u32,
        discount_percent: u32,
    ) -> Self {
        Self {
            product,
            quantity,
            unit_price_cents,
            discount_percent,
            total_cents: line_total_cents(quantity, unit_price_cents, discount_percent),
        }
    }
}

/// Returns the discount for so many pieces of one product, in percent.
pub(crate) fn discount_percent(quantity: u32) -> u32 {
    let reached = DISCOUNTS
        .iter()
        .rev()
        .find(|discount| quantity >= discount.from);
    reached.map_or(0, |discount| discount.percent)
}

/// Returns the price of a line. Half a cent that the discount leaves over is not given away.
pub(crate) fn line_total_cents(quantity: u32, unit_price_cents: u32, discount_percent: u32) -> u64 {
    let full = u64::from(quantity) * u64::from(unit_price_cents);
    full - full / 100 * u64::from(discount_percent) - full % 100 * u64::from(discount_percent) / 100
}

/// Says whether the discounts rise with the quantity, as customers expect.
pub(crate) fn discounts_rise() -> bool {
    DISCOUNTS
        .windows(2)
        .all(|pair| pair[0].from < pair[1].from && pair[0].percent < pair[1].percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coffee(stock: u32) -> Product {
        Product {
            id: "coffee".to_owned(),
            name: "Coffee".to_owned(),
            price_cents: 999,
            stock,
        }
    }

    fn request(customer: &str, lines: &[(&str, u32)]) -> OrderRequest {
        let line = |&(product, quantity): &(&str, u32)| LineRequest {
            product: product.to_owned(),
            quantity,
        };
        OrderRequest {
            customer: customer.to_owned(),
            lines: lines.iter().map(line).collect(),
        }
    }

    #[test]
    fn the_discount_is_rounded_down_to_whole_cents() {
        // 5 % of 99.90 are 4.995.
        assert_eq!(line_total_cents(10, 999, 5), 9_990 - 499);
    }

    #[test]
    fn the_largest_line_does_not_overflow() {
        let full = u64::from(u32::MAX) * u64::from(u32::MAX);
        assert_eq!(line_total_cents(u32::MAX, u32::MAX, 0), full);
        assert!(line_total_cents(u32::MAX, u32::MAX, 15) < full);
    }

    #[test]
    fn the_total_of_an_order_is_the_sum_of_its_lines() {
        let line = OrderLine::sell(&coffee(100), 10).unwrap();
        assert_eq!(line.discount_percent, 5);
        let order = Order::new(1, "Ada".to_owned(), 0, vec![line.clone(), line]);
        assert_eq!(order.total_cents, 2 * 9_491);
    }

    #[test]
    fn the_last_pieces_can_be_sold_and_not_one_more() {
        assert!(OrderLine::sell(&coffee(3), 3).is_ok());
        assert_eq!(
            OrderLine::sell(&coffee(3), 4),
            Err(OrderError::OutOfStock {
                product: "coffee".to_owned(),
                wanted: 4,
                available: 3,
            })
        );
    }

    #[test]
    fn a_request_is_refused_for_the_first_thing_wrong() {
        let too_many = vec![("coffee", 1); MAX_LINES + 1];
        let cases = [
            (request(" ", &[("coffee", 1)]), "needs a customer"),
            (request("Ada", &[]), "this one has 0"),
            (request("Ada", &too_many), "this one has 51"),
            (request("Ada", &[("coffee", 0)]), "from 1 to 1000, not 0"),
            (request("Ada", &[("coffee", 1_001)]), "not 1001"),
            (
                request("Ada", &[("tea", 1), ("tea", 2)]),
                "more than one line",
            ),
        ];
        for (request, expected) in cases {
            let error = request.validate().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert_eq!(request("Ada", &[("coffee", 1)]).validate(), Ok(()));
    }
}
