//! The recorder behind the facade, tried as a program uses it.

mod cardinality;
mod hostile;
mod idle;
mod operations;
mod page;
