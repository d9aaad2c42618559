use mad_core::health_check;

struct Pool;

#[async_trait::async_trait]
trait Ask {
    async fn ask(&self) -> bool;
}

#[async_trait::async_trait]
impl Ask for Pool {
    #[health_check(readiness)]
    async fn ask(&self) -> bool {
        true
    }
}

fn main() {}
