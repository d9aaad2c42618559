use mad_core::health_check;

trait Shop {
    #[health_check]
    fn is_open() -> bool;
}

fn main() {}
