//! What an operator does in a browser at 3 a.m.: a real Chromium, and the shop.

use std::path::Path;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use mad_core::{Check, HealthOptions, Outcome, Probes, Registry, SelfTestOptions};
use mad_exporter::Exporter;
use tests::{Browser, Screen, Served, Shop, TOKEN, eventually};

/// Starts a shop that has come up.
fn ready() -> Shop {
    let shop = Shop::start();
    eventually("the shop is ready", || {
        shop.mad("GET", "/readyz").status == 200
    });
    shop
}

fn open(shop: &Shop) -> Browser {
    let browser = Browser::start();
    browser.open(&shop.mad);
    browser
}

#[track_caller]
fn sign_in(browser: &Browser, token: &str) {
    browser.click("#sign-in");
    browser.type_into("#token", token);
    browser.click("#sign-in-dialog button[value=ok]");
}

/// Somebody who has the guide for operations, and a browser.
struct Reader<'a> {
    browser: &'a Browser,
    steps: std::vec::IntoIter<String>,
    /// All that was seen on the page during a step.
    seen: String,
}

impl<'a> Reader<'a> {
    /// Opens the guide where it numbers what is to be done in a browser.
    fn of(guide: &str, browser: &'a Browser) -> Self {
        let (_, chapter) = guide.split_once("## In a browser\n").unwrap();
        let (chapter, _) = chapter.split_once("\n## ").unwrap();
        let mut steps: Vec<String> = Vec::new();
        for line in chapter.lines() {
            let text = line
                .split_once(". ")
                .filter(|(number, _)| number.parse::<u8>().is_ok());
            match (text, line.strip_prefix("   "), steps.last_mut()) {
                (Some((_, text)), _, _) => steps.push(text.to_owned()),
                (None, Some(more), Some(step)) => step.extend([" ", more]),
                _ => {}
            }
        }
        Self {
            browser,
            steps: steps.into_iter(),
            seen: String::new(),
        }
    }

    /// Does what the next step says. What is bold in it has to be seen before, meanwhile or afterwards.
    #[track_caller]
    fn step(&mut self, begins: &str, act: impl FnOnce(&mut Self)) {
        let step = self.steps.next().expect("there is one more");
        assert!(step.replace("**", "").starts_with(begins), "{step}");
        self.seen.clear();
        self.look();
        act(self);
        for words in step.split("**").skip(1).step_by(2) {
            eventually(&format!("{words:?} is seen, as in {step:?}"), || {
                self.look();
                self.seen.contains(words)
            });
        }
    }

    fn look(&mut self) {
        let seen = self.browser.text("body");
        self.seen.push_str(&seen.unwrap_or_default());
    }

    #[track_caller]
    fn press(&mut self, button: &str) {
        self.browser.press(button);
        self.look();
    }
}

#[test]
fn the_guide_for_operations_is_all_that_somebody_with_a_browser_needs() {
    let shop = ready();
    shop.fault("db", true);
    let browser = Browser::start();
    let mut reader = Reader::of(include_str!("../../docs/operations.md"), &browser);
    reader.step("Open the address", |_| {
        browser.open(&shop.mad);
        browser.shows("#verdict", "Not ready");
    });
    reader.step("Below What is wrong", |_| {});
    reader.step("Press Sign in", |reader| {
        reader.press("Sign in");
        browser.type_into("#token", TOKEN);
        browser.click("#sign-in-dialog button[value=ok]");
    });
    reader.step("Click on order_database", |_| {
        browser.click("#trouble-order_database a");
        browser.shows("#check-order_database", "team-orders");
    });
    reader.step("Does placing an order work?", |reader| {
        reader.press("Run place_and_cancel_order");
        browser.shows("#runs", "blocked");
    });
    reader.step("Take the instance out", |reader| {
        reader.press("Drain …");
        reader.press("Do it");
        browser.shows("#verdict", "Draining");
        assert_eq!(shop.mad("GET", "/readyz").status, 503);
        assert_eq!(shop.mad("GET", "/livez").status, 200);
    });
    reader.step("Have the database repaired", |reader| {
        shop.fault("db", false);
        reader.press("Resume");
        browser.shows("#verdict", "Ready");
    });
    reader.step("Press Run at place_and_cancel_order", |reader| {
        reader.press("Run place_and_cancel_order");
        eventually("the second run has passed", || {
            let newest = browser.text("#runs > ol > li:first-child summary .state");
            newest.is_some_and(|state| state.contains("pass"))
        });
        browser.shows("#runs li:first-child", "then it can be cancelled");
    });
    reader.step("The newest of", |reader| {
        reader.press("JUnit");
        let read = tests::junit_report(&browser.downloaded("xml"));
        assert!(
            read.to_string().contains("place_and_cancel_order"),
            "{read}"
        );
        browser.shows("#history", "order_database");
    });
    assert_eq!(reader.steps.next(), None);
    assert_eq!(browser.errors(), [""; 0]);
}

