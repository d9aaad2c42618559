//! `grpc.health.v1.Health`: Check, List and Watch, as grpc-go answers them.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Version};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use super::body::{self, Unread};
use crate::grpc_health::{
    Code, Refusal, Services, TOO_MANY, Watch, answer, check_response, list_response, open,
    service_asked_for,
};
use crate::instance::Shared;
use crate::render::problem::Problem;

/// How many services can be listed.
const MOST_LISTED: usize = 100;

const UNKNOWN_SERVICE: Refusal = Refusal::new(Code::NotFound, "unknown service");

const TOO_MANY_SERVICES: Refusal = Refusal::new(
    Code::ResourceExhausted,
    "server health list exceeds maximum capacity: 100",
);

/// The addresses are those of the protocol, whatever prefix the others have.
pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/grpc.health.v1.Health/Check", post(check))
        .route("/grpc.health.v1.Health/List", post(list))
        .route("/grpc.health.v1.Health/Watch", post(watch))
}

async fn check(State(instance): State<Shared>, request: Request) -> Result<Response, Refused> {
    let call = Call::read(request).await?;
    let snapshot = instance.engine.snapshot();
    let status = Services(&snapshot).status(&call.service);
    Ok(answer(&check_response(status.ok_or(UNKNOWN_SERVICE)?)))
}

async fn list(State(instance): State<Shared>, request: Request) -> Result<Response, Refused> {
    Call::read(request).await?;
    let snapshot = instance.engine.snapshot();
    let services = Services(&snapshot);
    if services.all().nth(MOST_LISTED).is_some() {
        return Err(TOO_MANY_SERVICES.into());
    }
    Ok(answer(&list_response(services.all())))
}

async fn watch(State(instance): State<Shared>, request: Request) -> Result<Response, Refused> {
    let call = Call::read(request).await?;
    let place = instance.watches.open(None).ok_or(TOO_MANY)?;
    let watch = Watch::new(&instance.engine, &call.service, place);
    Ok(watch.with_deadline(call.timeout).into_response())
}

/// What somebody asks for.
struct Call {
    service: String,
    /// How long the client waits.
    timeout: Option<Duration>,
}

impl Call {
    async fn read(request: Request) -> Result<Self, Refused> {
        let (head, body) = request.into_parts();
        refuse_what_is_no_grpc(&head)?;
        let timeout = timeout(&head.headers)?;
        let body = body::read(body).await?;
        let service = service_asked_for(open(&body)?).map_err(|_| MALFORMED)?;
        Ok(Self {
            service: service.to_owned(),
            timeout,
        })
    }
}

const MALFORMED: Refusal = Refusal::new(Code::Internal, "the message is no HealthCheckRequest");

const MALFORMED_TIMEOUT: Refusal = Refusal::new(Code::Internal, "malformed grpc-timeout");

fn refuse_what_is_no_grpc(head: &Parts) -> Result<(), Problem> {
    if head.version < Version::HTTP_2 {
        let detail = "this is gRPC, which takes HTTP/2: there is `/readyz` for others";
        return Err(Problem::new(505, detail));
    }
    let media_type = head.headers.get(CONTENT_TYPE);
    let media_type = media_type.and_then(|media_type| media_type.to_str().ok());
    if media_type.is_some_and(is_grpc) {
        return Ok(());
    }
    let detail = "this is gRPC: send `Content-Type: application/grpc`, or ask `/readyz`";
    Err(Problem::new(415, detail))
}

fn is_grpc(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    ["application/grpc", "application/grpc+proto"]
        .iter()
        .any(|grpc| essence.eq_ignore_ascii_case(grpc))
}

/// Reads how long the client waits: digits, eight at most, and a unit.
fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Refusal> {
    let Some(value) = headers.get("grpc-timeout") else {
        return Ok(None);
    };
    let time = value.to_str().ok().and_then(duration);
    time.map(Some).ok_or(MALFORMED_TIMEOUT)
}

fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number = digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| is_number)?;
    match unit {
        "H" => Some(Duration::from_hours(number)),
        "M" => Some(Duration::from_mins(number)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// Why nothing is answered: in the words of gRPC to those who speak it, and as a problem to others.
enum Refused {
    InGrpc(Refusal),
    InHttp(Problem),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::InGrpc(refusal)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::InHttp(problem)
    }
}

impl From<Unread> for Refused {
    fn from(unread: Unread) -> Self {
        Self::InGrpc(match unread {
            Unread::TooLarge => Refusal::new(Code::ResourceExhausted, "the message is too large"),
            Unread::BrokeOff => Refusal::new(Code::Cancelled, "the request broke off"),
            Unread::TooSlow => {
                Refusal::new(Code::DeadlineExceeded, "the request did not come in time")
            }
        })
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::InGrpc(refusal) => refusal.into_response(),
            Self::InHttp(problem) => problem.into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        let seconds = |text| duration(text).map(|time| time.as_secs_f64());
        assert_eq!(seconds("2S"), Some(2.0));
        assert_eq!(seconds("1500m"), Some(1.5));
        assert_eq!(seconds("99999999H"), Some(99_999_999.0 * 3600.0));
        for text in [
            "",
            "S",
            "2",
            "2s",
            "-1S",
            "+1S",
            "1.5S",
            "100000000n",
            "2\u{e9}",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
