use mad_core::measured;

#[measured]
#[track_caller]
fn place() -> u32 {
    core::panic::Location::caller().line()
}

#[track_caller]
#[measured(sampel = 1)]
fn place_too() {}

fn main() {}
