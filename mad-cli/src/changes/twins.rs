//! What a project and its only package have in common.

use mad_analysis::Finding;
use mad_store::SubjectKind;

use crate::timeline::Measured;

/// Leaves out what is told of the only package of a project where the whole says the very same: everything would be told twice.
/// Where others were measured as well, a package is told, as it says where in the project something happened.
pub(crate) fn without_twins<'a, T>(
    told: &mut Vec<T>,
    measured: impl Iterator<Item = &'a Measured>,
    of: impl Fn(&T) -> (&'a Measured, &'a Finding),
) {
    let is_about =
        |kind: SubjectKind| move |one: &(&Measured, &Finding)| one.0.subject.kind == kind;
    let wholes: Vec<_> = told
        .iter()
        .map(&of)
        .filter(is_about(SubjectKind::Run))
        .collect();
    let packages: Vec<&Measured> = measured
        .filter(|one| one.subject.kind == SubjectKind::Package)
        .collect();
    let is_part = is_about(SubjectKind::Package);
    told.retain(|one| {
        let one = of(one);
        !(is_part(&one)
            && wholes.iter().any(|whole| is_same(*whole, one))
            && is_only_package(one.0, &packages))
    });
}

/// Whether nothing like it was measured of another package.
fn is_only_package(package: &Measured, packages: &[&Measured]) -> bool {
    packages.iter().all(|other| {
        other.subject == package.subject
            || other.metric.name != package.metric.name
            || other.environment != package.environment
    })
}

fn is_same(
    (whole, found): (&Measured, &Finding),
    (part, found_there): (&Measured, &Finding),
) -> bool {
    whole.metric.name == part.metric.name
        && whole.environment == part.environment
        && found == found_there
}
