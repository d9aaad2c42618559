//! Incidents that others have published: advisories of RUSTSEC, and versions that were withdrawn.

use semver::{Version, VersionReq};
use serde::Deserialize;

use super::{Incident, Live};
use crate::git::Tag;
use crate::moment::{InvalidMoment, Moment};

/// An advisory is of a day, and a release of the same day was there on it.
const DAY_SECONDS: i64 = 86_400;

/// What stands at the beginning of an advisory.
#[derive(Deserialize)]
struct Front {
    advisory: Advisory,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct Advisory {
    id: String,
    #[serde(default)]
    package: String,
    date: String,
    url: Option<String>,
}

#[derive(Default, Deserialize)]
struct Versions {
    #[serde(default)]
    patched: Vec<VersionReq>,
    #[serde(default)]
    unaffected: Vec<VersionReq>,
}

/// Reads an advisory as RUSTSEC writes it, Markdown that begins with TOML: the newest tag of an affected version was live, of
/// those that there were. Where several packages have tags in one repository, those of others say nothing.
pub(crate) fn incident_of_advisory(text: &str, tags: &[Tag]) -> Result<Incident, AdvisoryError> {
    let after = text
        .trim_start()
        .strip_prefix("```toml")
        .ok_or(AdvisoryError::NoFront)?;
    let (front, rest) = after.split_once("```").ok_or(AdvisoryError::NoFront)?;
    let front: Front =
        toml::from_str(front).map_err(|error| AdvisoryError::Front(Box::new(error)))?;
    let began: Moment = front.advisory.date.parse()?;
    let is_affected = |version: &Version| {
        let mut good = front
            .versions
            .patched
            .iter()
            .chain(&front.versions.unaffected);
        !good.any(|requirement| has(requirement, version))
    };
    let affected: Vec<_> = releases_of(&front.advisory.package, tags)
        .into_iter()
        .filter(|(version, _)| is_affected(version))
        .collect();
    // What came later was not live, be its number greater or not: there are versions in preparation, and old lines go on.
    // The commit tells, as old releases may have been given their tags years later.
    let known = |tag: &Tag| tag.committed_at < began.seconds() + DAY_SECONDS;
    let before = affected.iter().filter(|(_, tag)| known(tag));
    let newest = before.max_by(|a, b| a.0.cmp(&b.0));
    let newest = newest.or_else(|| affected.iter().min_by_key(|(_, tag)| tag.committed_at));
    let (_, tag) = newest.ok_or_else(|| AdvisoryError::NoTag(front.advisory.id.clone()))?;
    let heading = rest.lines().find_map(|line| line.strip_prefix("# "));
    Ok(Incident {
        title: heading.unwrap_or(&front.advisory.id).trim().to_owned(),
        id: front.advisory.id,
        began,
        ended: None,
        severity: None,
        live: Live::Tag(tag.name.clone()),
        link: front.advisory.url,
    })
}

/// Whether a requirement has a version, one in preparation as the one that it prepares: Cargo's rule that a requirement has none of
/// these unless it names one is about what is installed, not about what is affected.
fn has(requirement: &VersionReq, version: &Version) -> bool {
    let prepared = Version::new(version.major, version.minor, version.patch);
    requirement.matches(version) || (!version.pre.is_empty() && requirement.matches(&prepared))
}

/// Finds the tag of a version that was withdrawn; it began when it was released.
pub(crate) fn incident_of_version(version: &str, tags: &[Tag]) -> Result<Incident, AdvisoryError> {
    let refused = || AdvisoryError::NoTag(version.to_owned());
    let wanted = Version::parse(version).map_err(|_| refused())?;
    let released = tags
        .iter()
        .filter(|tag| version_of(&tag.name).as_ref() == Some(&wanted));
    // The shortest has no name of a package in front.
    let tag = released.min_by_key(|tag| tag.name.len());
    let tag = tag.ok_or_else(refused)?;
    Ok(Incident {
        id: format!("withdrawn-{version}"),
        title: format!("{version} was withdrawn"),
        began: Moment::of_seconds(tag.created_at),
        ended: None,
        severity: None,
        live: Live::Tag(tag.name.clone()),
        link: None,
    })
}

/// Returns the tags that are releases of a package: those with its name in front, or where there are none those with no name, or
/// else all.
fn releases_of<'tags>(package: &str, tags: &'tags [Tag]) -> Vec<(Version, &'tags Tag)> {
    let package = package.replace('_', "-");
    let releases = tags.iter().filter_map(|tag| {
        let (name, version) = parts(&tag.name)?;
        Some((name.replace('_', "-"), version, tag))
    });
    let releases: Vec<_> = releases.collect();
    let is_there = |wanted: &str| releases.iter().any(|(name, ..)| name == wanted);
    let wanted = [package.as_str(), ""]
        .into_iter()
        .find(|name| is_there(name));
    let meant = releases
        .iter()
        .filter(|(name, ..)| wanted.is_none_or(|wanted| name == wanted));
    meant
        .map(|(_, version, tag)| (version.clone(), *tag))
        .collect()
}

