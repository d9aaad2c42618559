//! One instance: its run is started, followed to its end, and cancelled if nobody wants it any more.

use std::fmt;
use std::time::{Duration, Instant};

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::outcome::Outcome;
use crate::address::Address;
use crate::interrupt::Interrupt;
use crate::moment::Moment;
use crate::run::{Counts, Run};
use crate::service::{Answer, Service, ServiceError};

/// How often it is tried to start a run before nobody is said to be there.
const ATTEMPTS: u32 = 3;
/// What lies between two attempts.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(250);
/// How often a run is asked for: at first, and when it takes long.
const OFTEN: Duration = Duration::from_millis(100);
const SELDOM: Duration = Duration::from_secs(2);
/// How long nobody needs to answer before a run is lost.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a run that is cancelled, or over its deadline, may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// What every instance is asked to do.
#[derive(Clone, Debug)]
pub(super) struct Order {
    document: Value,
    /// Nothing is started twice by the same one.
    key: String,
    wants_junit: bool,
}

impl Order {
    pub(super) fn new(
        select: &[String],
        effects: Option<&str>,
        deadline: Option<Duration>,
        wants_junit: bool,
    ) -> Result<Self, getrandom::Error> {
        let mut document = json!({ "select": select });
        if let Some(effects) = effects {
            document["effects"] = json!(effects);
        }
        if let Some(deadline) = deadline {
            document["deadline"] = json!(format!("{}ms", deadline.as_millis()));
        }
        Ok(Self {
            document,
            key: format!("mad-{:016x}", getrandom::u64()?),
            wants_junit,
        })
    }
}

/// What came of an instance, and why.
#[derive(Debug)]
pub(super) struct Examination {
    pub(super) instance: Address,
    pub(super) outcome: Outcome,
    pub(super) counts: Counts,
    pub(super) began: Moment,
    pub(super) duration: Duration,
    /// What failed first, or why nothing could be tried.
    pub(super) why: Option<String>,
    /// The run, as the instance shows it.
    pub(super) run: Option<Value>,
    /// The same as JUnit, if that was wanted.
    pub(super) junit: Option<String>,
}

impl Examination {
    pub(super) fn not_started(instance: &Address) -> Self {
        Self {
            instance: instance.clone(),
            outcome: Outcome::NotStarted,
            counts: Counts::default(),
            began: Moment::now(),
            duration: Duration::ZERO,
            why: None,
            run: None,
            junit: None,
        }
    }

    fn of_run(instance: &Address, document: Value, run: &Run) -> Self {
        let outcome = if run.is_cancelled {
            Outcome::Cancelled
        } else {
            Outcome::of_run(&run.outcome)
        };
        Self {
            outcome,
            counts: run.counts,
            why: run.first_failure(),
            run: Some(document),
            ..Self::not_started(instance)
        }
    }

    fn of_trouble(instance: &Address, trouble: &Trouble) -> Self {
        Self {
            outcome: trouble.outcome(),
            why: Some(trouble.to_string()),
            ..Self::not_started(instance)
        }
    }
}

/// Runs the self-tests of an instance, and waits for their end.
pub(super) fn examine(service: &Service, order: &Order, interrupt: &Interrupt) -> Examination {
    let (began, started) = (Moment::now(), Instant::now());
    let run = start(service, order, interrupt).and_then(|run| follow(service, run, interrupt));
    let mut examination = match run {
        Ok((document, run)) => {
            let mut examination = Examination::of_run(&service.address, document, &run);
            if order.wants_junit {
                examination.junit = junit(service, &run);
            }
            examination
        }
        Err(trouble) => Examination::of_trouble(&service.address, &trouble),
    };
    examination.began = began;
    examination.duration = started.elapsed();
    examination
}

type Told = (Value, Run);

/// Starts a run, again with the same key if the connection is cut: it is started once.
fn start(service: &Service, order: &Order, interrupt: &Interrupt) -> Result<Told, Trouble> {
    let mut attempt = 1;
    loop {
        let answer = service.post("selftest", &order.document, &order.key);
        match answer.and_then(told_by_start) {
            Ok(told) => return Ok(told),
            Err(error) if attempt == ATTEMPTS || !is_worth_repeating(&error, attempt) => {
                return Err(Trouble::NotStarted(error));
            }
            Err(_) => attempt += 1,
        }
        interrupt.pause(BETWEEN_ATTEMPTS);
        if interrupt.is_raised() {
            return Err(Trouble::Interrupted);
        }
    }
}

