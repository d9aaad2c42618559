//! The till, and whether it works.

use mad_core::{provider, self_test, step_sync};

use crate::bank::{Bank, BankError};

/// The card that the bank gives out for tests: its money is nobody's.
const TEST_CARD: &str = "test-card";

/// Takes payments, at whichever bank it was given.
pub(crate) struct Till {
    pub(crate) bank: Box<dyn Bank>,
}

/// A payment can be taken and given back.
#[self_test(effects = scratch, timeout = "5s", tags("smoke"))]
fn payment_can_be_refunded(till: &Till) -> Result<(), BankError> {
    let charge = || till.bank.charge(TEST_CARD, 1);
    let receipt = step_sync("when a cent is charged", charge)?;
    step_sync("then it can be given back", || till.bank.refund(receipt))
}

#[provider(test)]
fn till_with_a_mock() -> Till {
    use crate::bank::{MockBank, Receipt};
    use mockall::predicate::eq;

    let mut bank = MockBank::new();
    let charge = bank.expect_charge().with(eq(TEST_CARD), eq(1));
    charge.times(1).returning(|_, _| Ok(Receipt(17)));
    let refund = bank.expect_refund().with(eq(Receipt(17)));
    refund.times(1).returning(|_| Ok(()));
    Till {
        bank: Box::new(bank),
    }
}

#[cfg(test)]
mod tests {
    use mad_core::{Effects, Engine, OutcomeKind, Selection, Trigger};

    use super::{TEST_CARD, Till};
    use crate::bank::{Bank, BankError};
    use crate::loopback;
    use crate::tcp::TcpBank;

    #[test]
    fn in_the_program_the_same_self_test_asks_the_real_bank() {
        let bank = TcpBank::new(loopback::start().unwrap());
        let till = Till {
            bank: Box::new(bank.clone()),
        };
        // What is provided wins, also over a provider for tests.
        let engine = Engine::builder().provide(till);
        let engine = engine.allow_effects(Effects::Scratch).start().unwrap();
        let trigger = Trigger {
            selection: Selection::parse(["payment_can_be_refunded"]).unwrap(),
            effects: Effects::Scratch,
            requested_by: "test".to_owned(),
            deadline: None,
        };
        let id = engine.trigger(trigger).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let run = runtime.block_on(engine.self_test_finished(&id)).unwrap();
        assert_eq!(run.outcome(), OutcomeKind::Pass, "{run:?}");
        // Receipts are numbered: the self-test had the first one.
        assert_eq!(bank.charge(TEST_CARD, 1).unwrap().0, 2);
    }

    #[test]
    fn the_real_bank_refuses_what_a_card_does_not_hold() {
        let bank = TcpBank::new(loopback::start().unwrap());
        let refused = bank.charge(TEST_CARD, 1_000_000).unwrap_err();
        assert!(matches!(refused, BankError::Refused { .. }), "{refused}");
    }
}
