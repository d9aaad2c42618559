//! What is answered at which address. Handlers are thin: they ask, and hand what they got to a
//! renderer.

mod answering;
mod blocks;
mod body;
mod caller;
mod checks;
mod crowd;
mod dashboard;
mod events;
#[cfg(feature = "grpc")]
mod grpc_health;
mod health;
mod lifecycle;
mod maintenance;
mod metrics;
mod name;
mod probes;
mod query;
mod reply;
mod report_format;
mod runs;
mod self_tests;
mod verdict;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::handler::Handler as _;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Extension, Router};

use crate::authority::{Indifferent, Peer};
use crate::instance::Shared;
use crate::render::openapi;
use crate::render::problem::Problem;
use crowd::Crowd;

/// Whom a door of MAD's own server is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Audience {
    /// Those who may act and see, and everybody else.
    Operators,
    /// Whoever asks whether the service works.
    Public,
    /// The same, though the program wanted operators there: nobody could tell who they are.
    Strangers,
}

/// What is found behind a door of MAD's own server.
pub(crate) fn server(audience: Audience, prefix: &str, instance: Shared) -> Router {
    let router = match audience {
        Audience::Operators => everything(),
        Audience::Public | Audience::Strangers => public().layer(Extension(Indifferent)),
    };
    let router = if prefix.is_empty() {
        router
    } else {
        Router::new().nest(prefix, router)
    };
    #[cfg(feature = "grpc")]
    let router = router.merge(grpc_health::router());
    let router = if audience == Audience::Strangers {
        router.fallback(no_token)
    } else {
        router.fallback(not_found)
    };
    let router = if instance.authority.hosts.are_known() {
        router.layer(from_fn_with_state(
            Arc::clone(&instance),
            refuse_other_hosts,
        ))
    } else {
        router
    };
    finished(router, instance)
}

/// Refuses who asks for a host that this one is not: a browser that was told that it was.
async fn refuse_other_hosts(
    State(instance): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let is_by_file = matches!(Peer::of(&head), Peer::Unix(_));
    if is_by_file || instance.authority.hosts.is_meant(&head) {
        return next.run(Request::from_parts(head, body)).await;
    }
    let detail = "this host is not called so: ask for it by its address, or allow the name with \
                  `.allow_hosts(..)`";
    Problem::new(421, detail).into_response()
}

/// Everything, to be mounted. What is not found is the application's to say.
pub(crate) fn mounted(instance: Shared) -> Router {
    finished(everything(), instance)
}

/// Everything, and nothing beside it.
pub(crate) fn whole(instance: Shared) -> Router {
    finished(everything().fallback(not_found), instance)
}

/// The four probes, to be mounted beside the application's own routes.
pub(crate) fn probes(instance: Shared) -> Router {
    finished(probes::router(), instance)
}

/// The gRPC health protocol, to be mounted beside the application's own gRPC services.
#[cfg(feature = "grpc")]
pub(crate) fn grpc_health(instance: Shared) -> Router {
    finished(grpc_health::router(), instance)
}

/// What everybody may ask: whether the service works. It acts for nobody.
fn public() -> Router<Shared> {
    answers().merge(reports(&Crowd::default()))
}

/// What says whether the service works. Whoever runs peers of ours probes where they are probed.
fn answers() -> Router<Shared> {
    probes::router().merge(health::router())
}

/// What costs more than a probe leaves room for probes: how many are answered at once is bounded.
fn everything() -> Router<Shared> {
    let crowd = Crowd::default();
    answers()
        .merge(reports(&crowd))
        .merge(operations().route_layer(crowd))
}

/// What is known, as documents. The crowd stands before the handler: around a route it costs each scrape more.
fn reports(crowd: &Crowd) -> Router<Shared> {
    Router::new()
        .route("/metrics", get(metrics::page.layer(crowd.clone())))
        .route("/metrics/slis", get(metrics::slis.layer(crowd.clone())))
}

/// What operators do, and the way to it.
fn operations() -> Router<Shared> {
    Router::new()
        .merge(dashboard::router())
        .route("/openapi.json", get(openapi))
        .route("/metrics/heaviest", get(metrics::heaviest))
        .route("/checks", get(checks::all))
        .route(
            "/selftest",
            get(self_tests::catalogue).post(self_tests::trigger_selected),
        )
        // A self-test may be called `runs`, or `runs/1`; the methods keep them apart.
        .route(
            "/selftest/runs",
            get(runs::all).post(self_tests::trigger_named),
        )
        .route(
            "/selftest/runs/{id}",
            get(runs::one)
                .delete(runs::cancel)
                .post(self_tests::trigger_named),
        )
        .route(
            "/selftest/runs/{id}/events",
            get(events::of_run).post(self_tests::trigger_named),
        )
        .route("/selftest/{*name}", post(self_tests::trigger_named))
        .route(
            "/maintenance",
            get(maintenance::list)
                .put(maintenance::start)
                .delete(maintenance::end),
        )
        .route(
            "/maintenance/{*name}",
            put(maintenance::start).delete(maintenance::end),
        )
        .route("/events", get(events::of_state))
        .route("/drain", post(lifecycle::drain))
        .route("/resume", post(lifecycle::resume))
}

fn finished(router: Router<Shared>, instance: Shared) -> Router {
    router
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(instance)
}

async fn openapi() -> Response {
    match openapi::document() {
        Ok(document) => reply::json(200, reply::JSON, &document),
        Err(error) => Problem::new(500, format!("it is no JSON: {error}")).into_response(),
    }
}

async fn no_token() -> Problem {
    let detail = "only probes, `/health` and `/metrics` are served here, as there is no token and this \
                  address is reached from beyond this host: set a token with \
                  `.token_from_env(\"MAD_TOKEN\")`";
    Problem::new(403, detail)
}

async fn not_found() -> Problem {
    Problem::new(404, "there is nothing here: `GET /` lists what there is")
}

async fn method_not_allowed() -> Problem {
    Problem::new(
        405,
        "this address knows other methods: see the header `Allow`",
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Calls every parameter alike.
    fn address(path: &str) -> String {
        let parts = path
            .split('/')
            .map(|part| if part.starts_with('{') { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    #[test]
    fn the_description_has_every_address_and_no_other() {
        // A router tells its addresses to those alone who debug it.
        let router = format!("{:?}", everything());
        let texts = router.split('"').filter(|text| text.starts_with('/'));
        let served = texts.filter(|text| !text.contains("__private"));
        let served: BTreeSet<_> = served.map(address).collect();
        let document = openapi::document().expect("it is JSON");
        let described = document["paths"].as_object().expect("it has paths");
        let described: BTreeSet<_> = described.keys().map(|path| address(path)).collect();
        assert_eq!(described, served);
    }
}