/// Reads the run. One that is over and has not passed is there with 503.
fn told_by_start(answer: Answer) -> Result<Told, ServiceError> {
    match answer.read().and_then(told) {
        Ok(run) if matches!(answer.status, 200 | 202 | 503) => Ok(run),
        read => answer.successful().and(read),
    }
}

fn told(document: Value) -> Result<Told, ServiceError> {
    let run = Run::deserialize(&document).map_err(|_| ServiceError::Foreign { status: 200 })?;
    Ok((document, run))
}

fn is_worth_repeating(error: &ServiceError, attempt: u32) -> bool {
    match error {
        // Whoever took all the time there was will take it again.
        ServiceError::Unreachable(ureq::Error::Timeout(_)) => false,
        ServiceError::Unreachable(_) => true,
        // The first attempt has arrived, and is still being answered.
        ServiceError::Refused { status: 409, .. } => attempt > 1,
        _ => false,
    }
}

/// Asks for a run until it is over.
fn follow(service: &Service, start: Told, interrupt: &Interrupt) -> Result<Told, Trouble> {
    let (mut document, mut run) = start;
    let followed = Instant::now();
    let mut heard = Instant::now();
    let deadline = Duration::try_from_secs_f64(run.deadline_seconds).unwrap_or(Duration::MAX);
    while !run.is_finished {
        if interrupt.is_raised() {
            return cancel(service, &run);
        }
        interrupt.pause((followed.elapsed() / 8).clamp(OFTEN, SELDOM));
        match look(service, &run) {
            Ok(told) => {
                (document, run) = told;
                heard = Instant::now();
            }
            Err(error) if is_final(&error) || heard.elapsed() > PATIENCE => {
                return Err(Trouble::Lost(error));
            }
            Err(_) => {}
        }
        if followed.elapsed() > deadline.saturating_add(PATIENCE) {
            _ = service.delete(&run.path());
            return Err(Trouble::Endless);
        }
    }
    Ok((document, run))
}

fn look(service: &Service, run: &Run) -> Result<Told, ServiceError> {
    told(service.get(&run.path())?.successful()?.read()?)
}

/// Says whether asking again is of no use: whoever answers knows nothing of the run, or may not tell.
fn is_final(error: &ServiceError) -> bool {
    matches!(
        error,
        ServiceError::Refused {
            status: 401 | 403 | 404,
            ..
        }
    )
}

/// Asks for the end of a run, and waits for it a moment.
fn cancel(service: &Service, run: &Run) -> Result<Told, Trouble> {
    let asked = Instant::now();
    service
        .delete(&run.path())
        .map_err(|_| Trouble::Interrupted)?;
    while asked.elapsed() < GRACE {
        if let Ok((document, run)) = look(service, run)
            && run.is_finished
        {
            return Ok((document, run));
        }
        std::thread::sleep(OFTEN);
    }
    Err(Trouble::Interrupted)
}

/// Asks for the report once more in the other format; without it, the merged report has the outcome alone.
fn junit(service: &Service, run: &Run) -> Option<String> {
    let answer = service.get(&format!("{}?format=junit", run.path())).ok()?;
    Some(answer.successful().ok()?.text)
}

/// Why there is no run that is over.
#[derive(Debug)]
enum Trouble {
    NotStarted(ServiceError),
    Lost(ServiceError),
    /// It goes on beyond the deadline that it has.
    Endless,
    Interrupted,
}

impl Trouble {
    fn outcome(&self) -> Outcome {
        match self {
            Self::NotStarted(ServiceError::Unreachable(_)) => Outcome::Unreachable,
            Self::NotStarted(_) => Outcome::Refused,
            Self::Lost(_) | Self::Endless => Outcome::Lost,
            Self::Interrupted => Outcome::Cancelled,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(error) => error.fmt(f),
            Self::Lost(ServiceError::Refused { status: 404, .. }) => {
                f.write_str("the run is not known any more: has it been started again?")
            }
            Self::Lost(error) => write!(f, "the run has begun, and then: {error}"),
            Self::Endless => f.write_str("the run goes on beyond its deadline"),
            Self::Interrupted => f.write_str("it was not waited for"),
        }
    }
}
