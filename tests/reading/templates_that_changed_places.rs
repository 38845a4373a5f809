//! Keys that have exchanged their courses.

use super::*;

#[test]
fn are_fixed_by_the_printed_commands() {
    // The course that each template now belongs to.
    for courses in [&[2, 1][..], &[2, 3, 1], &[3, 1, 2], &[2, 1, 4, 3]] {
        let sandbox = Sandbox::start(&[]);
        let count = u32::try_from(courses.len()).unwrap();
        let project = applied(&sandbox, count);
        let places: Vec<Template> =
            (1..=count).zip(courses).map(|(number, course)| of_course(number, *course)).collect();
        project.templates(&places);
        let told = Statement::plan(&project, &[]);
        told.says("have changed places").never_says("gets a second").never_says("Apply the change of");
        let number = if courses.len() == 3 { "4" } else { "three" };
        told.says(&format!("Run these {number} commands once, in this order:"));
        let moves = commands(&told.terminal);
        for (form, text) in told.texts() {
            assert_eq!(commands(text).len(), moves.len(), "{form}: {text}");
        }
        let rings = if courses.len() == 4 { 2 } else { 1 };
        assert_eq!(moves.len(), courses.len() + rings, "{}", told.terminal);
        for command in &moves {
            project.run(&["state", "mv", &command[0], &command[1]]).exits(0);
        }
        let after = project.plan_json();
        let held = (&after["summary"]["held"], &after["summary"]["replace"], &after["summary"]["update"]);
        assert_eq!(held, (&0.into(), &0.into(), &count.into()), "{courses:?}: {after:#}");
        project.apply().exits(0);
        assert_eq!(sandbox.templates().len(), courses.len());
    }
}

#[test]
fn in_a_long_ring_are_fixed_too() {
    const COUNT: u32 = 51;
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, COUNT);
    let shifted: Vec<Template> = (1..=COUNT).map(|number| of_course(number, number % COUNT + 1)).collect();
    project.templates(&shifted);
    let told = Statement::plan(&project, &["-v", "--out", "saved.plan"]);
    told.says("51 templates have changed places").never_says("Apply the change of");
    assert_eq!(project.run(&["show", "--json", "saved.plan"]).exits(0).json(), told.json);
    let moves = commands(&told.terminal);
    assert_eq!(moves.len(), 51, "{}", told.terminal);
    for command in &moves {
        project.run(&["state", "mv", &command[0], &command[1]]).exits(0);
    }
    let told = Statement::plan(&project, &[]);
    let moved = told.terminal.split_once("\nmoved:\n").unwrap().1.split_once("\n\n").unwrap().0;
    project.write("templates/moved.yaml", format!("moved:\n{moved}\n"));
    told.says("51 held back");
    let summary = &project.plan_json()["summary"];
    let counts = ["held", "orphan", "create", "replace", "update"].map(|name| summary[name].as_u64());
    assert_eq!(counts, [0, 0, 0, 0, 51].map(Some), "{summary}");
}

#[test]
fn are_a_ring_in_the_document() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 2);
    project.templates(&[of_course(1, 2), of_course(2, 1)]);
    let told = Statement::plan(&project, &["--out", "saved.plan"]);
    let held = &told.json["actions"][1]["held"];
    assert_eq!(*held, serde_json::json!({"reason": "taken", "by": "t-001", "ring": ["t-001", "t-002"]}));
    assert_eq!(told.json["warnings"].as_array().unwrap().len(), 1);
    assert_eq!(project.run(&["show", "--json", "saved.plan"]).exits(0).json(), told.json);
    project.run(&["show", "saved.plan"]).exits(0).says("Run these three commands once");
    // A single one is not sent either, and its plan explains why.
    let one = project.run(&["plan", "--target", "t-002"]).exits(0);
    assert_eq!(commands(&one.stdout).len(), 3, "{}", one.stdout);
}

#[test]
fn in_a_chain_are_applied_in_order() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 2);
    project.templates(&[of_course(1, 2), of_course(2, 3)]);
    let told = Statement::plan(&project, &[]);
    told.says("Apply the change of t-002 first").never_says("changed places");
    assert!(commands(&told.terminal).is_empty(), "{}", told.terminal);
}
