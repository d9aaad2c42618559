//! What types are called in the names of their functions.

use quote::ToTokens;
use syn::{ItemImpl, Path, Type};

/// `Store`, or `<Store as Drop>`.
pub(super) fn of_impl(item: &ItemImpl) -> String {
    let of = of_type(&item.self_ty);
    match &item.trait_ {
        Some((path, _)) => format!("<{of} as {}>", written(path)),
        None => of,
    }
}

/// The type alone, by the last part of its path.
pub(super) fn owner(item: &ItemImpl) -> String {
    let of = of_type(&item.self_ty);
    of.rsplit_once("::")
        .map_or(of.clone(), |(_, last)| last.to_owned())
}

/// The parts of a path, without their parameters.
pub(super) fn of_path(path: &Path) -> Vec<String> {
    let segments = path.segments.iter();
    segments.map(|segment| segment.ident.to_string()).collect()
}

/// The path of a type without its parameters, which change more often than its functions; other types as they stand.
fn of_type(of: &Type) -> String {
    match of {
        Type::Path(path) => of_path(&path.path).join("::"),
        other => written(other),
    }
}

/// Tokens as people write them: with a space only where two words meet.
fn written(tokens: impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let mut written = String::with_capacity(text.len());
    let mut pieces = text.split(' ').filter(|piece| !piece.is_empty());
    written.extend(pieces.next());
    for piece in pieces {
        let is_word = |letter: Option<char>| {
            letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
        };
        if is_word(written.chars().next_back()) && is_word(piece.chars().next()) {
            written.push(' ');
        }
        written.push_str(piece);
    }
    written
}
