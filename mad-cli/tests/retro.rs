//! `mad retro`, in repositories whose truth is known.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what is not measured everywhere is an option"
)]

mod planted;

use mad_store::Environment;
use planted::{APART, BEGIN, Planted, count, duration, noise};

fn instructions(index: usize) -> Option<f64> {
    Some(if index < 90 { 1_000_000.0 } else { 1_070_000.0 })
}

fn steady(index: usize) -> Option<f64> {
    Some(0.1 * (1.0 + 0.05 * noise(index, 2)))
}

fn overlaid(index: usize) -> Option<f64> {
    Some(if index < 95 { 0.0 } else { 1.0 })
}

fn time(index: i64) -> String {
    let timestamp = BEGIN + index * APART;
    let days = timestamp.div_euclid(86_400);
    // Days after 2023-11-14, on which all begin.
    let (day, hour) = (days - 19_675, timestamp.rem_euclid(86_400) / 3_600);
    let (month, day) = match 14 + day {
        day @ 1..=30 => (11, day),
        day @ 31..=61 => (12, day - 30),
        day => panic!("{day} is too far away"),
    };
    format!("2023-{month:02}-{day:02}T{hour:02}:00:00Z")
}

/// A release with a slow-down in it, four commits ahead of its tag.
fn project() -> Planted {
    let mut planted = Planted::with_commits(120);
    planted.measure(
        &Environment::default(),
        &[
            count("instructions", &instructions),
            duration("basket", &steady),
        ],
    );
    planted.tag("v1", 40);
    planted.tag("v2", 80);
    planted.tag("v3", 94);
    planted.write(
        "incidents.toml",
        &format!(
            "[[incident]]\nid = \"slow\"\ntitle = \"All was | slow\"\nbegan = {}\ntag = \"v3\"\n\n\
             [[incident]]\nid = \"lost\"\ntitle = \"Nobody knows\"\nbegan = {}\ncommit = \"0123456789\"\n",
            time(100),
            time(30),
        ),
    );
    planted
}

#[test]
fn what_moved_before_an_incident_is_told_with_its_lead() {
    let planted = project();
    let said = planted.says(&["retro"], 0);
    let row = said
        .lines()
        .find(|line| line.starts_with("| run instructions"));
    let row = row.unwrap_or_else(|| panic!("{said}"));
    assert!(row.contains("+7.0 %"), "{row}");
    assert!(
        row.contains(&format!(
            "{} change number 90",
            &planted.commits[90].id[..12]
        )),
        "{row}"
    );
    assert!(row.contains("4 commits, 24 h | 60 h"), "{row}");
    assert!(row.contains(&format!("| {} | exact |", time(90))), "{row}");
    assert!(
        said.contains("Asked about are the 14 commits after"),
        "since v2: {said}"
    );
    assert!(said.contains("All was \\| slow"), "{said}");
    assert!(!said.contains("basket"), "it did not change: {said}");
    for demand in [
        "The question (number ",
        "120 of 120 commits have numbers",
        "Not placed: lost: there is no commit `0123456789`",
        "1 incident is few: nothing general follows",
        "This is association. The diff must explain it.",
        "every release",
        "by lot",
        "more added lines than 90 % of commits",
        "… a step of 10 % or more",
        "What may mislead",
    ] {
        assert!(said.contains(demand), "{demand}: {said}");
    }
}

#[test]
fn a_window_without_a_change_has_no_signal() {
    let planted = project();
    let said = planted.says(&["retro", "--tag", "v1", "--incidents", "none.toml"], 2);
    assert!(said.contains("none.toml"), "{said}");
    std::fs::remove_file(planted.path().join("incidents.toml")).unwrap();
    let said = planted.says(&["retro"], 2);
    assert!(
        said.contains("`mad incident add` makes one, and `--tag`"),
        "{said}"
    );
    let said = planted.says(&["retro", "--tag", "v1"], 0);
    assert!(said.contains("no signal"), "{said}");
    assert!(said.contains("Nothing had changed for the worse"), "{said}");
    let said = planted.says(&["retro", "--tag", "v9"], 2);
    assert!(said.contains("there is no tag `v9`"), "{said}");
}

#[test]
fn hindsight_is_a_table_of_its_own() {
    let mut planted = project();
    let said = planted.says(&["retro", "--json"], 0);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["in_hindsight"], serde_json::Value::Null);
    assert_eq!(said["incidents"][0]["at_the_time"][0]["commits_ahead"], 4);
    let rules = said["at_the_time"]["rules"].as_array().unwrap();
    assert_eq!(
        (&rules[0]["rule"]["rule"], &rules[0]["alarms"]),
        (&"step".into(), &serde_json::json!([90]))
    );

    let mut environment = Environment::default();
    environment
        .cell
        .insert("overlay".to_owned(), "tests@HEAD".to_owned());
    planted.measure(&environment, &[count("failures", &overlaid)]);
    let said = planted.says(&["retro"], 0);
    assert!(
        said.contains("in hindsight: with the tests of another day"),
        "{said}"
    );
    let said = planted.says(&["retro", "--json"], 0);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        said["at_the_time"]["rules"][0]["alarms"],
        serde_json::json!([90])
    );
    assert_eq!(
        said["in_hindsight"]["rules"][0]["alarms"],
        serde_json::json!([95])
    );
}

#[test]
fn another_question_has_another_number() {
    let planted = project();
    let number = |arguments: &[&str]| {
        let said = planted.says(arguments, 0);
        let line = said
            .lines()
            .find(|line| line.starts_with("## The question"));
        line.expect("it is there").to_owned()
    };
    let first = number(&["retro"]);
    assert_eq!(first, number(&["retro"]));
    assert_ne!(first, number(&["retro", "--least", "4"]));
    assert_ne!(first, number(&["retro", "--window", "20"]));
}

#[test]
fn what_others_have_published_is_an_incident_too() {
    let planted = project();
    std::fs::remove_file(planted.path().join("incidents.toml")).unwrap();
    planted.tag("shop-1.2.0", 94);
    planted.write(
        "advisory.md",
        "```toml\n[advisory]\nid = \"RUSTSEC-2023-0000\"\npackage = \"shop\"\ndate = \"2023-12-10\"\n\
         [versions]\npatched = [\">= 1.2.1\"]\n```\n\n# All was slow\n",
    );
    let said = planted.says(&["retro", "--advisory", "advisory.md", "--window", "10"], 0);
    assert!(
        said.contains("## RUSTSEC-2023-0000: All was slow"),
        "{said}"
    );
    assert!(said.contains("| run instructions | +7.0 % |"), "{said}");
    let said = planted.says(&["retro", "--yanked", "1.2.0", "--window", "10"], 0);
    assert!(said.contains("## withdrawn-1.2.0"), "{said}");
    let said = planted.says(&["retro", "--yanked", "9.9.9"], 2);
    assert!(
        said.contains("no tag is an affected version of `9.9.9`"),
        "{said}"
    );
    planted.write("advisory.md", "# nothing");
    let said = planted.says(&["retro", "--advisory", "advisory.md"], 2);
    assert!(said.contains("an advisory begins with its facts"), "{said}");
}
