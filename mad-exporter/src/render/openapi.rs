//! The description of the HTTP interface, as an `OpenAPI` document.

use serde_json::{Map, Value};

/// Addresses, statuses and what has no schema of its own.
const INTERFACE: &str = include_str!("../openapi.json");

/// The schemas of documents, which others read without this description.
const SCHEMAS: [&str; 2] = [
    include_str!("../../schemas/health.json"),
    include_str!("../../schemas/self-tests.json"),
];

/// Returns the whole of it: what is written down in one place only is put together here.
///
/// # Errors
///
/// If one of the parts is no JSON, which a test would have told.
pub(crate) fn document() -> serde_json::Result<Value> {
    let mut document: Value = serde_json::from_str(INTERFACE)?;
    for schemas in SCHEMAS {
        let here = schemas.replace("#/$defs/", "#/components/schemas/");
        let mut schemas: Value = serde_json::from_str(&here)?;
        let definitions: Map<String, Value> = serde_json::from_value(schemas["$defs"].take())?;
        if let Value::Object(known) = &mut document["components"]["schemas"] {
            known.extend(definitions);
        }
    }
    Ok(document)
}
