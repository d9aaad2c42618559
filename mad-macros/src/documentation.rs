//! A function's documentation, which operations read as well.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Returns the documentation: its lines, without the blank that follows `///`.
pub(crate) fn text(attributes: &[Attribute]) -> String {
    let texts: Vec<String> = attributes.iter().filter_map(doc_text).collect();
    let lines = texts.iter().flat_map(|text| text.split('\n'));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns what follows `Runbook:` in the first line that starts with it.
///
/// It may stand between `<` and `>`, as rustdoc wants addresses to.
pub(crate) fn runbook(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(str::trim);
    let runbook = lines.find_map(|line| line.strip_prefix("Runbook:"))?.trim();
    let bracketed = runbook
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    Some(bracketed.unwrap_or(runbook)).filter(|runbook| !runbook.is_empty())
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = &meta.value
    else {
        return None;
    };
    meta.path.is_ident("doc").then(|| text.value())
}

#[cfg(test)]
mod tests {
    use syn::parse::Parser as _;

    use super::{Attribute, runbook, text};

    fn check(source: &str, expected: &str) {
        assert_eq!(
            text(&Attribute::parse_outer.parse_str(source).unwrap()),
            expected
        );
    }

    #[test]
    fn lines_lose_one_blank() {
        check("/// One.\n///\n///  indented", "One.\n\n indented");
        check("#[doc = \"raw\"]", "raw");
    }

    #[test]
    fn block_comments_have_lines_too() {
        check("/** One.\n Two. */", "One.\nTwo. ");
    }

    #[test]
    fn other_attributes_are_left_alone() {
        check("#[inline] #[doc(hidden)] #[doc = include_str!(\"x\")]", "");
    }

    #[test]
    fn a_runbook_stands_on_a_line_of_its_own() {
        assert_eq!(runbook("A.\n\nRunbook: https://x\nmore"), Some("https://x"));
        assert_eq!(runbook(" Runbook: <https://x>"), Some("https://x"));
        assert_eq!(runbook("See the Runbook: there"), None);
        assert_eq!(runbook("Runbook:"), None);
    }
}
