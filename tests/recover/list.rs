//! The list of what is in doubt.

use super::*;

#[test]
fn says_what_was_sent_and_next_steps() {
    let sandbox = Sandbox::start(&[]);
    let project = doubtful(&sandbox, 2, "");
    let list = project.run(&["recover"]).exits(0);
    for part in [
        "2 templates are in doubt",
        "? t-001",
        "Title 002",
        "as a create, in request 1-1",
        "3 attributes, sha256:",
    ] {
        assert!(list.stdout.contains(part), "{part}\n{}", list.stdout);
    }
    let mut rest = list.stdout.split("? t-002").nth(1).unwrap();
    for way in
        ["--from-csv FILE", "--created ID", "--applied", "--not-created", "--resend", "may make a second one"]
    {
        rest = rest
            .split_once(way)
            .unwrap_or_else(|| panic!("{way} is not where it should be\n{}", list.stdout))
            .1;
    }
    let one = project.run(&["recover", "t-002"]).exits(0);
    assert!(one.stdout.contains("1 template is in doubt") && !one.stdout.contains("t-001"), "{}", one.stdout);
    project.run(&["recover", "-v", "t-002"]).exits(0).says("resourceType: \"course\"");
    project.run(&["recover", "t-00"]).exits(1).says("did you mean t-00");
    project.run(&["recover", "x-*"]).exits(1).says("no template in doubt matches x-*");
}

#[test]
fn groups_many_rows_by_request() {
    let sandbox = Sandbox::start(&[]);
    let project = doubtful(&sandbox, 30, "batch_size = 20\nconcurrency = 1");
    let list = project.run(&["recover"]).exits(0).stdout;
    assert_eq!(list.matches("Request 1-").count(), 2, "{list}");
    assert_eq!(list.matches("--resend").count(), 1, "{list}");
    assert_eq!(list.matches("\n  ? t-0").count(), 30, "{list}");
    assert_eq!(project.run(&["recover", "-v"]).exits(0).stdout.matches("--resend").count(), 30);
    // A pattern selects everything that matches.
    project.run(&["recover", "t-*", "--not-created"]).exits(0).says("t-030: recorded as not created");
    project.run(&["recover"]).exits(0).says("Nothing is in doubt.");
}

#[test]
fn has_one_line_per_pending_row() {
    let sandbox = Sandbox::start(&[]);
    let project = waiting(&sandbox, 12);
    let list = project.run(&["recover"]).exits(0).stdout;
    assert_eq!(list.matches("\n  ? t-0").count(), 12, "{list}");
    assert_eq!(list.matches("--not-created").count(), 1, "{list}");
}

#[test]
fn keeps_a_grouped_rows_own_reason() {
    let sandbox = Sandbox::start(&["--fault", "bulk:*:wrong-count=+1", "--fault", "bulk:*:reject=Title 003"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=12));
    project.apply().exits(4);
    let list = project.run(&["recover"]).exits(0).stdout;
    let own = list.lines().skip_while(|line| !line.contains("? t-003")).nth(1).unwrap();
    assert!(own.contains("the server's error was"), "{own}\n{list}");
    assert_eq!(list.matches("the server's error was").count(), 1, "{list}");
    assert_eq!(list.matches("which does not add up").count(), 1, "{list}");
}
