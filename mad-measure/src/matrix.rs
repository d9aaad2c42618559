//! The same tests under several circumstances: what tox did.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::test_run::{Features, Metadata, Plan};

/// One dimension of a matrix, as it is written: `profile=dev,release`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Which features: `none`, `all`, `default`, `each` for one cell per feature, or names joined by `+`.
    Features(Vec<String>),
    /// Which Cargo profiles.
    Profile(Vec<String>),
    /// Which toolchains, as rustup knows them.
    Toolchain(Vec<String>),
}

impl FromStr for Dimension {
    type Err = MatrixError;

    fn from_str(text: &str) -> Result<Self, MatrixError> {
        let wrong = || MatrixError(text.to_owned());
        let (name, values) = text.split_once('=').ok_or_else(wrong)?;
        let values: Vec<_> = values.split(',').map(str::to_owned).collect();
        if values.iter().any(String::is_empty) {
            return Err(wrong());
        }
        match name {
            "features" => Ok(Self::Features(values)),
            "profile" => Ok(Self::Profile(values)),
            "toolchain" => Ok(Self::Toolchain(values)),
            _ => Err(wrong()),
        }
    }
}

/// A text that is no dimension.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no dimension of a matrix: write `features=each,none,all`, `profile=dev,release` or `toolchain=stable,nightly`"
)]
pub struct MatrixError(String);

/// One cell: a plan, and what it is called.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The values of its dimensions, as they are written.
    pub name: String,
    /// What is run; or nothing, with the reason, as when a toolchain is not installed.
    pub plan: Result<Plan, String>,
}

/// All cells of a matrix, in the order of its dimensions.
///
/// ```
/// use mad_measure::matrix::cells;
/// use mad_measure::test_run::Plan;
///
/// let dimensions = ["profile=dev,release".parse()?, "features=none,all".parse()?];
/// let cells = cells(&Plan::new("."), &dimensions);
/// let names: Vec<_> = cells.iter().map(|cell| cell.name.as_str()).collect();
/// assert_eq!(
///     names,
///     ["profile=dev features=none", "profile=dev features=all", "profile=release features=none", "profile=release features=all"],
/// );
/// # Ok::<(), mad_measure::matrix::MatrixError>(())
/// ```
pub fn cells(plan: &Plan, dimensions: &[Dimension]) -> Vec<Cell> {
    let mut cells = vec![Cell {
        name: String::new(),
        plan: Ok(plan.clone()),
    }];
    for dimension in dimensions {
        let values = dimension.values(plan);
        let of_all = cells
            .iter()
            .flat_map(|cell| values.iter().map(|value| value.applied_to(cell)));
        cells = of_all.collect();
    }
    cells
}

/// One value of a dimension.
enum Value {
    Features(String, Features),
    Profile(String),
    Toolchain(String),
    /// What there is not, and why.
    Absent(String, String),
}

impl Dimension {
    fn values(&self, plan: &Plan) -> Vec<Value> {
        match self {
            Self::Features(values) => values
                .iter()
                .flat_map(|value| features(value, plan))
                .collect(),
            Self::Profile(values) => values.iter().cloned().map(Value::Profile).collect(),
            Self::Toolchain(values) => {
                let installed = installed(plan);
                values
                    .iter()
                    .map(|value| toolchain(value, installed.as_ref()))
                    .collect()
            }
        }
    }
}

fn features(value: &str, plan: &Plan) -> Vec<Value> {
    let one = |features| vec![Value::Features(value.to_owned(), features)];
    match value {
        "default" => one(Features::Default),
        "none" => one(Features::None),
        "all" => one(Features::All),
        "each" => each(plan),
        names => one(Features::Only(
            names.split('+').map(str::to_owned).collect(),
        )),
    }
}

/// A cell for each feature alone. Those of a package in a workspace are named with it.
fn each(plan: &Plan) -> Vec<Value> {
    let Some(metadata) = Metadata::of(plan) else {
        return vec![Value::Absent(
            "features=each".to_owned(),
            "there is no Cargo project".to_owned(),
        )];
    };
    let is_meant = |name: &String| plan.packages.is_empty() || plan.packages.contains(name);
    let packages: Vec<_> = metadata
        .packages
        .iter()
        .filter(|package| is_meant(&package.name))
        .collect();
    let mut names = BTreeSet::new();
    for package in &packages {
        let own = package
            .features
            .keys()
            .filter(|feature| *feature != "default");
        names.extend(own.map(|feature| match packages.len() {
            1 => feature.clone(),
            _ => format!("{}/{feature}", package.name),
        }));
    }
    names
        .into_iter()
        .map(|name| Value::Features(name.clone(), Features::Only(vec![name])))
        .collect()
}

/// The toolchains of rustup, if there is a rustup.
fn installed(plan: &Plan) -> Option<Vec<String>> {
    let told = plan
        .command("rustup")
        .args(["toolchain", "list"])
        .output()
        .ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let names = told
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    Some(names.map(str::to_owned).collect())
}

fn toolchain(name: &str, installed: Option<&Vec<String>>) -> Value {
    let is_it = |other: &String| {
        other == name
            || other
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('-'))
    };
    match installed {
        None => Value::Absent(
            format!("toolchain={name}"),
            "there is no rustup, which knows toolchains".to_owned(),
        ),
        Some(installed) if installed.iter().any(is_it) => Value::Toolchain(name.to_owned()),
        Some(_) => Value::Absent(
            format!("toolchain={name}"),
            "it is not installed".to_owned(),
        ),
    }
}

impl Value {
    fn applied_to(&self, cell: &Cell) -> Cell {
        let mut plan = cell.plan.clone();
        let word = match (self, &mut plan) {
            (Self::Absent(word, why), _) => {
                plan = Err(why.clone());
                word.clone()
            }
            (Self::Features(word, features), plan) => {
                if let Ok(plan) = plan {
                    plan.features.clone_from(features);
                }
                format!("features={word}")
            }
            (Self::Profile(word), plan) => {
                if let Ok(plan) = plan {
                    plan.profile = Some(word.clone());
                }
                format!("profile={word}")
            }
            (Self::Toolchain(word), plan) => {
                if let Ok(plan) = plan {
                    plan.toolchain = Some(word.clone());
                }
                format!("toolchain={word}")
            }
        };
        let name = format!("{} {word}", cell.name).trim_start().to_owned();
        Cell { name, plan }
    }
}
