//! Providers in different modules may have one name.

use mad_core::{Engine, self_test};

struct Wheel;
struct Car;

mod wheels {
    #[mad_core::provider]
    fn make() -> super::Wheel {
        super::Wheel
    }
}

mod cars {
    #[mad_core::provider]
    fn make(_wheel: &super::Wheel) -> super::Car {
        super::Car
    }
}

#[self_test(unit_test = false)]
fn drives(_car: &Car) {}

#[test]
fn they_are_no_circle() {
    Engine::builder().start().unwrap();
}
