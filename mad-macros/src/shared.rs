//! The options that health checks and self-tests share.

use syn::{LitStr, Path};

use crate::argument::{Variant, WrittenDuration};
use crate::options::{OptionRule, Options, option, set};

/// How `crate = path` is written, in every annotation.
pub(crate) const CRATE_FORM: &str = "`crate = ::path::to::mad_core`";

const ON_TIMEOUT: [(&str, Variant); 2] =
    [("abort", Variant("Abort")), ("abandon", Variant("Abandon"))];

/// What both kinds of check may say.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) name: Option<LitStr>,
    pub(crate) timeout: Option<WrittenDuration>,
    pub(crate) tags: Vec<LitStr>,
    pub(crate) owner: Option<LitStr>,
    pub(crate) runbook: Option<LitStr>,
    pub(crate) after: Vec<LitStr>,
    pub(crate) serial: Option<LitStr>,
    pub(crate) on_timeout: Option<(Variant, LitStr)>,
    pub(crate) mad_core: Option<Path>,
}

/// A kind of check.
pub(crate) trait Check: Options {
    /// Returns the shared options, to be filled.
    fn shared(&mut self) -> &mut Shared;
}

/// Returns the rows that the tables of both kinds begin with.
#[rustfmt::skip]
pub(crate) fn rules<C: Check>() -> Vec<OptionRule<C>> {
    vec![
        option("name", "`name = \"orders/database\"`", |c, given| set(&mut c.shared().name, given.text())),
        option("timeout", "`timeout = \"2s\"`", |c, given| set(&mut c.shared().timeout, given.duration())),
        option("tags", "`tags(\"orders\", \"smoke\")`", |c, given| set(&mut c.shared().tags, given.texts())),
        option("owner", "`owner = \"team-orders\"`", |c, given| set(&mut c.shared().owner, given.text())),
        option("runbook", "`runbook = \"https://...\"`", |c, given| set(&mut c.shared().runbook, given.text())),
        option("after", "`after(\"database\")`", |c, given| set(&mut c.shared().after, given.texts())),
        option("serial", "`serial = \"group\"`", |c, given| set(&mut c.shared().serial, given.text())),
        option("on_timeout", "`on_timeout = \"abort\"` or `\"abandon\"`", |c, given| set(&mut c.shared().on_timeout, given.one_of_texts(&ON_TIMEOUT))),
        option("crate", CRATE_FORM, |c, given| set(&mut c.shared().mad_core, given.path())),
    ]
}
