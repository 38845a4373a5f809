//! An unfinished journal beside a state that is merged.

use super::*;

/// The state of a killed run continues in git before the next run can write the checkpoint.
#[test]
fn journal_counts_after_a_merge() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = repository(&sandbox, true);
    let other = clone(&project);
    goes_on(&other, &[Template::number(5)]);
    goes_on(&project, &[Template::number(6)]);
    let requests = sandbox.requests().len();
    sandbox.faults(&["bulk:1:stall-after"]);
    write(&project, &Template::number(4));
    let running = project.start(&["apply", "-y"]);
    sandbox.has_read(requests + 1);
    running.kill();
    sandbox.faults(&[]);
    git(&project, "add --all").exits(0);
    git(&project, "commit --quiet -m Wanted").exits(0);
    merge(&project, &other, "other").exits(0);
    project.run(&["plan"]).exits(0).says("1 in doubt");
    let journal = project.read("state/test.json.journal");
    project.apply().exits(4).says("part of the state now");
    assert_eq!(sandbox.times_sent("Title 004"), 1);
    assert_eq!(project.row("t-004")["status"], "in_doubt");
    // A person settles and forgets it; another copy of the journal does not restore it.
    project.run(&["recover", "t-004", "--not-created"]).exits(0);
    project.run(&["state", "rm", "t-004"]).exits(0);
    project.write("state/test.json.journal", journal);
    project.run(&["state", "list"]).exits(0);
    let listed = project.run(&["state", "list"]).exits(0).stdout;
    assert!(!listed.contains("t-004"), "{listed}");
}
