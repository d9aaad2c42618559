//! Generated alerts on a real Prometheus and a real Alertmanager, from a fault to its repair.

use tests::artefacts::generate;
use tests::{Alertmanager, Prometheus, Shop, eventually};

const DOWN: &str = "MadCheckDown";

#[test]
fn a_fault_alerts_whose_it_is_with_the_runbook_and_its_repair_resolves_that() {
    let shop = Shop::start();
    let rules = generate("prometheus-rules", &shop.mad, &[]);
    let alertmanager = Alertmanager::start();
    let prometheus = Prometheus::alerting(&shop.mad, &rules, &alertmanager);
    prometheus.becomes("up", 1.0);
    prometheus.becomes(
        "instance_check:mad_check_health:min{check=\"order_database\"}",
        1.0,
    );
    assert_eq!(alertmanager.active(DOWN), []);

    shop.fault("db", true);
    eventually("the alert is in Alertmanager", || {
        !alertmanager.active(DOWN).is_empty()
    });
    // What only waits for the database alerts nobody.
    let [(labels, annotations)] = &alertmanager.active(DOWN)[..] else {
        panic!("{:?}", alertmanager.active(DOWN));
    };
    assert_eq!(labels["check"], "order_database");
    assert_eq!(labels["job"], "shop");
    assert_eq!(labels["owner"], "team-orders");
    assert_eq!(labels["severity"], "critical");
    assert_eq!(
        annotations["runbook_url"],
        "https://wiki.example.com/shop/order-database"
    );

    shop.fault("db", false);
    eventually("the alert is resolved", || {
        alertmanager.active(DOWN).is_empty()
    });
    prometheus.becomes(
        "count(ALERTS{alertname=\"MadCheckDown\"}) or vector(0)",
        0.0,
    );
}
