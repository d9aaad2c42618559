//! `mad report`, as somebody opens it.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what is not measured everywhere is an option"
)]

mod planted;

use std::time::{Duration, Instant};

use mad_store::Environment;
use planted::{Planted, count, duration, noise, outcome};

fn instructions(index: usize) -> Option<f64> {
    Some(if index < 90 { 1_000_000.0 } else { 1_070_000.0 })
}

fn flaky(index: usize) -> Option<f64> {
    Some(if index % 7 == 3 { 0.0 } else { 1.0 })
}

fn slower(index: usize) -> Option<f64> {
    Some(if index < 60 { 1.0 } else { 1.2 } + 0.02 * noise(index, 3))
}

const EVIL: &str = "a</title><script>alert('1')</script>\"&";

fn project() -> Planted {
    let mut planted = Planted::with_commits(120);
    planted.measure(
        &Environment::default(),
        &[
            count("instructions", &instructions),
            outcome("sometimes", &flaky),
            duration(EVIL, &slower),
        ],
    );
    planted.tag("v1", 80);
    planted.tag("v2", 94);
    planted.write(
        "incidents.toml",
        "[[incident]]\nid = \"slow\"\ntitle = \"<b>slow</b>\"\nbegan = 2023-12-10T00:00:00Z\ntag = \"v2\"\n",
    );
    planted
}

/// Parses as XML what browsers forgive, so that no tag of somebody else's is in it.
fn svg_of(page: &str) -> Vec<roxmltree::Document<'_>> {
    let pieces = page.match_indices("<svg ").map(|(at, _)| {
        let end = page[at..].find("</svg>").expect("it ends") + "</svg>".len();
        roxmltree::Document::parse(&page[at..at + end]).expect("it is well-formed")
    });
    pieces.collect()
}

