//! The messages of `grpc.health.v1`.
//!
//! ```proto
//! message HealthCheckRequest { string service = 1; }
//! message HealthCheckResponse { ServingStatus status = 1; }
//! message HealthListRequest {}
//! message HealthListResponse { map<string, HealthCheckResponse> statuses = 1; }
//! ```

use super::services::ServingStatus;
use super::wire::{Malformed, fields, write_bytes, write_number};

/// Reads a `HealthCheckRequest`. A `HealthListRequest` is one, too, and asks for nothing.
pub(crate) fn service_asked_for(message: &[u8]) -> Result<&str, Malformed> {
    let mut service = "";
    for field in fields(message)? {
        if let (1, Some(text)) = (field.number, field.bytes) {
            // Of two, the last counts.
            service = str::from_utf8(text)?;
        }
    }
    Ok(service)
}

/// Writes a `HealthCheckResponse`.
pub(crate) fn check_response(status: ServingStatus) -> Vec<u8> {
    let mut message = Vec::new();
    write_number(&mut message, 1, status as u64);
    message
}

/// Writes a `HealthListResponse`.
pub(crate) fn list_response<S: AsRef<str>>(
    services: impl Iterator<Item = (S, ServingStatus)>,
) -> Vec<u8> {
    let mut message = Vec::new();
    for (name, status) in services {
        let mut entry = Vec::new();
        write_bytes(&mut entry, 1, name.as_ref().as_bytes());
        write_bytes(&mut entry, 2, &check_response(status));
        write_bytes(&mut message, 1, &entry);
    }
    message
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use prost::Message;

    use super::*;

    /// The messages as prost has them.
    #[derive(Clone, PartialEq, Message)]
    struct Request {
        #[prost(string, tag = "1")]
        service: String,
    }

    #[derive(Clone, PartialEq, Message)]
    struct Response {
        #[prost(int32, tag = "1")]
        status: i32,
    }

    #[derive(Clone, PartialEq, Message)]
    struct ListResponse {
        #[prost(map = "string, message", tag = "1")]
        statuses: HashMap<String, Response>,
    }

    const STATUSES: [ServingStatus; 4] = [
        ServingStatus::Unknown,
        ServingStatus::Serving,
        ServingStatus::NotServing,
        ServingStatus::ServiceUnknown,
    ];

    /// Bytes that are nearly a message: fields of every type, in any order, cut off anywhere.
    fn nearly_messages() -> impl Strategy<Value = Vec<u8>> {
        let number = prop_oneof![4 => 1..4_u8, 1 => 0..32_u8];
        let content = prop::collection::vec(any::<u8>(), 0..12);
        let text = "[a-z]{0,6}".prop_map(String::into_bytes);
        let field = (number, 0..8_u8, prop_oneof![content, text]);
        let field = field.prop_map(|(number, kind, content)| {
            let mut field = vec![number << 3 | kind];
            if kind == 2 {
                field.extend(u8::try_from(content.len()));
            }
            field.extend(content);
            field
        });
        let whole = prop::collection::vec(field, 0..5).prop_map(|fields| fields.concat());
        (whole, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(mut bytes, at, is_cut)| {
            if is_cut && !bytes.is_empty() {
                bytes.truncate(at.index(bytes.len()));
            }
            bytes
        })
    }

    proptest! {
        #[test]
        fn a_request_of_prosts_is_read(service in ".{0,80}") {
            let bytes = Request { service: service.clone() }.encode_to_vec();
            prop_assert_eq!(service_asked_for(&bytes), Ok(&*service));
        }

        #[test]
        fn whatever_prost_reads_is_read_alike_and_whatever_it_refuses_is_refused(
            bytes in nearly_messages(),
        ) {
            // A field of another type than the schema has is skipped here, and refused there.
            let is_text = |bytes: &[u8]| {
                let fields = fields(bytes).unwrap_or_default();
                fields.iter().all(|field| field.number != 1 || field.bytes.is_some())
            };
            prop_assume!(is_text(&bytes));
            let theirs = Request::decode(&*bytes);
            let ours = service_asked_for(&bytes);
            match theirs {
                Ok(request) => prop_assert_eq!(ours, Ok(&*request.service)),
                Err(error) => prop_assert!(ours.is_err(), "{}: {:?}", error, ours),
            }
        }

        #[test]
        fn prost_reads_what_is_written(
            names in prop::collection::btree_set("[a-z/]{0,64}", 0..8),
            statuses in prop::collection::vec(prop::sample::select(&STATUSES[..]), 8),
        ) {
            let services = names.iter().map(String::as_str).zip(statuses);
            let list = ListResponse::decode(&*list_response(services.clone())).unwrap();
            prop_assert_eq!(list.statuses.len(), names.len());
            for (name, status) in services {
                prop_assert_eq!(list.statuses[name].status, status as i32);
                let response = Response::decode(&*check_response(status)).unwrap();
                prop_assert_eq!(response.status, status as i32);
            }
        }
    }
}
