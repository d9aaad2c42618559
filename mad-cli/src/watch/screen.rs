//! What is looked at, and what keys do.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::picture::{News, Picture, SelfTest};
use crate::address::Address;

/// How many checks a page is.
const PAGE: usize = 5;

/// What is looked at.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) pictures: Vec<Picture>,
    /// The place of the instance that is looked at.
    pub(super) place: usize,
    /// The place of the self-test that is chosen.
    pub(super) chosen: usize,
    /// How many checks are above those that are seen.
    pub(super) above: usize,
    pub(super) question: Option<Question>,
}

/// Asks for the name of a self-test before it destroys something.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) wish: Wish,
    pub(super) typed: String,
}

/// A self-test that somebody wants to be run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Wish {
    pub(super) place: usize,
    pub(super) name: String,
    pub(super) effects: String,
}

/// What a key asks for beyond the screen.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Action {
    Nothing,
    Start(Wish),
    Quit,
}

impl Screen {
    pub(super) fn new(instances: impl Iterator<Item = Address>) -> Self {
        Self {
            pictures: instances.map(Picture::new).collect(),
            place: 0,
            chosen: 0,
            above: 0,
            question: None,
        }
    }

    /// Returns the instance that is looked at.
    pub(super) fn picture(&self) -> &Picture {
        &self.pictures[self.place]
    }

    pub(super) fn learn(&mut self, place: usize, news: News) {
        self.pictures[place].learn(news);
        self.stay_inside();
    }

    pub(super) fn press(&mut self, key: KeyEvent) -> Action {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Action::Quit;
        }
        let action = match self.question.take() {
            Some(question) => self.answer(question, key.code),
            None => self.obey(key.code),
        };
        self.stay_inside();
        action
    }

    fn obey(&mut self, key: KeyCode) -> Action {
        match key {
            KeyCode::Char('q') | KeyCode::Esc => return Action::Quit,
            KeyCode::Tab | KeyCode::Right => self.go(1),
            KeyCode::BackTab | KeyCode::Left => self.go(self.pictures.len() - 1),
            KeyCode::Down | KeyCode::Char('j') => self.chosen += 1,
            KeyCode::Up | KeyCode::Char('k') => self.chosen = self.chosen.saturating_sub(1),
            KeyCode::PageDown => self.above += PAGE,
            KeyCode::PageUp => self.above = self.above.saturating_sub(PAGE),
            KeyCode::Enter => return self.start(),
            _ => {}
        }
        Action::Nothing
    }

    fn go(&mut self, further: usize) {
        self.place = (self.place + further) % self.pictures.len();
        (self.chosen, self.above) = (0, 0);
    }

    /// Starts what is chosen, or asks for its name if it destroys something. What may not run is not asked for.
    fn start(&mut self) -> Action {
        let Some(test) = self.picture().self_tests.get(self.chosen) else {
            return Action::Nothing;
        };
        let wish = self.wish(test);
        // Those that destroy may run by their name alone, which is what is asked for here.
        if test.effects == "destructive" {
            self.question = Some(Question {
                wish,
                typed: String::new(),
            });
            return Action::Nothing;
        }
        if let Some(why) = &test.why_not {
            let said = format!("{}: {why}", test.name);
            self.pictures[self.place].learn(News::Said(said));
            return Action::Nothing;
        }
        Action::Start(wish)
    }

    fn wish(&self, test: &SelfTest) -> Wish {
        Wish {
            place: self.place,
            name: test.name.clone(),
            effects: test.effects.clone(),
        }
    }

    fn answer(&mut self, mut question: Question, key: KeyCode) -> Action {
        match key {
            KeyCode::Esc => return Action::Nothing,
            KeyCode::Enter if question.typed == question.wish.name => {
                return Action::Start(question.wish);
            }
            KeyCode::Enter => {
                let said = format!(
                    "{}: that is not its name; nothing is started",
                    question.wish.name
                );
                self.pictures[question.wish.place].learn(News::Said(said));
                return Action::Nothing;
            }
            KeyCode::Backspace => _ = question.typed.pop(),
            KeyCode::Char(letter) => question.typed.push(letter),
            _ => {}
        }
        self.question = Some(question);
        Action::Nothing
    }

    /// Keeps what is chosen among what there is.
    fn stay_inside(&mut self) {
        let picture = self.picture();
        let last = |count: usize| count.saturating_sub(1);
        let (tests, checks) = (last(picture.self_tests.len()), last(picture.checks.len()));
        self.chosen = self.chosen.min(tests);
        self.above = self.above.min(checks);
    }
}
