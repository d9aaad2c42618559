//! `mad watch`: how instances are, live, on a terminal.

mod feed;
mod picture;
mod screen;
mod view;

use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use clap::Args;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyEventKind};

use crate::arguments::{TokenArguments, time};
use crate::exit::Exit;
use crate::instances::InstanceArguments;
use crate::interrupt::Interrupt;
use crate::output::complain;
use crate::service::Service;
use crate::token::Token;

use feed::Feed;
use picture::News;
use screen::{Action, Screen, Wish};

/// How long a key may wait for its effect, and news to be seen.
const MOMENT: Duration = Duration::from_millis(100);

/// How long it may take to leave the terminal as it was.
const GRACE: Duration = Duration::from_secs(2);

/// Shows how instances are, live, and starts self-tests with a key
///
/// Up and Down choose a self-test, Enter starts it; one that is destructive asks for its name first. Tab goes to
/// the next instance, the page keys to further checks, q ends. With a token it says why something fails.
///
/// Exit codes: 0 it was ended; 2 there is no terminal, or nobody to be asked.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct WatchArguments {
    #[command(flatten)]
    instances: InstanceArguments,
    /// How long each answer may take
    #[arg(short, long, value_name = "TIME", default_value = "5s", value_parser = time)]
    timeout: Duration,
    #[command(flatten)]
    token: TokenArguments,
}

pub(crate) fn run(arguments: &WatchArguments) -> Exit {
    match watch(arguments) {
        Ok(()) => Exit::Success,
        Err(complaint) => {
            complain(complaint);
            Exit::Trouble
        }
    }
}

fn watch(arguments: &WatchArguments) -> Result<(), String> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(
            "there is no terminal here: `mad check` and `mad describe` need none".to_owned(),
        );
    }
    let token = Token::find(&arguments.token).map_err(|error| error.to_string())?;
    let instances = arguments.instances.find(arguments.timeout);
    let instances = instances.map_err(|error| error.to_string())?;
    let services = Service::all(instances, token.as_ref(), arguments.timeout);
    let interrupt = Interrupt::listen().map_err(|error| error.to_string())?;
    // A terminal that is gone is read for ever: reading it never comes back.
    let ending = interrupt.clone();
    in_background(move || ending.end_after(GRACE))?;
    let (teller, news) = mpsc::channel();
    for (place, service) in services.iter().enumerate() {
        let feed = Feed::new(place, service.clone(), teller.clone());
        in_background(move || feed.follow())?;
    }
    on_terminal(|terminal| show(terminal, &services, &teller, &news, &interrupt))
}

/// Has something drawn on the terminal, which is as it was afterwards: after a panic, too.
fn on_terminal(show: impl FnOnce(&mut DefaultTerminal) -> io::Result<()>) -> Result<(), String> {
    let mut terminal =
        ratatui::try_init().map_err(|error| format!("the terminal cannot be drawn on: {error}"))?;
    let shown = show(&mut terminal);
    ratatui::restore();
    shown.map_err(|error| error.to_string())
}

/// Draws what there is to see, and obeys the keys, until somebody has seen enough.
fn show(
    terminal: &mut DefaultTerminal,
    services: &[Service],
    teller: &Sender<(usize, News)>,
    news: &Receiver<(usize, News)>,
    interrupt: &Interrupt,
) -> io::Result<()> {
    let mut screen = Screen::new(services.iter().map(|service| service.address.clone()));
    while !interrupt.is_raised() {
        for (place, news) in news.try_iter() {
            screen.learn(place, news);
        }
        terminal.draw(|frame| view::draw(frame, &screen))?;
        if !event::poll(MOMENT)? {
            continue;
        }
        let Event::Key(key) = event::read()? else {
            continue;
        };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match screen.press(key) {
            Action::Nothing => {}
            Action::Quit => return Ok(()),
            Action::Start(wish) => start(&services[wish.place], wish, teller.clone()),
        }
    }
    Ok(())
}

/// Starts a self-test beside what is shown, as an answer may take its time.
fn start(service: &Service, wish: Wish, teller: Sender<(usize, News)>) {
    let service = service.clone();
    // Without a thread nothing is started, and nothing is said to be.
    _ = in_background(move || {
        let said = feed::start(&service, &wish);
        _ = teller.send((wish.place, News::Said(said)));
    });
}

fn in_background(work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let thread = thread::Builder::new().name("mad-watch".to_owned());
    let spawned = thread.spawn(work);
    spawned.map_err(|error| format!("the system gives no thread: {error}"))?;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::{Command, Stdio};

    use super::on_terminal;

    #[test]
    #[ignore = "the other test starts it, on a terminal of its own"]
    fn it_panics_while_it_draws() {
        let drawn = on_terminal(|terminal| {
            terminal.draw(|_| ())?;
            panic!("a mistake of ours");
        });
        panic!("there is no terminal: {drawn:?}");
    }

    #[test]
    fn a_panic_leaves_the_terminal_as_it_was() {
        let program = std::env::current_exe().unwrap();
        let command = format!(
            "'{}' --ignored --exact watch::tests::it_panics_while_it_draws --nocapture; stty -a",
            program.display()
        );
        let mut terminal = Command::new("script");
        terminal.args(["--quiet", "--return", "--command", &command, "/dev/null"]);
        let output = terminal.stdin(Stdio::null()).output().unwrap();
        let seen = String::from_utf8_lossy(&output.stdout);
        let (drawn, after) = seen.split_once("\u{1b}[?1049l").expect(&seen);
        assert!(drawn.contains("\u{1b}[?1049h"), "{seen}");
        assert!(after.contains("a mistake of ours"), "{seen}");
        let (_, modes) = after.rsplit_once("speed").expect(&seen);
        for raw in ["-icanon", "-echo ", "-isig", "-opost"] {
            assert!(!modes.contains(raw), "{raw} is left: {modes}");
        }
    }
}
