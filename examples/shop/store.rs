//! What the shop remembers: products, orders and their lines, in one `SQLite` file.
//!
//! `SQLite` blocks, so every call runs on a thread that may block (`spawn_blocking`). One connection
//! behind a lock is all that a single file can use for writing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, TransactionBehavior, params};
use tempfile::TempDir;
use thiserror::Error;
use tokio::task::spawn_blocking;

use crate::faults::{Fault, Faults};
use crate::orders::{LineRequest, Order, OrderError, OrderLine, OrderRequest, Product};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS products (
        id          TEXT PRIMARY KEY,
        name        TEXT NOT NULL,
        price_cents INTEGER NOT NULL CHECK (price_cents > 0),
        stock       INTEGER NOT NULL CHECK (stock >= 0)
    ) STRICT;

    CREATE TABLE IF NOT EXISTS orders (
        id        INTEGER PRIMARY KEY AUTOINCREMENT,
        customer  TEXT NOT NULL,
        placed_at INTEGER NOT NULL DEFAULT (unixepoch())
    ) STRICT;

    CREATE TABLE IF NOT EXISTS order_lines (
        order_id         INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
        product          TEXT NOT NULL REFERENCES products (id),
        quantity         INTEGER NOT NULL CHECK (quantity > 0),
        unit_price_cents INTEGER NOT NULL,
        discount_percent INTEGER NOT NULL CHECK (discount_percent BETWEEN 0 AND 100),
        PRIMARY KEY (order_id, product)
    ) STRICT;
";

/// What a new shop has to sell: id, name, price in cents, stock.
const OPENING_STOCK: [(&str, &str, u32, u32); 5] = [
    ("coffee", "Coffee beans, 1 kg", 1_890, 240),
    ("filter", "Filter paper, 100 pieces", 349, 500),
    ("grinder", "Coffee grinder", 12_900, 12),
    ("kettle", "Gooseneck kettle", 5_950, 25),
    ("mug", "Mug, blue", 799, 120),
];

/// How many orders are listed, the newest first.
const MAX_LISTED_ORDERS: u32 = 100;

/// How much longer every call takes while the fault `slow` is on.
const SLOWNESS: Duration = Duration::from_millis(1_500);

/// The database of the shop. A clone is another handle to the same one.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    connection: Arc<Mutex<Connection>>,
    path: Arc<Path>,
    faults: Faults,
    /// Removes the file of a temporary database with the last handle.
    _directory: Option<Arc<TempDir>>,
}

/// Why the store could not do what it was asked to do.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    /// The rules do not allow it; the database is well.
    #[error(transparent)]
    Refused(#[from] OrderError),
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    #[error(
        "the database fails on purpose: the fault `{}` is switched on",
        Fault::Db
    )]
    SwitchedOff,
    #[error("the call of the database was cut short")]
    CutShort(#[from] tokio::task::JoinError),
}

/// Why a database cannot be opened.
#[derive(Debug, Error)]
pub(crate) enum OpenError {
    #[error("no temporary directory can be made")]
    Temporary(#[source] std::io::Error),
    #[error("the database {} cannot be opened", path.display())]
    Database {
        path: PathBuf,
        source: rusqlite::Error,
    },
}

impl Store {
    /// Opens the database in this file, which is made if it is not there.
    pub(crate) fn open(path: &Path, faults: Faults) -> Result<Self, OpenError> {
        Self::open_in(None, path, faults)
    }

    /// Makes a database that goes away with the last handle to it.
    pub(crate) fn temporary(faults: Faults) -> Result<Self, OpenError> {
        let directory = TempDir::with_prefix("shop-").map_err(OpenError::Temporary)?;
        let path = directory.path().join("shop.db");
        Self::open_in(Some(directory), &path, faults)
    }

    fn open_in(directory: Option<TempDir>, path: &Path, faults: Faults) -> Result<Self, OpenError> {
        let connection = connect(path).map_err(|source| OpenError::Database {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            path: path.into(),
            faults,
            _directory: directory.map(Arc::new),
        })
    }

    /// Returns where the database is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Asks the database for as little as possible.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        self.call(|connection| Ok(connection.query_row("SELECT 1", [], |_| Ok(()))?))
            .await
    }

    /// Returns every product, in the order of their ids.
    pub(crate) async fn products(&self) -> Result<Vec<Product>, StoreError> {
        self.call(|connection| all_products(connection)).await
    }

    /// Returns the newest orders, the newest first.
    pub(crate) async fn orders(&self) -> Result<Vec<Order>, StoreError> {
        self.call(|connection| newest_orders(connection)).await
    }

