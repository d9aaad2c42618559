use mad_core::measured;

#[measured]
const fn answer() -> u8 {
    42
}

fn main() {}
