//! What the README shows is what a newcomer sees.

use tests::{Shop, TOKEN, commands, eventually};

const README: &str = include_str!("../../README.md");

#[test]
#[expect(
    clippy::print_stderr,
    reason = "says what it saw instead, when it fails"
)]
fn the_tour_prints_what_the_readme_shows() {
    let shop = Shop::start();
    let address = |url: &str| url.trim_start_matches("http://").to_owned();
    let (shop_address, mad_address) = (address(&shop.shop), address(&shop.mad));
    let replaced = [
        ("127.0.0.1:8080", &*shop_address),
        ("127.0.0.1:9464", &*mad_address),
    ];
    let tour = commands(README)
        .into_iter()
        .filter(|command| command.script.contains("curl"));
    let mut n_commands = 0;
    for command in tour {
        n_commands += 1;
        let mut printed = String::new();
        let claim = format!("README.md:{} `{}`", command.line, command.script);
        eventually(&claim, || {
            printed = command.run(&replaced, TOKEN);
            let is_shown = command.is_shown(&printed);
            if !is_shown {
                std::thread::sleep(std::time::Duration::from_millis(500));
                eprintln!("{claim} printed\n{printed}");
            }
            is_shown
        });
    }
    assert!(n_commands >= 8, "the tour has only {n_commands} commands");
}
