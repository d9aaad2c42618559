//! `mad incident`: when a service was broken, kept in a file of its repository.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::git::Repository;
use crate::incidents::{
    FILE, ImportError, Incident, Incidents, Live, Otherwise, Source, short_name,
};
use crate::incidents::{deployments_of_tags, incidents_of_tags};
use crate::moment::Moment;
use crate::output::{complain_of, line, print};

/// So many letters of a title fit into the list.
const TITLE_LETTERS: usize = 60;

/// Keeps when a service was broken, and which commit was live
///
/// The file is `incidents.toml` at the root of the repository, made to be read in review. Which commit was live says the
/// incident itself (a commit or a tag), or else the newest deployment from before it began.
///
/// Exit codes: 0 done, or nothing is wrong; 1 `check` found incidents without a commit; 2 it is not done.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct IncidentArguments {
    #[command(subcommand)]
    action: Action,
    /// The file; otherwise `incidents.toml` at the root of the repository
    #[arg(long, global = true, value_name = "FILE")]
    incidents: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(AddArguments),
    /// Lists the incidents with their commits
    List,
    /// Says which incidents have no commit, and what is doubtful about the others
    Check,
    Import(ImportArguments),
    Tags(TagsArguments),
}

/// Adds an incident to the file
#[derive(Args, Debug)]
struct AddArguments {
    /// What was broken, in a line
    title: String,
    /// When it began: `2024-06-10T09:00:00Z`; otherwise now
    #[arg(long, value_name = "TIME")]
    began: Option<Moment>,
    /// When it ended
    #[arg(long, value_name = "TIME")]
    ended: Option<Moment>,
    /// How bad it was
    #[arg(long)]
    severity: Option<String>,
    /// The commit that was live
    #[arg(long, value_name = "REVISION", conflicts_with = "tag")]
    commit: Option<String>,
    /// The tag that was live
    #[arg(long)]
    tag: Option<String>,
    /// Where more is written about it
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// A short name; otherwise made of the title
    #[arg(long, value_name = "NAME")]
    id: Option<String>,
}

/// Adds what others keep: incidents, or deployments
#[derive(Args, Debug)]
struct ImportArguments {
    /// In which form they are
    format: Source,
    /// The file; `-` is the standard input
    file: PathBuf,
    /// They are deployments: columns `at` and `commit` or `tag`
    #[arg(long)]
    deployments: bool,
}

/// Adds the tags of the repository: each an incident, or a deployment
#[derive(Args, Debug)]
struct TagsArguments {
    /// Which tags: a name in which `*` stands for anything
    pattern: String,
    /// They are deployments, each from when its tag was made
    #[arg(long)]
    deployments: bool,
}

pub(crate) fn run(arguments: &IncidentArguments) -> Exit {
    match act(arguments) {
        Ok(exit) => exit,
        Err(error) => {
            complain_of(&*error);
            Exit::Trouble
        }
    }
}

type Done = Result<Exit, Box<dyn std::error::Error>>;

fn act(arguments: &IncidentArguments) -> Done {
    let repository = Repository::containing(Path::new("."))?;
    let path = arguments
        .incidents
        .clone()
        .unwrap_or_else(|| repository.root().join(FILE));
    match &arguments.action {
        Action::Add(add) => append(&path, &add.incidents()?),
        Action::List => {
            list(&Incidents::read(&path)?, &repository);
            Ok(Exit::Success)
        }
        Action::Check => Ok(check(&Incidents::read(&path)?, &repository)),
        Action::Import(import) => append(&path, &import.found()?),
        Action::Tags(tags) => append(&path, &tags.found(&repository)?),
    }
}

