//! `mad retro`, in repositories whose truth is known.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what is not measured everywhere is an option"
)]

mod planted;

use mad_store::{Environment, Subject, SubjectKind};
use planted::{APART, BEGIN, Planted, count, duration, noise, outcome};

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
fn a_number_that_became_restless_is_an_indicator_and_no_alarm() {
    let mut planted = project();
    let restless = |index: usize| {
        let deviation = if index < 60 { 0.01 } else { 0.05 };
        Some(1.0 + deviation * noise(index, 3))
    };
    planted.measure(&Environment::default(), &[duration("orders", &restless)]);
    let said = planted.says(&["retro", "--json", "--tag", "v3", "--window", "40"], 0);
    let retro: serde_json::Value = serde_json::from_str(&said).unwrap();
    let indicators = retro["incidents"][0]["at_the_time"].as_array().unwrap();
    let spread = indicators.iter().find(|one| one["shape"] == "spread");
    let spread = spread.unwrap_or_else(|| panic!("{indicators:#?}"));
    assert_eq!(spread["series"], "test shop orders test_duration_seconds");
    assert!(
        spread["amount"].as_str().unwrap().starts_with("spread "),
        "{spread}"
    );
    assert!(!spread["first_found"].is_null(), "{spread}");
    let alarms = retro["alarms"].as_array().unwrap();
    let is_of_it = |alarm: &&serde_json::Value| alarm["series"] == spread["series"];
    assert_eq!(alarms.iter().find(is_of_it), None);
}

#[test]
fn a_package_is_told_beside_the_whole_unless_it_is_the_only_one_and_says_the_same() {
    let mut planted = project();
    let mut measure = |name: &str, value: &dyn Fn(usize) -> Option<f64>| {
        let mut of_package = count("instructions", value);
        of_package.subject = Subject::new(SubjectKind::Package, name, "");
        planted.measure(&Environment::default(), &[of_package]);
        planted.says(&["retro"], 0)
    };
    let said = measure("same", &instructions);
    assert!(said.contains("run instructions"), "{said}");
    assert!(!said.contains("package same instructions"), "{said}");
    let said = measure("steady", &|_| Some(0.0));
    assert!(said.contains("run instructions"), "{said}");
    assert!(said.contains("package same instructions"), "{said}");
    assert!(!said.contains("package steady instructions"), "{said}");
}

