//! How it looks. Every state has a word, so that colours are not needed.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize as _};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Cell, Paragraph, Row, Table, TableState};

use super::picture::{Check, Connection, Picture, SelfTest};
use super::screen::Screen;
use crate::output::line;

/// How many letters of a text are shown at most; the terminal cuts what it has no room for.
const LETTERS: usize = 300;
const KEYS: &str = "↑↓ choose  Enter run  Tab instance  PgUp PgDn checks  q quit";

pub(super) fn draw(frame: &mut Frame<'_>, screen: &Screen) {
    let picture = screen.picture();
    let tests = u16::try_from(picture.self_tests.len()).unwrap_or(u16::MAX);
    let most = frame.area().height / 3;
    let [head, checks, self_tests, run, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(tests.saturating_add(2).min(most.max(3))),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(title(screen), head);
    frame.render_widget(checks_table(picture, screen.above), checks);
    draw_self_tests(frame, self_tests, screen);
    frame.render_widget(newest_run(picture), run);
    frame.render_widget(bottom(screen), foot);
}

fn title(screen: &Screen) -> Line<'static> {
    let picture = screen.picture();
    let mut spans = vec![Span::from(line(&picture.address.to_string(), 60)).bold()];
    if screen.pictures.len() > 1 {
        let count = screen.pictures.len();
        spans.push(Span::from(format!(" ({} of {count})", screen.place + 1)));
    }
    let (connection, style) = match &picture.connection {
        Connection::Connecting => ("connecting".to_owned(), Style::new()),
        Connection::Live => ("live".to_owned(), Style::new().fg(Color::Green)),
        Connection::Polled => ("asked every 2s".to_owned(), Style::new().fg(Color::Yellow)),
        Connection::Away(why) => (line(why, LETTERS), Style::new().fg(Color::Red)),
    };
    spans.push(Span::from(format!("  {}  ", line(&picture.lifecycle, 20))));
    spans.push(Span::styled(connection, style));
    Line::from(spans)
}

fn checks_table(picture: &Picture, above: usize) -> Table<'static> {
    let checks = picture.checks_by_health();
    let rows = checks
        .iter()
        .skip(above)
        .map(|(name, check)| check_row(name, check));
    let widths = [
        Constraint::Length(8),
        Constraint::Percentage(35),
        Constraint::Fill(1),
    ];
    Table::new(rows, widths).block(block(format!("Checks ({})", checks.len())))
}

fn check_row(name: &str, check: &Check) -> Row<'static> {
    Row::new([
        Cell::new(line(&check.health, 8)).style(colour(&check.health)),
        Cell::new(line(name, LETTERS)),
        Cell::new(line(&check.remark(), LETTERS)),
    ])
}

fn draw_self_tests(frame: &mut Frame<'_>, area: Rect, screen: &Screen) {
    let tests = &screen.picture().self_tests;
    let widths = [
        Constraint::Length(8),
        Constraint::Percentage(35),
        Constraint::Length(12),
        Constraint::Fill(1),
    ];
    let table = Table::new(tests.iter().map(self_test_row), widths)
        .row_highlight_style(Style::new().reversed())
        .block(block(format!("Self-tests ({})", tests.len())));
    let mut state = TableState::new().with_selected((!tests.is_empty()).then_some(screen.chosen));
    frame.render_stateful_widget(table, area, &mut state);
}

fn self_test_row(test: &SelfTest) -> Row<'static> {
    let last = test.last.as_ref().map_or("-", |last| last.outcome.as_str());
    Row::new([
        Cell::new(line(last, 8)).style(colour(last)),
        Cell::new(line(&test.name, LETTERS)),
        Cell::new(line(&test.effects, 12)),
        Cell::new(line(test.why_not.as_deref().unwrap_or_default(), LETTERS)),
    ])
}

fn newest_run(picture: &Picture) -> Line<'static> {
    let Some(run) = &picture.run else {
        return Line::from("No self-test has been run yet.");
    };
    let progress = if run.is_finished { "over" } else { "goes on" };
    let counts = run.counts;
    Line::from(vec![
        Span::from(format!("Run {} {progress}: ", line(&run.id, 40))),
        Span::styled(line(&run.outcome, 8), colour(&run.outcome)),
        Span::from(format!(
            " ({} pass, {} warn, {} fail, {} skip)",
            counts.pass, counts.warn, counts.fail, counts.skip
        )),
    ])
}

/// What is asked, or what came of the last wish, or what keys do.
fn bottom(screen: &Screen) -> Paragraph<'static> {
    let said = &screen.picture().said;
    match &screen.question {
        Some(question) => Paragraph::new(format!(
            "{} destroys something. Type its name, or Esc: {}_",
            line(&question.wish.name, LETTERS),
            line(&question.typed, LETTERS)
        ))
        .style(Style::new().fg(Color::Red)),
        None if said.is_empty() => Paragraph::new(KEYS).dim(),
        None => Paragraph::new(line(said, LETTERS)),
    }
}

fn block(title: String) -> Block<'static> {
    Block::new()
        .borders(Borders::TOP | Borders::BOTTOM)
        .title(title)
}