    /// Returns the numbers of all orders of a customer.
    pub(crate) async fn order_ids_of(&self, customer: &str) -> Result<Vec<i64>, StoreError> {
        let customer = customer.to_owned();
        self.call(move |connection| order_ids_of(connection, &customer))
            .await
    }

    /// Returns one order.
    pub(crate) async fn order(&self, id: i64) -> Result<Order, StoreError> {
        let order = self.call(move |connection| find_order(connection, id));
        let mut order = order.await?;
        if self.faults.is_on(Fault::Overcharge) {
            order.total_cents += 1;
        }
        Ok(order)
    }

    /// Takes what is ordered out of the stock and writes the order down: all of it, or nothing.
    pub(crate) async fn place(&self, request: OrderRequest) -> Result<Order, StoreError> {
        request.validate()?;
        self.change(move |connection| insert_order(connection, &request))
            .await
    }

    /// Deletes an order and puts what was ordered back into the stock.
    pub(crate) async fn cancel(&self, id: i64) -> Result<(), StoreError> {
        self.change(move |connection| delete_order(connection, id))
            .await
    }

    /// Runs `work` in a transaction, which is undone unless `work` succeeds.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.call(move |connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
        .await
    }

    /// Runs `work` on a thread that may block.
    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.suffer_faults().await?;
        let connection = Arc::clone(&self.connection);
        spawn_blocking(move || work(&mut connection.lock())).await?
    }

    async fn suffer_faults(&self) -> Result<(), StoreError> {
        if self.faults.is_on(Fault::Slow) {
            tokio::time::sleep(SLOWNESS).await;
        }
        if self.faults.is_on(Fault::Db) {
            return Err(StoreError::SwitchedOff);
        }
        Ok(())
    }
}

impl OpenError {
    /// Says whether the file is there and is something else than a database.
    pub(crate) fn is_no_database(&self) -> bool {
        match self {
            Self::Temporary(_) => false,
            Self::Database { source, .. } => {
                source.sqlite_error_code() == Some(ErrorCode::NotADatabase)
            }
        }
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    prepare(&mut connection)?;
    Ok(connection)
}

/// Makes the tables and puts something into the shop, unless that was done before.
///
/// Being a transaction that writes, it also shows at the start whether the file can be written.
fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(SCHEMA)?;
    for product in OPENING_STOCK {
        transaction.execute(
            "INSERT INTO products (id, name, price_cents, stock) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
            product,
        )?;
    }
    transaction.commit()
}

fn all_products(connection: &Connection) -> Result<Vec<Product>, StoreError> {
    let mut statement =
        connection.prepare("SELECT id, name, price_cents, stock FROM products ORDER BY id")?;
    let products = statement.query_map([], read_product)?;
    Ok(products.collect::<Result<_, _>>()?)
}

fn find_product(connection: &Connection, id: &str) -> Result<Product, StoreError> {
    let product = connection
        .query_row(
            "SELECT id, name, price_cents, stock FROM products WHERE id = ?1",
            [id],
            read_product,
        )
        .optional()?;
    product.ok_or_else(|| {
        let product = id.to_owned();
        OrderError::UnknownProduct { product }.into()
    })
}

fn read_product(row: &Row<'_>) -> rusqlite::Result<Product> {
    Ok(Product {
        id: row.get(0)?,
        name: row.get(1)?,
        price_cents: row.get(2)?,
        stock: row.get(3)?,
    })
}

fn newest_orders(connection: &Connection) -> Result<Vec<Order>, StoreError> {
    let mut statement = connection.prepare("SELECT id FROM orders ORDER BY id DESC LIMIT ?1")?;
    let ids = statement.query_map([MAX_LISTED_ORDERS], |row| row.get(0))?;
    ids.map(|id| find_order(connection, id?)).collect()
}

