//! What the README shows is what a newcomer sees.

use tests::{Shop, TOKEN, commands, eventually};

const README: &str = include_str!("../../README.md");

#[test]
fn the_tour_prints_what_the_readme_shows() {
    let shop = Shop::start();
    let address = |url: &str| url.trim_start_matches("http://").to_owned();
    let (shop_address, mad_address) = (address(&shop.shop), address(&shop.mad));
    let replaced = [
        ("127.0.0.1:8080", &*shop_address),
        ("127.0.0.1:9464", &*mad_address),
    ];
    eventually("the shop is ready", || {
        shop.mad("GET", "/readyz").status == 200
    });
    let commands = commands(README).into_iter();
    // The two commands that build are run by whoever got here.
    let tour = commands.filter(|command| !command.script.starts_with("cargo"));
    let mut n_commands = 0;
    for command in tour {
        n_commands += 1;
        let printed = command.run(&replaced, TOKEN);
        assert!(
            command.is_shown(&printed),
            "README.md:{} `{}` printed\n{printed}",
            command.line,
            command.script
        );
    }
    assert!(n_commands >= 12, "the tour has only {n_commands} commands");
}