fn version_of(tag: &str) -> Option<Version> {
    parts(tag).map(|(_, version)| version)
}

/// Returns the name and the version that a tag has: `v1.2.3`, `1.2.3`, `slab-v1.2.3`, `slab_v1.2.3`, `slab/1.2.3`.
fn parts(tag: &str) -> Option<(&str, Version)> {
    let digits = tag.match_indices(|letter: char| letter.is_ascii_digit());
    let (at, version) = digits
        .map(|(at, _)| at)
        .find_map(|at| Some((at, Version::parse(&tag[at..]).ok()?)))?;
    let name = &tag[..at];
    let name = name.strip_suffix('v').unwrap_or(name);
    Some((name.trim_end_matches(['-', '_', '/', '@', '.']), version))
}

/// Why there is no incident.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdvisoryError {
    #[error("an advisory begins with its facts, between ```toml and ```")]
    NoFront,
    #[error("the facts of an advisory cannot be read")]
    Front(#[source] Box<toml::de::Error>),
    #[error(
        "no tag is an affected version of `{0}`; `git fetch --tags` may bring it, and `mad incident add --commit` names what was live"
    )]
    NoTag(String),
    #[error(transparent)]
    Date(#[from] InvalidMoment),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags() -> Vec<Tag> {
        let tag = |name: &str| Tag {
            name: name.to_owned(),
            commit: String::new(),
            created_at: 1_000,
            committed_at: 1_000,
        };
        ["v0.4.9", "v0.4.10", "v0.4.11", "nightly"]
            .map(tag)
            .to_vec()
    }

    fn tag(name: &str, day: &str) -> Tag {
        let day = day.parse::<Moment>().unwrap().seconds();
        Tag {
            name: name.to_owned(),
            commit: String::new(),
            created_at: day,
            committed_at: day,
        }
    }

    #[test]
    fn the_newest_affected_version_was_live() {
        let text = "```toml\n[advisory]\nid = \"RUSTSEC-2025-0000\"\npackage = \"a\"\ndate = \"2025-08-12\"\n\
                    [versions]\npatched = [\">= 0.4.11\"]\nunaffected = [\"< 0.4.10\"]\n```\n\n# Out of bounds\n";
        let incident = incident_of_advisory(text, &tags()).unwrap();
        assert_eq!(incident.live, Live::Tag("v0.4.10".to_owned()));
        assert_eq!(
            (incident.id.as_str(), incident.title.as_str()),
            ("RUSTSEC-2025-0000", "Out of bounds")
        );
        assert_eq!(incident.began, "2025-08-12".parse().unwrap());
    }

    #[test]
    fn what_came_later_or_is_in_preparation_was_not_live() {
        let text = "```toml\n[advisory]\nid = \"RUSTSEC-2021-0000\"\npackage = \"a\"\ndate = \"2021-01-08\"\n\
                    [versions]\npatched = [\">= 0.6.14, < 1.0.0\", \">= 1.6.1\"]\n```\n\n# Out of bounds\n";
        let mut tags = vec![
            tag("v0.6.13", "2020-02-25"),
            tag("v1.6.0", "2020-12-12"),
            tag("v1.6.1", "2021-01-08"),
            tag("v2.0.0-alpha.1", "2024-01-01"),
            tag("v0.6.13-again", "2022-01-01"),
        ];
        let live = |tags: &[Tag]| incident_of_advisory(text, tags).unwrap().live;
        assert_eq!(live(&tags), Live::Tag("v1.6.0".to_owned()));
        // Nothing was tagged in time: the first that was comes nearest.
        tags.retain(|tag| tag.committed_at > "2021-01-01".parse::<Moment>().unwrap().seconds());
        assert_eq!(live(&tags), Live::Tag("v0.6.13-again".to_owned()));
    }

    #[test]
    fn tags_of_other_packages_are_no_releases_of_this_one() {
        let text = |package: &str| {
            format!(
                "```toml\n[advisory]\nid = \"RUSTSEC-2024-0000\"\npackage = \"{package}\"\ndate = \"2024-12-09\"\n\
                 [versions]\npatched = [\">= 1.0.0\"]\n```\n"
            )
        };
        let tags = [
            tag("v0.5.9", "2016-04-13"),
            tag("data_url-v0.9.0", "2017-06-13"),
            tag("idna-v0.2.3", "2021-04-16"),
            tag("idna-v1.0.1", "2024-06-18"),
            tag("v2.5.4", "2024-11-22"),
        ];
        for (package, live) in [
            ("idna", "idna-v0.2.3"),
            ("data-url", "data_url-v0.9.0"),
            ("url", "v0.5.9"),
        ] {
            let incident = incident_of_advisory(&text(package), &tags).unwrap();
            assert_eq!(incident.live, Live::Tag(live.to_owned()), "{package}");
        }
    }

    #[test]
    fn tags_that_were_made_years_later_are_of_the_day_of_their_commits() {
        let text = "```toml\n[advisory]\nid = \"RUSTSEC-2017-0000\"\npackage = \"a\"\ndate = \"2017-05-03\"\n\
                    [versions]\npatched = [\">= 0.5.2\"]\n```\n";
        let mut tags = vec![
            tag("v0.1.1", "2015-12-04"),
            tag("v0.5.1", "2017-04-30"),
            tag("v0.5.2", "2017-05-03"),
        ];
        for tag in &mut tags {
            tag.created_at = "2017-08-24".parse::<Moment>().unwrap().seconds();
        }
        let incident = incident_of_advisory(text, &tags).unwrap();
        assert_eq!(incident.live, Live::Tag("v0.5.1".to_owned()));
    }

    #[test]
    fn what_is_no_advisory_is_refused() {
        for text in ["", "# A title", "```toml\n[advisory]\n```", "```toml\nid ="] {
            assert!(incident_of_advisory(text, &tags()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_version_is_found_by_its_tag() {
        let incident = incident_of_version("0.4.10", &tags()).unwrap();
        assert_eq!(incident.live, Live::Tag("v0.4.10".to_owned()));
        assert!(incident_of_version("0.4.1", &tags()).is_err());
        assert!(incident_of_version("ten", &tags()).is_err());
        let tags = [
            tag("drop-0.4.10", "2017-01-01"),
            tag("0.4.10", "2018-01-01"),
        ];
        let incident = incident_of_version("0.4.10", &tags).unwrap();
        assert_eq!(incident.live, Live::Tag("0.4.10".to_owned()));
        assert_eq!(
            version_of("slab-v1.2.3-rc.1"),
            Version::parse("1.2.3-rc.1").ok()
        );
    }
}
