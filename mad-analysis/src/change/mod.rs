//! Changes in a series: where it took a step, went somewhere little by little, or became restless.

mod exact;
mod finding;
mod judgement;
mod location;
mod memory;
mod moments;
mod noisy;
mod residuals;
mod segmentation;
mod significance;
mod spread;
mod stretch;
mod tamed;
mod trend;

pub use finding::{Estimate, Finding, News, Shape, Suspects};
pub use judgement::{Judgement, Reason, judge, judge_all};