#[test]
fn the_steps_of_a_self_test_are_shown_as_they_come() {
    let (go_on, waits) = mpsc::channel();
    let waits = Mutex::new(waits);
    let wait = move || waits.lock().unwrap().recv().unwrap();
    let place = Check::self_test("place", SelfTestOptions::DEFAULT, move |_| {
        mad_core::step_sync("given a customer", || {
            mad_core::step_sync("who is known", &wait);
        });
        mad_core::step_sync("when she orders", &wait);
    });
    let service = Served::start(Exporter::builder(), [place]);
    let browser = Browser::start();
    browser.open(&service.url());
    browser.click("#self-test-place button.run");
    browser.shows("#live [data-step='0'] ol", "who is known");
    let shown = browser.text("#live").unwrap();
    assert!(!shown.contains("when she orders"), "{shown}");
    go_on.send(()).unwrap();
    browser.shows("#live", "when she orders");
    let is_done = "return document.querySelector('#live [data-step=\"0\"]').className";
    eventually("the first step is done", || browser.run(is_done) == "done");
    go_on.send(()).unwrap();
    browser.shows("#runs > ol > li:first-child summary .state", "pass");
    assert_eq!(browser.errors(), [""; 0]);
}

/// How long it takes is the machine's business: `--nocapture` shows it, and `cargo xtask bench --paint` as users have it.
#[test]
#[expect(clippy::print_stdout, reason = "a figure for whoever wants to know it")]
fn the_page_is_small_and_the_browser_says_when_it_was_painted() {
    let shop = ready();
    let browser = open(&shop);
    let (painted, moments) = browser.first_paint();
    println!("first contentful paint, of a browser just started: {painted} ms ({moments:?})");
    let transferred = "return performance.getEntriesByType('navigation')
        .concat(performance.getEntriesByType('resource'))
        .filter((entry) => ['navigation', 'link', 'script'].includes(entry.initiatorType))
        .map((entry) => entry.transferSize)";
    let sizes: Vec<u64> = serde_json::from_value(browser.run(transferred)).unwrap();
    assert_eq!(sizes.len(), 3, "page, style and script: {sizes:?}");
    assert!(sizes.iter().all(|size| *size > 0), "{sizes:?}");
    assert!(sizes.iter().sum::<u64>() < 60 * 1024, "{sizes:?}");
    browser.reload();
    let (painted, moments) = browser.first_paint();
    println!("first contentful paint, of a browser that runs: {painted} ms ({moments:?})");
}

#[test]
fn a_destructive_self_test_runs_only_when_its_name_is_typed() {
    let shop = ready();
    let browser = open(&shop);
    sign_in(&browser, TOKEN);
    browser.click("#self-test-last_pieces_are_sold_once button.run");
    assert_eq!(
        browser.run("return document.getElementById('confirm-ok').disabled"),
        true
    );
    browser.type_into("#confirm-name", "last_pieces_are_sold_once");
    browser.click("#confirm-ok");
    browser.shows("#runs", "last_pieces_are_sold_once");
}

#[test]
fn maintenance_begins_and_ends_on_the_page() {
    let shop = ready();
    let browser = open(&shop);
    sign_in(&browser, TOKEN);
    browser.click("#check-order_database summary");
    browser.click("#check-order_database [data-act=maintenance]");
    browser.type_into("#maintenance-reason", "a new disk");
    browser.click("#maintenance-dialog button[value=ok]");
    browser.shows("#check-order_database", "a new disk");
    browser.click("#check-order_database [data-act=end-maintenance]");
    eventually("the maintenance is over", || {
        let shown = browser.text("#check-order_database");
        shown.is_some_and(|shown| !shown.contains("a new disk"))
    });
}

#[test]
fn a_wrong_token_is_told_and_not_kept() {
    let shop = ready();
    let browser = open(&shop);
    sign_in(&browser, "wrong");
    browser.shows("#message", "not the right one");
    assert_eq!(browser.text("#self-tests"), None);
    let kept = "return [localStorage.length, sessionStorage.length, document.cookie]";
    assert_eq!(browser.run(kept), serde_json::json!([0, 0, ""]));
}

