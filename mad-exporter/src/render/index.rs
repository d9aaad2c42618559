//! The list of what there is to ask for.

/// What stands at `/` until somebody knows where to look.
pub(crate) const TEXT: &str = "\
MAD: health checks, self-tests and metrics of this service; in a browser, this is the dashboard

GET    metrics               Prometheus, OpenMetrics
GET    livez                 is it alive?   200 or 503
GET    readyz                may it be sent requests?
GET    startupz              has it come up?
GET    healthz               all of that; ?verbose lists the checks, readyz/NAME asks one
GET    health                health+json; ?format=spring|microprofile|aspnet|nagios|text
GET    actuator/health       the same as Spring Boot has it, with components and groups
GET    health/live           the same as MicroProfile has it; health/ready, health/started

GET    metrics/slis          each check's answer to the probes, as Kubernetes shows it
GET    openapi.json          all of this, for programs: OpenAPI 3.1
GET    metrics/heaviest      where the series come from                        (authorised)
GET    checks                which checks there are, and what each asks for     (authorised)
GET    selftest              self-tests: what they do, their last results      (authorised)
POST   selftest              run them: {\"select\":[\"tag:smoke\"],\"wait\":\"30s\"}   (authorised)
POST   selftest/NAME         run one                                           (authorised)
GET    selftest/runs         runs of self-tests, the newest first              (authorised)
GET    selftest/runs/ID      one of them                                       (authorised)
GET    selftest/runs/ID/events   what happens in it, live                      (authorised)
DELETE selftest/runs/ID      cancel it                                         (authorised)
GET    events                the state, live                                   (authorised)
GET    maintenance           what gates no probe for a while                   (authorised)
PUT    maintenance/NAME      put it there: {\"reason\":\"new disk\",\"for\":\"30m\"}    (authorised)
DELETE maintenance/NAME      take it out; without a name, all of them          (authorised)
POST   drain                 fail readiness: about to leave                    (authorised)
POST   resume                take that back                                    (authorised)

Authorised is who sends `Authorization: Bearer TOKEN`, or, where no token is set,
who calls from this host.
";