fn order_ids_of(connection: &Connection, customer: &str) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare("SELECT id FROM orders WHERE customer = ?1")?;
    let ids = statement.query_map([customer], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn find_order(connection: &Connection, id: i64) -> Result<Order, StoreError> {
    let head = connection
        .query_row(
            "SELECT customer, placed_at FROM orders WHERE id = ?1",
            [id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let (customer, placed_at) = head.ok_or(OrderError::UnknownOrder { id })?;
    let lines = lines_of_order(connection, id)?;
    Ok(Order::new(id, customer, placed_at, lines))
}

fn lines_of_order(connection: &Connection, id: i64) -> rusqlite::Result<Vec<OrderLine>> {
    let mut statement = connection.prepare(
        "SELECT product, quantity, unit_price_cents, discount_percent
         FROM order_lines WHERE order_id = ?1 ORDER BY product",
    )?;
    let lines = statement.query_map([id], |row| {
        Ok(OrderLine::new(
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
        ))
    })?;
    lines.collect()
}

fn insert_order(connection: &Connection, request: &OrderRequest) -> Result<Order, StoreError> {
    connection.execute(
        "INSERT INTO orders (customer) VALUES (?1)",
        [&request.customer],
    )?;
    let id = connection.last_insert_rowid();
    for line in &request.lines {
        insert_line(connection, id, line)?;
    }
    find_order(connection, id)
}

fn insert_line(connection: &Connection, id: i64, request: &LineRequest) -> Result<(), StoreError> {
    let product = find_product(connection, &request.product)?;
    let line = OrderLine::sell(&product, request.quantity)?;
    connection.execute(
        "UPDATE products SET stock = stock - ?2 WHERE id = ?1",
        params![line.product, line.quantity],
    )?;
    connection.execute(
        "INSERT INTO order_lines (order_id, product, quantity, unit_price_cents, discount_percent)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            id,
            line.product,
            line.quantity,
            line.unit_price_cents,
            line.discount_percent
        ],
    )?;
    Ok(())
}

fn delete_order(connection: &Connection, id: i64) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE products SET stock = stock + quantity FROM order_lines
         WHERE order_lines.order_id = ?1 AND order_lines.product = products.id",
        [id],
    )?;
    match connection.execute("DELETE FROM orders WHERE id = ?1", [id])? {
        0 => Err(OrderError::UnknownOrder { id }.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> Store {
        Store::temporary(Faults::default()).unwrap()
    }

    fn request(lines: &[(&str, u32)]) -> OrderRequest {
        let line = |&(product, quantity): &(&str, u32)| LineRequest {
            product: product.to_owned(),
            quantity,
        };
        OrderRequest {
            customer: "Ada".to_owned(),
            lines: lines.iter().map(line).collect(),
        }
    }

    async fn stock_of(store: &Store, id: &str) -> u32 {
        let products = store.products().await.unwrap();
        products.iter().find(|p| p.id == id).unwrap().stock
    }

    #[tokio::test]
    async fn an_order_takes_from_the_stock_and_gives_back_when_cancelled() {
        let store = store();
        let order = store
            .place(request(&[("mug", 20), ("kettle", 1)]))
            .await
            .unwrap();
        assert_eq!(order.total_cents, 20 * 799 * 95 / 100 + 5_950);
        assert_eq!(store.order(order.id).await.unwrap(), order);
        assert_eq!(stock_of(&store, "mug").await, 100);

        store.cancel(order.id).await.unwrap();
        assert_eq!(stock_of(&store, "mug").await, 120);
        assert!(store.orders().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_order_that_fails_in_its_second_line_leaves_nothing() {
        let store = store();
        let error = store
            .place(request(&[("mug", 1), ("grinder", 13)]))
            .await
            .unwrap_err();
        assert!(matches!(
            error,
            StoreError::Refused(OrderError::OutOfStock { .. })
        ));
        assert_eq!(stock_of(&store, "mug").await, 120);
        assert!(store.orders().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn orders_are_listed_newest_first() {
        let store = store();
        let first = store.place(request(&[("mug", 1)])).await.unwrap();
        let second = store.place(request(&[("mug", 2)])).await.unwrap();
        assert_eq!(store.orders().await.unwrap(), [second, first]);
    }

    #[tokio::test]
    async fn what_was_stored_is_there_when_the_file_is_opened_again() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("shop.db");
        let store = Store::open(&path, Faults::default()).unwrap();
        let order = store.place(request(&[("coffee", 40)])).await.unwrap();
        drop(store);

        let store = Store::open(&path, Faults::default()).unwrap();
        assert_eq!(store.orders().await.unwrap(), [order]);
        assert_eq!(stock_of(&store, "coffee").await, 200);
    }

    #[tokio::test]
    async fn every_call_fails_while_the_fault_is_on() {
        let store = store();
        store.faults.set(Fault::Db, true);
        assert!(matches!(store.ping().await, Err(StoreError::SwitchedOff)));
        store.faults.set(Fault::Db, false);
        assert!(store.ping().await.is_ok());
    }

    #[test]
    fn a_file_that_is_no_database_is_told_from_one_that_cannot_be_opened() {
        let directory = TempDir::new().unwrap();
        let open =
            |name: &str| Store::open(&directory.path().join(name), Faults::default()).unwrap_err();
        std::fs::write(
            directory.path().join("letter.txt"),
            "Dear customer, ".repeat(99),
        )
        .unwrap();
        assert!(open("letter.txt").is_no_database());
        assert!(!open("missing/shop.db").is_no_database());
    }
}