#[test]
fn what_checks_say_runs_nothing_in_the_browser() {
    let attack =
        "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";
    let options = HealthOptions {
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        ..HealthOptions::DEFAULT
    };
    let check = Check::health_check("database", options, move |_| {
        mad_core::note(attack);
        Outcome::fail(attack)
    })
    .with_doc(attack)
    .with_owner(attack)
    .with_runbook("javascript:document.title='owned'");
    let mut registry = Registry::new();
    registry.add(check).unwrap();
    let exporter = Exporter::builder()
        .registry(registry)
        .listen(([127, 0, 0, 1], 0))
        .start()
        .unwrap();
    let browser = Browser::start();
    // Without a token a caller on this host sees everything.
    browser.open(&format!("http://{}/", exporter.local_addr().unwrap()));
    browser.shows("#trouble-database", "onerror");
    browser.click("#check-database summary");
    browser.shows("#check-database", "javascript:");
    assert_ne!(browser.run("return document.title"), "owned");
    assert_eq!(
        browser.run("return document.querySelectorAll('img').length"),
        0
    );
    assert_eq!(browser.errors(), [""; 0]);
    exporter.shutdown(Duration::ZERO);
}

#[test]
fn everybody_can_use_it_in_the_light_and_in_the_dark_and_on_a_telephone() {
    let shop = ready();
    shop.fault("db", true);
    let browser = Browser::start();
    browser.open(&shop.mad);
    browser.shows("#verdict", "Not ready");
    sign_in(&browser, TOKEN);
    browser.shows("#self-tests", "place_and_cancel_order");
    browser.run("for (const more of document.querySelectorAll('details')) more.open = true");
    for screen in [Screen::DESK, Screen::DARK_DESK, Screen::PHONE] {
        browser.show_on(screen);
        assert_eq!(browser.accessibility_violations(), [""; 0], "{screen:?}");
        let is_too_wide = "return document.documentElement.scrollWidth > innerWidth";
        assert_eq!(browser.run(is_too_wide), false, "{screen:?}");
    }
}

#[test]
fn the_keyboard_is_enough() {
    let shop = ready();
    let browser = open(&shop);
    sign_in(&browser, TOKEN);
    browser.shows("#self-tests", "place_and_cancel_order");
    browser.run("document.querySelector('#check-order_database summary').focus()");
    browser.type_into("#check-order_database summary", "\u{e007}");
    browser.shows("#check-order_database", "Runbook");
    browser.run("document.querySelector('#self-test-catalogue_is_sound .run').focus()");
    browser.type_into("#self-test-catalogue_is_sound .run", "\u{e007}");
    browser.shows("#runs", "catalogue_is_sound");
}

#[test]
fn what_is_opened_and_typed_stays_when_the_page_is_refreshed() {
    let shop = ready();
    let browser = open(&shop);
    sign_in(&browser, TOKEN);
    browser.click("#check-order_database summary");
    browser.click("#check-order_database [data-act=maintenance]");
    browser.type_into("#maintenance-reason", "half typed");
    let as_of = browser.run("return document.querySelector('#head time').dateTime");
    eventually("the page was refreshed", || {
        browser.run("return document.querySelector('#head time').dateTime") != as_of
    });
    let kept = "return [document.querySelector('#check-order_database details').open,
                        document.getElementById('maintenance-reason').value]";
    assert_eq!(browser.run(kept), serde_json::json!([true, "half typed"]));
}

#[test]
fn without_a_script_the_essentials_are_there() {
    let shop = ready();
    shop.fault("db", true);
    eventually("the shop is not ready", || {
        shop.mad("GET", "/readyz").status == 503
    });
    let browser = Browser::start();
    browser.without_scripts();
    browser.open(&shop.mad);
    browser.shows("#verdict", "Not ready");
    browser.shows("#trouble-order_database", "Down");
    browser.shows("#checks", "discount_rules");
}

/// Pictures for the documents: `MAD_PICTURES=docs/pictures cargo test -p tests --test dashboard`.
#[test]
fn pictures_are_taken_when_they_are_asked_for() {
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever writes the documents says so"
    )]
    let Ok(folder) = std::env::var("MAD_PICTURES") else {
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let shop = ready();
    let browser = open(&shop);
    sign_in(&browser, TOKEN);
    shop.fault("overcharge", true);
    browser.click("#self-test-place_and_cancel_order button.run");
    browser.shows("#runs > ol > li:first-child summary .state", "fail");
    browser.run("document.querySelector('#runs details').open = true");
    browser.run("document.getElementById('runs').scrollIntoView()");
    let file = root.join(&folder).join("dashboard-self-test.png");
    std::fs::write(file, browser.picture()).unwrap();
    shop.fault("overcharge", false);
    shop.fault("db", true);
    browser.shows("#verdict", "Not ready");
    browser.click("#check-order_database summary");
    let screens = [
        ("light", Screen::DESK),
        ("dark", Screen::DARK_DESK),
        ("telephone", Screen::PHONE),
    ];
    for (name, screen) in screens {
        browser.show_on(screen);
        browser.run("scrollTo(0, 0)");
        let file = root.join(&folder).join(format!("dashboard-{name}.png"));
        std::fs::write(file, browser.picture()).unwrap();
    }
}