impl AddArguments {
    fn incidents(&self) -> Result<Incidents, &'static str> {
        let began = self.began.unwrap_or_else(Moment::now);
        if self.ended.is_some_and(|ended| ended < began) {
            return Err("it ends before it begins");
        }
        let id = self.id.clone().unwrap_or_else(|| short_name(&self.title));
        if id.is_empty() {
            return Err("a title without a letter makes no name; give it an --id");
        }
        let live = match (&self.commit, &self.tag) {
            (Some(commit), _) => Live::Commit(commit.clone()),
            (None, Some(tag)) => Live::Tag(tag.clone()),
            (None, None) => Live::Deployed,
        };
        let incident = Incident {
            id,
            title: self.title.clone(),
            began,
            ended: self.ended,
            severity: self.severity.clone(),
            live,
            link: self.link.clone(),
        };
        Ok(Incidents {
            incidents: vec![incident],
            deployments: Vec::new(),
        })
    }
}

impl ImportArguments {
    fn found(&self) -> Result<Incidents, ImportError> {
        let bytes = if self.file == Path::new("-") {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            fs::read(&self.file)
        };
        let text = String::from_utf8(bytes.map_err(ImportError::Text)?);
        let text = text.map_err(ImportError::Encoding)?;
        // Spreadsheets begin a file with a mark that says how it is written.
        let text = text.trim_start_matches('\u{feff}');
        if self.deployments {
            self.format.deployments(text)
        } else {
            self.format.incidents(text)
        }
    }
}

impl TagsArguments {
    fn found(&self, repository: &Repository) -> Result<Incidents, crate::git::GitError> {
        let mut tags = repository.tags()?;
        tags.retain(|tag| matches(&self.pattern, &tag.name));
        Ok(if self.deployments {
            deployments_of_tags(&tags)
        } else {
            incidents_of_tags(&tags)
        })
    }
}

fn append(path: &Path, found: &Incidents) -> Done {
    let appended = found.append(path)?;
    print(format_args!(
        "{} added to {}, {} known already\n",
        appended.n_new,
        path.display(),
        appended.n_known
    ));
    for Otherwise { id, ended } in &appended.other {
        match ended {
            Some(ended) => print(format_args!(
                "known without its end: {id}; add `ended = {ended}` to it\n"
            )),
            None => print(format_args!(
                "known otherwise: {id}; what the file says stays, and another incident needs another id\n"
            )),
        }
    }
    Ok(Exit::Success)
}

fn list(incidents: &Incidents, repository: &Repository) {
    for placed in incidents.place(repository) {
        let Incident {
            id,
            title,
            began,
            severity,
            ..
        } = placed.incident;
        let commit = placed
            .commit
            .as_ref()
            .map_or("?", |commit| &commit.id[..12]);
        let severity = severity.as_deref().unwrap_or("-");
        let doubtful = if placed.doubts.is_empty() {
            ""
        } else {
            " (doubtful: see `mad incident check`)"
        };
        print(format_args!(
            "{began}  {commit:12}  {severity:8}  {id}: {}{doubtful}\n",
            line(title, TITLE_LETTERS)
        ));
    }
}

fn check(incidents: &Incidents, repository: &Repository) -> Exit {
    let mut n_errors = 0;
    for placed in incidents.place(repository) {
        for doubt in &placed.doubts {
            let word = if doubt.is_error() { "error" } else { "doubt" };
            n_errors += usize::from(doubt.is_error());
            print(format_args!("{word}: {}: {doubt}\n", placed.incident.id));
        }
    }
    for deployment in &incidents.deployments {
        if let Err(error) = repository.commit(&deployment.revision) {
            n_errors += 1;
            print(format_args!(
                "error: the deployment at {}: {error}\n",
                deployment.at
            ));
        }
    }
    let (n_incidents, n_deployments) = (incidents.incidents.len(), incidents.deployments.len());
    print(format_args!(
        "{n_incidents} incidents, {n_deployments} deployments, {n_errors} errors\n"
    ));
    if n_errors == 0 {
        Exit::Success
    } else {
        Exit::Failure
    }
}

/// Whether a name is of a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == name;
    };
    name.strip_prefix(before).is_some_and(|rest| {
        (0..=rest.len())
            .filter(|at| rest.is_char_boundary(*at))
            .any(|at| matches(after, &rest[at..]))
    })
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name) in [("v*", "v1.0"), ("*", ""), ("v*-rc*", "v1-rc2"), ("a", "a")] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("v*", "1.0"), ("v*-rc*", "v1"), ("a", "ab"), ("", "a")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
