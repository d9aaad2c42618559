use mad_core::measured;

trait Shop {
    #[measured]
    fn open(&self);
}

fn main() {}
