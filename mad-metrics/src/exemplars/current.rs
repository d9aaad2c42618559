//! The trace that a thread works for.

use std::cell::RefCell;
use std::sync::Arc;

use tracing::span::Id;

use crate::view::LabelText;

thread_local! {
    /// The spans that the thread is in, the innermost last, each with the labels that lead to its trace.
    static ENTERED: RefCell<Vec<(Id, Option<Arc<LabelText>>)>> = const { RefCell::new(Vec::new()) };
}

/// Returns the labels that lead to the trace that this thread works for.
#[inline]
pub(super) fn labels() -> Option<Arc<LabelText>> {
    let labels = ENTERED.try_with(|entered| {
        let entered = entered.try_borrow().ok()?;
        entered.last()?.1.clone()
    });
    // A thread that ends works for nobody.
    labels.ok().flatten()
}

pub(super) fn enter(id: &Id, labels: Option<Arc<LabelText>>) {
    change(|entered| entered.push((id.clone(), labels)));
}

/// Leaves a span, which need not be the innermost.
pub(super) fn exit(id: &Id) {
    change(|entered| {
        if let Some(place) = entered.iter().rposition(|(entered, _)| entered == id) {
            entered.remove(place);
        }
    });
}

/// Says what a span, which the thread may be in, leads to now.
pub(super) fn update(id: &Id, labels: Option<&Arc<LabelText>>) {
    change(|entered| {
        for (_, of_span) in entered.iter_mut().filter(|(entered, _)| entered == id) {
            *of_span = labels.cloned();
        }
    });
}

fn change(change: impl FnOnce(&mut Vec<(Id, Option<Arc<LabelText>>)>)) {
    _ = ENTERED.try_with(|entered| {
        if let Ok(mut entered) = entered.try_borrow_mut() {
            change(&mut entered);
        }
    });
}
