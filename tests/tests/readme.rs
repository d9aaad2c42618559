//! What the documents show is what a newcomer sees.

use tests::{Shop, build_mad, follow};

#[test]
fn the_tour_prints_what_the_readme_shows() {
    let shop = Shop::start();
    let n_commands = follow("README.md", include_str!("../../README.md"), &shop);
    assert!(n_commands >= 12, "the tour has only {n_commands} commands");
}

#[test]
fn an_outage_goes_as_the_guide_for_operations_says() {
    build_mad();
    let shop = Shop::start();
    let guide = include_str!("../../docs/operations.md");
    let n_commands = follow("docs/operations.md", guide, &shop);
    assert!(n_commands >= 12, "the guide has only {n_commands} commands");
}

#[test]
fn a_developer_sees_what_the_guide_for_developers_shows() {
    build_mad();
    let shop = Shop::start();
    let guide = include_str!("../../docs/developers.md");
    let n_commands = follow("docs/developers.md", guide, &shop);
    assert!(n_commands >= 7, "the guide has only {n_commands} commands");
}

#[test]
fn who_leads_sees_what_the_guide_for_the_lead_shows() {
    build_mad();
    let shop = Shop::start();
    let guide = include_str!("../../docs/lead.md");
    let n_commands = follow("docs/lead.md", guide, &shop);
    assert!(n_commands >= 6, "the guide has only {n_commands} commands");
}