#[test]
fn the_page_is_one_file_and_harmless() {
    let planted = project();
    let said = planted.says(&["report"], 0);
    assert!(said.contains("written to mad-report.html"), "{said}");
    let page = std::fs::read_to_string(planted.path().join("mad-report.html")).unwrap();
    assert!(
        !page.contains("<script") && !page.contains("<b>slow"),
        "{page}"
    );
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
    let pictures = svg_of(&page);
    assert_eq!(pictures.len(), 3);
    let has = |class: &str| {
        let of_class = |node: roxmltree::Node<'_, '_>| node.attribute("class") == Some(class);
        pictures[0].descendants().any(of_class)
    };
    assert!(
        has("b") && has("d") && has("i") && has("r") && has("l"),
        "{page}"
    );
    for told in [
        "Could it have been seen coming?",
        "+7.0 %",
        "Tests that change their minds",
        "change number 90",
    ] {
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn commits_are_links_where_there_is_a_page() {
    let planted = project();
    let origin = [
        "-C",
        planted.path().to_str().unwrap(),
        "remote",
        "add",
        "origin",
    ];
    let mut git = std::process::Command::new("git");
    assert!(
        git.args(origin)
            .arg("git@example.com:a/b.git")
            .status()
            .unwrap()
            .success()
    );
    let page = planted.says(&["report", "-o", "-"], 0);
    let link = format!(
        "href=\"https://example.com/a/b/commit/{}\"",
        planted.commits[90].id
    );
    assert!(page.contains(&link));
}

#[test]
fn one_picture_stands_alone_and_markdown_is_a_page_too() {
    let planted = project();
    let svg = planted.says(&["report", "--svg", "run instructions"], 0);
    let picture = roxmltree::Document::parse(&svg).expect("it is well-formed");
    assert_eq!(
        picture.root_element().tag_name().namespace(),
        Some("http://www.w3.org/2000/svg")
    );
    let said = planted.says(&["report", "--svg", "nothing"], 1);
    assert!(said.contains("there is no series `nothing`"), "{said}");
    let said = planted.says(&["report", "--markdown"], 0);
    assert!(said.contains("| run instructions | +7.0 % |"), "{said}");
    assert!(said.contains("# Could it have been seen coming?"), "{said}");
    assert!(
        !said.contains(" <script") && said.contains("\\<script"),
        "{said}"
    );
}

#[test]
fn a_spread_is_drawn_as_what_it_was_and_what_it_is() {
    let mut planted = Planted::with_commits(120);
    let restless = |index: usize| {
        let deviation = if index < 60 { 0.01 } else { 0.05 };
        Some(1.0 + deviation * noise(index, 3))
    };
    planted.measure(&Environment::default(), &[duration("orders", &restless)]);
    planted.says(&["report"], 0);
    let page = std::fs::read_to_string(planted.path().join("mad-report.html")).unwrap();
    let pictures = svg_of(&page);
    let bars = pictures[0]
        .descendants()
        .filter(|node| node.attribute("class") == Some("w"));
    let heights: Vec<f64> = bars
        .map(|bar| height(bar.attribute("d").unwrap()))
        .collect();
    assert!(
        matches!(heights[..], [before, after] if after > 2.5 * before),
        "{heights:?}"
    );
    assert!(
        page.contains("worse\">spread ") && page.contains(" times as wide"),
        "{page}"
    );
    let said = planted.says(&["report", "--markdown"], 0);
    assert!(
        said.contains("| spread ") && said.contains(" times as wide"),
        "{said}"
    );
    let base = planted.commits[50].id.clone();
    let said = planted.says(&["gate", "--base", &base, "--fail"], 0);
    assert!(
        said.contains("advice  spread ") && !said.contains("the rule"),
        "{said}"
    );
}

/// Of a bar, from its upper end to its lower one.
fn height(path: &str) -> f64 {
    let numbers = path.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let numbers: Vec<f64> = numbers.filter_map(|number| number.parse().ok()).collect();
    // Moved to, drawn to the right, moved to the middle, drawn down.
    let [_, top, _, _, _, bottom, ..] = numbers[..] else {
        panic!("{path}");
    };
    bottom - top
}

/// The limit of time is ten times what it takes without optimisation on a busy machine; it is there to find what is quadratic.
#[test]
fn a_thousand_commits_of_two_hundred_series_fit_into_a_mebibyte() {
    let planted = Planted::with_a_thousand_commits();
    let start = Instant::now();
    planted.says(&["report"], 0);
    assert!(start.elapsed() < Duration::from_mins(5));
    let size = std::fs::metadata(planted.path().join("mad-report.html"))
        .unwrap()
        .len();
    assert!(size < 1 << 20, "{size} bytes");
}

#[test]
fn nobody_is_stopped_by_a_rule_that_has_not_earned_it() {
    let planted = project();
    let base = planted.commits[89].id.clone();
    let newest = planted.commits[91].id.clone();
    let said = planted.says(&["gate", &newest, "--base", &base, "--fail"], 0);
    assert!(said.contains("advice  +7.0 %  run instructions"), "{said}");
    assert!(said.contains("▁▁▁|██\n"), "its picture: {said}");
    assert!(
        said.contains("2 new commits; 1 changes for the worse, 0 of them"),
        "{said}"
    );
    let later = planted.commits[100].id.clone();
    let said = planted.says(&["gate", "--base", &later], 0);
    assert!(said.contains("0 changes for the worse"), "{said}");
}

#[test]
fn the_summary_of_a_job_has_what_the_gate_said() {
    let planted = project();
    let summary = planted.path().join("summary.md");
    let base = planted.commits[89].id.clone();
    let mut mad = std::process::Command::new(env!("CARGO_BIN_EXE_mad"));
    mad.args(["gate", &planted.commits[91].id, "--base", &base]);
    mad.current_dir(planted.path())
        .env("GITHUB_STEP_SUMMARY", &summary);
    assert!(
        mad.env_remove("MAD_STORE")
            .output()
            .unwrap()
            .status
            .success()
    );
    let said = std::fs::read_to_string(summary).unwrap();
    assert!(said.starts_with("### Gate\n\n    advice  +7.0 %"), "{said}");
    assert!(
        said.contains("|██\n") && said.contains("the rule"),
        "{said}"
    );
}

#[test]
fn who_breaks_what_came_before_incidents_is_stopped() {
    // Four incidents, each some commits after a step, and one step that is new.
    let places = [30, 45, 110, 170, 190];
    let stepping = move |index: usize| {
        let steps = places.iter().filter(|place| **place <= index).count();
        Some(1_000.0 * 1.08_f64.powi(i32::try_from(steps).unwrap()))
    };
    let mut planted = Planted::with_commits(200);
    planted.measure(&Environment::default(), &[count("instructions", &stepping)]);
    let incidents = places[..4].iter().map(|place| {
        format!(
            "[[incident]]\nid = \"at-{place}\"\ntitle = \"slow\"\nbegan = 2024-01-15T00:00:00Z\ncommit = \"{}\"\n\n",
            planted.commits[place + 3].id
        )
    });
    planted.write("incidents.toml", &incidents.collect::<String>());
    let base = planted.commits[185].id.clone();
    let gate = ["gate", "--base", &base];
    // The window is thirty commits, as there are no releases: chance meets such windows, too.
    let said = planted.says(&gate, 0);
    assert!(said.contains("8.0 %  run instructions"), "{said}");
    for commit in [20, 27, 42, 100, 107, 160, 167] {
        planted.tag(&format!("v{commit}"), commit);
    }
    let said = planted.says(&gate, 0);
    assert!(said.contains("ALARM   +8.0 %  run instructions"), "{said}");
    assert!(said.contains("met 4 of 4 incidents"), "{said}");
    planted.says(&[&gate[..], &["--fail"]].concat(), 1);
    planted.says(
        &[
            "bless",
            &planted.commits[190].id,
            "run instructions",
            "-m",
            "signed now",
        ],
        0,
    );
    planted.says(&[&gate[..], &["--fail"]].concat(), 0);
}
