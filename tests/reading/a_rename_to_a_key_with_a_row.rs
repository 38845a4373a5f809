//! A rename to a key that the state has a row of.

use super::*;

/// Runs the printed commands in order; afterwards nothing is held back, and the template keeps its id.
fn is_put_right(project: &Project, told: &Statement, kept: &str, key: &str) {
    told.says("run these two commands once, in this order:").never_says("{ from:");
    let id = project.row(kept)["id"].clone();
    for command in commands(&told.terminal) {
        project.run(&["state", "mv", &command[0], &command[1]]).exits(0);
    }
    assert_eq!(project.row(key)["id"], id);
    let after = Statement::plan(project, &[]);
    after.never_says("held back").never_says("perhaps renamed");
}

#[test]
fn of_a_failed_create_is_fixed() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 1);
    project.templates(&numbered(1..=2));
    sandbox.faults(&["bulk:1:reject=Title 002"]);
    project.apply().exits(3);
    sandbox.faults(&[]);
    project.templates(&[of_course(2, 1)]);
    let told = Statement::plan(&project, &["--out", "saved.plan"]);
    told.says("1 perhaps renamed, 1 held back");
    assert_eq!(told.json["actions"][0]["has_row"], true);
    assert_eq!(project.run(&["show", "--json", "saved.plan"]).exits(0).json(), told.json);
    is_put_right(&project, &told, "t-001", "t-002");
    project.apply().exits(0);
    assert_eq!(sandbox.templates().len(), 1);
}

#[test]
fn of_a_protected_template_is_fixed() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&[Template::number(1).with("protect: true"), Template::number(2)]);
    project.apply().exits(0);
    project.templates(&[of_course(2, 1)]);
    let told = Statement::plan_ending(5, &project, &[]);
    told.never_says("under `moved:`").never_says("admin page").never_says("state rm");
    let refused = project.run(&["apply", "-y"]).exits(5);
    assert_eq!(commands(&refused.stderr), commands(&told.terminal), "{}", refused.stderr);
    is_put_right(&project, &told, "t-001", "t-002");
}