#[test]
fn a_series_that_changed_twice_is_one_series() {
    let mut planted = project();
    let twice = |index: usize| {
        Some(match index {
            ..85 => 1_000.0,
            85..89 => 1_100.0,
            _ => 1_210.0,
        })
    };
    planted.measure(&Environment::default(), &[count("allocations", &twice)]);
    let said = planted.says(&["retro"], 0);
    let sentence = "Before slow, 2 series had changed, 3 times in all, and not for the better.";
    assert!(said.contains(sentence), "{said}");
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
fn what_was_made_after_an_incident_was_not_live() {
    let planted = project();
    let incident = |began: &str| {
        format!("[[incident]]\nid = \"early\"\ntitle = \"early\"\nbegan = {began}\ntag = \"v3\"\n")
    };
    planted.write("incidents.toml", &incident("2023-11-20T00:00:00Z"));
    let said = planted.says(&["retro"], 0);
    assert!(
        said.contains("Not placed: early: the commit was made only at"),
        "{said}"
    );
    assert!(!said.contains("## early"), "{said}");
    // A day without an hour is midnight, and the release was made on it.
    let day = &time(94)[..10];
    planted.write("incidents.toml", &incident(&format!("{day}T00:00:00Z")));
    let said = planted.says(&["retro"], 0);
    assert!(said.contains("## early: early"), "{said}");
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

/// What was not measured may have done it as well as what was.
#[test]
fn commits_that_were_not_measured_are_said_to_be_among_those_that_may_have_broken_a_test() {
    let mut planted = project();
    let mut environment = Environment::default();
    environment
        .cell
        .insert("overlay".to_owned(), "tests".to_owned());
    let each_fifth = |index: usize| {
        index
            .is_multiple_of(5)
            .then(|| f64::from(u8::from(index < 88)))
    };
    planted.measure(&environment, &[outcome("keys", &each_fifth)]);
    let said = planted.says(&["retro"], 0);
    let short = |index: usize| &planted.commits[index].id[..12];
    let since = format!(
        "fails 4 commits before the one that was live, and was not run any nearer, and has since {} change number 90, 4 commits and \
         1 day ahead of the live commit (it passed last at {} change number 85, and it was not run at the \
         4 commits between them: `mad bisect`).",
        short(90),
        short(85)
    );
    assert!(said.contains(&since), "{since}\n{said}");
}

fn grows(index: usize) -> Option<f64> {
    let by = index.saturating_sub(20) / 2;
    Some(1_000.0 + 5.0 * f64::from(u32::try_from(by).unwrap()))
}

/// A drift goes on until the last commit, whenever it began: that is no lead.
#[test]
fn a_drift_is_told_as_one_and_when_it_would_have_been_found() {
    let mut planted = Planted::with_commits(120);
    planted.measure(&Environment::default(), &[count("complexity", &grows)]);
    planted.tag("v2", 80);
    planted.tag("v3", 94);
    let said = planted.says(&["retro", "--tag", "v3"], 0);
    let sentence = "1 series had drifted, and not for the better. The last was run complexity (+18.5 %, little by little), up to 0 commits";
    assert!(said.contains(sentence), "{said}");
    assert!(!said.contains("not in time"), "{said}");
    assert!(
        said.contains("The rule \"a drift of 5 % or more\" gave 1 alarm,"),
        "{said}"
    );
}

#[test]
fn nothing_is_said_of_an_incident_before_which_nothing_was_measured() {
    let mut planted = Planted::with_commits(120);
    let late = |index: usize| (index > 60).then_some(1_000.0);
    planted.measure(&Environment::default(), &[count("instructions", &late)]);
    planted.tag("v1", 20);
    planted.tag("v2", 40);
    let said = planted.says(&["retro", "--tag", "v2"], 0);
    let short = |index: usize| &planted.commits[index].id[..12];
    let how = format!(
        "none was measured: nothing can be said. `mad history {}..{}` measures them.",
        short(20),
        short(40)
    );
    assert!(said.contains(&how), "{said}");
    planted.says(
        &[
            "incident",
            "add",
            "slow",
            "--began",
            "2023-11-30",
            "--tag",
            "v2",
        ],
        0,
    );
    planted.says(&["report", "--output", "page.html"], 0);
    let page = std::fs::read_to_string(planted.path().join("page.html")).unwrap();
    assert!(page.contains("no rule could be tried"), "{page}");
    let said = said + &page;
    for lie in [
        "no signal",
        "0 of 0 incidents",
        "0 incidents are few",
        "-0 %",
        "there was no incident\n",
    ] {
        assert!(!said.contains(lie), "{lie}: {said}");
    }
}

fn fails_where_it_builds(index: usize) -> Option<f64> {
    (index >= 86).then(|| f64::from(u8::from(index > 97)))
}

/// A method that was wrong from its first day has no day on which it became so.
#[test]
fn a_test_of_another_day_is_told_with_the_first_commit_at_which_it_fails() {
    let mut planted = project();
    let mut environment = Environment::default();
    environment
        .cell
        .insert("overlay".to_owned(), "tests".to_owned());
    planted.measure(&environment, &[outcome("keys", &fails_where_it_builds)]);
    let said = planted.says(&["retro"], 0);
    let since = format!(
        "test shop keys fails at the commit that was live, and has since {} change number 86, 8 commits and 2 days ahead of the live commit \
         (before that it was not run). Nobody had this test then.",
        &planted.commits[86].id[..12]
    );
    assert!(said.contains(&since), "{said}");
    assert!(said.contains("that they meet it proves no rule"), "{said}");
    let said = planted.says(&["retro", "--json"], 0);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let failing = &said["incidents"][0]["failing"][0];
    assert_eq!(
        (&failing["commits_ahead"], &failing["hours_before_live"]),
        (&8.into(), &48.into())
    );
}

#[test]
fn what_a_probe_measures_could_have_been_measured_and_what_it_expects_is_hindsight() {
    let mut planted = project();
    let of = |runner: &str| {
        let mut environment = Environment {
            runner: runner.to_owned(),
            ..Environment::default()
        };
        environment
            .cell
            .insert("probe".to_owned(), "probe".to_owned());
        environment
    };
    planted.measure(&of("command"), &[count("cost", &instructions)]);
    planted.measure(&of("libtest"), &[outcome("keys", &fails_where_it_builds)]);
    let said = planted.says(&["retro"], 0);
    assert!(said.contains("| run cost (a probe) | +7.0 % |"), "{said}");
    assert!(
        said.contains("test shop keys fails at the commit that was live"),
        "{said}"
    );
}

fn near(index: usize) -> Option<f64> {
    (78..100)
        .contains(&index)
        .then(|| instructions(index))
        .flatten()
}

#[test]
fn who_measured_nothing_but_the_incident_learns_what_is_missing() {
    let mut planted = Planted::with_commits(120);
    planted.measure(&Environment::default(), &[count("instructions", &near)]);
    planted.tag("v2", 80);
    planted.tag("v3", 94);
    let said = planted.says(&["retro", "--tag", "v3"], 0);
    assert!(said.contains("22 of 120 commits have numbers"), "{said}");
    assert!(
        said.contains("at 1 of the 14 measured commits before it; where no incident is near, at 0.0 in as many, and there is no other stretch"),
        "{said}"
    );
    assert!(
        said.contains("1 incident (few), 22 measured commits"),
        "{said}"
    );
    assert!(
        said.contains("before an incident in 63.6 % of cases"),
        "{said}"
    );
    assert!(
        said.contains("nothing here tells a change of the machine"),
        "{said}"
    );
    let said = planted.says(&["retro", "--tag", "v3", "--no-tests"], 2);
    assert!(said.contains("belongs to `--controls`"), "{said}");
}

#[test]
fn each_alarm_is_shown_whatever_came_of_it() {
    let mut planted = project();
    let stepping = |index: usize| Some(if index < 60 { 10.0 } else { 12.0 });
    planted.measure(&Environment::default(), &[count("size", &stepping)]);
    let said = planted.says(&["retro"], 0);
    let row = |name: &str| {
        let line = said
            .lines()
            .find(|line| line.starts_with("| 2023") && line.contains(name));
        line.unwrap_or_else(|| panic!("{said}"))
    };
    assert!(row("run instructions").ends_with("| exact | slow |"));
    assert!(row("run size").ends_with("| exact | no incident |"));
    assert!(said.contains("It was asked by `mad retro`."), "{said}");
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
