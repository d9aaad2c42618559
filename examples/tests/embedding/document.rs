//! The document shows what is run here.

const DOCUMENT: &str = include_str!("../../../docs/embedding.md");

const SOURCES: [(&str, &str); 7] = [
    ("axum", include_str!("through_axum.rs")),
    ("hyper", include_str!("through_hyper.rs")),
    ("poem", include_str!("through_poem.rs")),
    ("tonic", include_str!("through_tonic.rs")),
    ("warp", include_str!("through_warp.rs")),
    ("actix-web", include_str!("actix.rs")),
    ("Without a server", include_str!("plain_http.rs")),
];

#[test]
fn every_server_is_in_the_document_as_it_is_run() {
    for (server, source) in SOURCES {
        let test = source
            .find("\n#[tokio::test]\n")
            .or(source.find("\n#[test]\n"));
        let shown = &source[..test.unwrap()];
        let section = format!("## {server}\n\n```rust,ignore\n{shown}```\n");
        assert!(
            DOCUMENT.contains(&section),
            "docs/embedding.md does not have this:\n{section}"
        );
    }
}
