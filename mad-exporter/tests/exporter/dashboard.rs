//! `GET /`: a page for browsers, and what is in it for whom.

use std::time::Duration;

use mad_core::{Effects, HealthOptions, Outcome};

use crate::support::{Answer, Request, Service, readiness, self_test, wait_until, with_token};

/// What a browser sends when somebody types an address.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

const MARKUP: &str = "<script>alert(1)</script>&\"'";

fn page(service: &Service, request: Request) -> Answer {
    request.with("Accept", BROWSER).send_to(service.address())
}

fn anonymous(service: &Service) -> Answer {
    page(service, Request::new("GET", "/"))
}

fn authorised(service: &Service) -> Answer {
    page(service, Request::new("GET", "/").with_token())
}

/// A service with a database that fails, a cart that waits for it, and texts that are markup.
fn service() -> Service {
    let database = readiness("database", |_| {
        mad_core::note(MARKUP);
        Outcome::fail(MARKUP)
    })
    .with_doc("The database answers.\n\nRunbook: <https://wiki.example.com/db>")
    .with_runbook("https://wiki.example.com/db")
    .with_owner("team-<orders>")
    .with_tags(["db"]);
    let cart = readiness("cart", |_| true).with_after(["database"]);
    let order = self_test("orders/place", Effects::Read, |_| true);
    let service = Service::start(with_token([database, cart, order]).version("1.2.3"));
    wait_until("the database has failed", || {
        anonymous(&service).body.contains("Not ready")
    });
    service
}

#[test]
fn a_browser_gets_the_page_and_curl_the_list() {
    let service = service();
    let page = anonymous(&service);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("vary"), "accept");
    let list = service.get("/");
    assert_eq!(list.header("content-type"), "text/plain; charset=utf-8");
    assert!(list.body.contains("POST   selftest"));
}

#[test]
fn the_page_allows_no_script_of_its_own_and_nothing_from_elsewhere() {
    let page = anonymous(&service());
    let policy = page.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    for inline in ["<script>", "style=", "onclick", "http://", "https://"] {
        assert!(!page.body.contains(inline), "{inline}");
    }
}

#[test]
fn an_anonymous_caller_sees_names_and_states_only() {
    let service = service();
    let page = anonymous(&service).body;
    assert!(page.contains("database") && page.contains("Down"));
    for hidden in [
        "alert(1)",
        "team-",
        "wiki",
        "1.2.3",
        "orders/place",
        ".rs:",
        "data-act",
    ] {
        assert!(!page.contains(hidden), "{hidden}");
    }
}

#[test]
fn an_authorised_caller_sees_the_root_cause_and_whom_to_ask() {
    let service = service();
    wait_until("the cart waits", || {
        authorised(&service).body.contains("waits for database")
    });
    let page = authorised(&service).body;
    for shown in [
        "team-&#60;orders&#62;",
        "href=\"https://wiki.example.com/db\"",
        "orders/place",
        "1.2.3",
        "dashboard.rs:",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[test]
fn what_a_check_says_is_text_and_no_markup() {
    let page = authorised(&service()).body;
    assert!(!page.contains("<script>alert"));
    assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
}

#[test]
fn a_runbook_that_is_no_web_address_is_no_link() {
    let check = readiness("database", |_| true).with_runbook("javascript:alert(1)");
    let service = Service::start(with_token([check]));
    let page = authorised(&service).body;
    assert!(page.contains("javascript:alert(1)"));
    assert!(!page.contains("href=\"javascript"));
}

#[test]
fn style_and_script_are_kept_by_browsers_until_they_change() {
    let service = service();
    let page = anonymous(&service).body;
    for (name, media_type) in [
        ("dashboard.css", "text/css; charset=utf-8"),
        ("dashboard.js", "text/javascript; charset=utf-8"),
    ] {
        let from = page.find(&format!("{name}?")).expect("the page names it");
        let address = page[from..].split('"').next().unwrap_or_default();
        let asset = service.get(&format!("/{address}"));
        assert_eq!(
            (asset.status, asset.header("content-type")),
            (200, media_type)
        );
        assert!(asset.header("cache-control").contains("immutable"));
    }
}

#[test]
fn changes_of_health_are_remembered_up_to_a_bound() {
    let flapping = {
        let turn = std::sync::atomic::AtomicBool::new(false);
        move |_: &mad_core::Context| {
            let was_up = turn.fetch_xor(true, std::sync::atomic::Ordering::Relaxed);
            if was_up {
                Outcome::fail("flap")
            } else {
                Outcome::Pass
            }
        }
    };
    let options = HealthOptions {
        every: Duration::from_millis(1),
        ..HealthOptions::DEFAULT
    };
    let check = mad_core::Check::health_check("flapping", options, flapping);
    let service = Service::start(with_token([check]));
    let rows = || {
        authorised(&service)
            .body
            .matches("<th scope=\"row\">")
            .count()
    };
    wait_until("it has changed often", || rows() == 20);
}
