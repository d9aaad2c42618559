//! The names of incidents: no two have the same.

use std::collections::HashMap;

use super::{Incident, Incidents, short_name};
use crate::moment::Moment;

/// Which incidents have which names.
pub(super) struct Names {
    by_name: HashMap<String, Named>,
}

struct Named {
    incident: Incident,
    /// It was in the file before, and nothing that is to be added is it.
    is_unclaimed: bool,
}

/// What an incident that is to be added turns out to be.
pub(super) enum Given {
    /// It is new, with a name that no other has.
    New(Incident),
    /// The file has the very same.
    Known,
    Otherwise(Otherwise),
}

/// An incident that the file has with other content: people correct what is in it.
#[derive(Debug)]
pub(crate) struct Otherwise {
    pub(crate) id: String,
    /// When it ended, where the file has no end and nothing else is different.
    pub(crate) ended: Option<Moment>,
}

impl Names {
    /// The names in a file, to which incidents are to be added.
    pub(super) fn of(known: &Incidents, found: &Incidents) -> Self {
        let is_found = |incident: &Incident| {
            let mut found = found.incidents.iter();
            found.any(|one| one.began == incident.began && named(one, &incident.id) == *incident)
        };
        let named = |incident: &Incident| {
            let named = Named {
                incident: incident.clone(),
                is_unclaimed: !is_found(incident),
            };
            (incident.id.clone(), named)
        };
        Self {
            by_name: known.incidents.iter().map(named).collect(),
        }
    }

    pub(super) fn given_to(&mut self, incident: &Incident) -> Given {
        let wanted = self.wanted(incident);
        let names = || (1..).map(|number| numbered(&wanted, number));
        let taken = names().take_while(|name| self.by_name.contains_key(name));
        let taken: Vec<String> = taken.collect();
        let is_it = |name: &&String| self.by_name[*name].incident == named(incident, name);
        if taken.iter().any(|name| is_it(&name)) {
            return Given::Known;
        }
        let is_made = is_made(incident);
        let is_corrected = |name: &&String| {
            let there = &self.by_name[*name];
            !is_made || (there.is_unclaimed && there.incident.began == incident.began)
        };
        if let Some(id) = taken.iter().find(is_corrected).cloned() {
            let ended = end_of(&self.by_name[&id].incident, &named(incident, &id));
            self.claim(&id);
            return Given::Otherwise(Otherwise { id, ended });
        }
        let new = named(incident, &numbered(&wanted, taken.len() + 1));
        let taken = Named {
            incident: new.clone(),
            is_unclaimed: false,
        };
        self.by_name.insert(new.id.clone(), taken);
        Given::New(new)
    }

    /// One title may have happened more than once.
    fn wanted(&self, incident: &Incident) -> String {
        let there = self.by_name.get(&incident.id);
        let is_again = there.is_some_and(|there| there.incident.began != incident.began);
        if is_again && incident.id == short_name(&incident.title) {
            named_with_moment(&incident.title, incident.began)
        } else {
            incident.id.clone()
        }
    }

    fn claim(&mut self, name: &str) {
        if let Some(named) = self.by_name.get_mut(name) {
            named.is_unclaimed = false;
        }
    }
}

/// Whether the name was made here: of the title, or of the name of an alert and its moment.
pub(super) fn is_made(incident: &Incident) -> bool {
    let moment = short_name(&incident.began.to_string());
    incident.id == short_name(&incident.title) || incident.id.ends_with(&format!("-{moment}"))
}

/// A short name for what may happen again.
pub(super) fn named_with_moment(title: &str, began: Moment) -> String {
    format!("{}-{}", short_name(title), short_name(&began.to_string()))
}

fn numbered(name: &str, number: usize) -> String {
    if number == 1 {
        name.to_owned()
    } else {
        format!("{name}-{number}")
    }
}

fn named(incident: &Incident, name: &str) -> Incident {
    Incident {
        id: name.to_owned(),
        ..incident.clone()
    }
}

/// The end, if it is all that is missing.
fn end_of(there: &Incident, incident: &Incident) -> Option<Moment> {
    let with_end = Incident {
        ended: incident.ended,
        ..there.clone()
    };
    incident
        .ended
        .filter(|_| there.ended.is_none() && with_end == *incident)
}
