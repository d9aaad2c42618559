//! `mad store alias`: what was renamed keeps its history.

use clap::Args;
use mad_store::Subject;

use super::Done;
use crate::exit::Exit;
use crate::output::print;
use crate::store_place::StoreArguments;

/// Says that one thing is another under a new name, so that both have one history
///
/// Things are named as `mad store series` shows them: `test shop orders::are_placed`, in quotes.
/// Without names, all renames are listed.
/// Exit codes: 0 it is done; 1 there is no such rename to remove; 2 a name or the store cannot be read.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct AliasArguments {
    /// What it was called
    #[arg(requires = "new")]
    old: Option<Subject>,
    /// What it is called now
    new: Option<Subject>,
    /// Shows what may have been renamed: something went as something with a like name came
    #[arg(long, conflicts_with = "old")]
    suggest: bool,
    /// Gives something a history of its own again
    #[arg(long, value_name = "OLD", conflicts_with_all = ["old", "suggest"])]
    remove: Option<Subject>,
    #[command(flatten)]
    place: StoreArguments,
}

pub(super) fn run(arguments: &AliasArguments) -> Done {
    let mut store = arguments.place.open()?;
    if let (Some(old), Some(new)) = (&arguments.old, &arguments.new) {
        store.rename(old, new)?;
    } else if let Some(old) = &arguments.remove {
        if !store.forget_rename(old)? {
            print(format_args!("`{old}` was not renamed\n"));
            return Ok(Exit::Failure);
        }
    } else if arguments.suggest {
        for rename in store.suggest_renames()? {
            print(format_args!(
                "mad store alias '{}' '{}'  # {:.0} % alike\n",
                quoted(&rename.old),
                quoted(&rename.new),
                100.0 * rename.similarity
            ));
        }
    } else {
        let mut renamed: Vec<_> = store.renamed()?.into_iter().collect();
        renamed.sort();
        for (old, new) in renamed {
            print(format_args!("{old} -> {new}\n"));
        }
    }
    Ok(Exit::Success)
}

/// A name within the single quotes of a shell.
fn quoted(subject: &Subject) -> String {
    subject.to_string().replace('\'', r"'\''")
}
