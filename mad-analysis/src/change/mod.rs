//! Changes in a series: where it took a step, or went somewhere little by little.

mod exact;
mod finding;
mod judgement;
mod location;
mod memory;
mod moments;
mod noisy;
mod segmentation;
mod significance;
mod tamed;
mod trend;

pub use finding::{Estimate, Finding, News, Shape, Suspects};
pub use judgement::{Judgement, Reason, judge, judge_all};