fn colour(word: &str) -> Style {
    let colour = match word {
        "up" | "pass" => Color::Green,
        "degraded" | "warn" | "unknown" => Color::Yellow,
        "down" | "fail" => Color::Red,
        _ => return Style::new(),
    };
    Style::new().fg(colour)
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::crossterm::event::{KeyCode, KeyEvent};
    use serde::Deserialize as _;
    use serde_json::json;

    use super::*;
    use crate::watch::picture::News;
    use crate::watch::screen::{Action, Wish};

    fn shop() -> Screen {
        let mut screen = Screen::new(
            ["shop", "till"]
                .iter()
                .map(|name| name.parse().expect("an address")),
        );
        let events = [
            json!({"kind": "lifecycle", "lifecycle": "serving"}),
            json!({"kind": "health", "check": "cache", "health": "up"}),
            json!({"kind": "health", "check": "database", "health": "down", "reason": "connection\u{1b}[2J refused"}),
            json!({"kind": "run", "id": "19a-1", "is_finished": true, "deadline_seconds": 600.0, "is_overdue": false,
                   "is_cancelled": false, "outcome": "fail", "counts": {"pass": 1, "warn": 0, "fail": 2, "skip": 0}}),
        ];
        screen.learn(0, News::Connection(Connection::Live));
        for event in events {
            screen.learn(0, News::Event(event));
        }
        let tests = [
            json!({"name": "orders/place", "effects": "read", "why_not": null, "last": {"outcome": "pass"}}),
            json!({"name": "orders/scratch", "effects": "scratch", "why_not": "not allowed here", "last": null}),
            json!({"name": "orders/wipe", "effects": "destructive", "why_not": "by its name alone", "last": null}),
        ];
        let tests = tests
            .iter()
            .map(|test| SelfTest::deserialize(test).expect("a self-test"));
        screen.learn(0, News::SelfTests(tests.collect()));
        screen
    }

    /// Returns what stands on a terminal of this size, line by line.
    fn drawn(screen: &Screen, width: u16, height: u16) -> Vec<String> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal
            .draw(|frame| draw(frame, screen))
            .expect("a drawing");
        let buffer = terminal.backend().buffer();
        let cells = buffer.content().chunks(width.into());
        cells
            .map(|row| {
                row.iter()
                    .map(ratatui::buffer::Cell::symbol)
                    .collect::<String>()
            })
            .map(|row| row.trim_end().to_owned())
            .collect()
    }

    fn press(screen: &mut Screen, keys: &[KeyCode]) -> Action {
        let mut action = Action::Nothing;
        for key in keys {
            action = screen.press(KeyEvent::from(*key));
        }
        action
    }

    fn typed(text: &str) -> Vec<KeyCode> {
        text.chars().map(KeyCode::Char).collect()
    }

    #[test]
    fn everything_has_its_place_in_80_columns_and_24_lines() {
        let lines = drawn(&shop(), 80, 24);
        assert_eq!(lines.len(), 24);
        assert_eq!(lines[0], "http://shop:9464 (1 of 2)  serving  live");
        assert!(lines[1].starts_with("Checks (2)"), "{lines:#?}");
        // What does not work comes first, and moves no terminal.
        assert_eq!(
            lines[2],
            "down     database                     connection [2J refused"
        );
        assert_eq!(lines[3], "up       cache");
        assert!(
            lines.iter().any(|line| line.starts_with("Self-tests (3)")),
            "{lines:#?}"
        );
        assert!(
            lines.contains(&"pass     orders/place                 read".to_owned()),
            "{lines:#?}"
        );
        assert_eq!(
            lines[22],
            "Run 19a-1 over: fail (1 pass, 0 warn, 2 fail, 0 skip)"
        );
        assert_eq!(lines[23], KEYS);
    }

    #[test]
    fn no_terminal_is_too_small() {
        for (width, height) in [(1, 1), (10, 3), (40, 8), (200, 60)] {
            assert_eq!(drawn(&shop(), width, height).len(), usize::from(height));
        }
    }

    #[test]
    fn a_key_starts_what_is_chosen_and_allowed() {
        let mut screen = shop();
        let wish = |name: &str, effects: &str| Wish {
            place: 0,
            name: name.to_owned(),
            effects: effects.to_owned(),
        };
        let read = press(&mut screen, &[KeyCode::Enter]);
        assert_eq!(read, Action::Start(wish("orders/place", "read")));
        let scratch = press(&mut screen, &[KeyCode::Down, KeyCode::Enter]);
        assert_eq!(scratch, Action::Nothing);
        assert_eq!(
            drawn(&screen, 80, 24)[23],
            "orders/scratch: not allowed here"
        );
    }

    #[test]
    fn what_destroys_wants_its_name() {
        let mut screen = shop();
        let choose = [KeyCode::Down, KeyCode::Down, KeyCode::Down, KeyCode::Enter];
        assert_eq!(press(&mut screen, &choose), Action::Nothing);
        // `q` is a letter here.
        assert_eq!(press(&mut screen, &typed("orders/q")), Action::Nothing);
        assert!(drawn(&screen, 80, 24)[23].ends_with("Type its name, or Esc: orders/q_"));
        assert_eq!(press(&mut screen, &[KeyCode::Enter]), Action::Nothing);
        assert!(drawn(&screen, 80, 24)[23].contains("nothing is started"));
        press(&mut screen, &[KeyCode::Enter]);
        press(&mut screen, &typed("orders/wipe"));
        let Action::Start(wish) = press(&mut screen, &[KeyCode::Enter]) else {
            panic!("it is not started");
        };
        assert_eq!(
            (wish.name.as_str(), wish.effects.as_str()),
            ("orders/wipe", "destructive")
        );
        press(&mut screen, &[KeyCode::Enter]);
        assert_eq!(press(&mut screen, &[KeyCode::Esc]), Action::Nothing);
        assert_eq!(press(&mut screen, &[KeyCode::Esc]), Action::Quit);
    }

    #[test]
    fn tab_goes_around_the_instances() {
        let mut screen = shop();
        press(&mut screen, &[KeyCode::Tab]);
        assert!(drawn(&screen, 80, 24)[0].starts_with("http://till:9464 (2 of 2)"));
        press(&mut screen, &[KeyCode::Tab]);
        assert!(drawn(&screen, 80, 24)[0].starts_with("http://shop:9464 (1 of 2)"));
    }
}
