//! Template files as people write them, through the real program.

mod support;

use serde_json::json;
use support::{Project, Sandbox, Template, numbered};

mod unfinished_merge {
    use super::*;

    #[test]
    fn is_one_finding_that_names_every_marker() {
        let project = Project::empty();
        project.configure("sandbox", "");
        project.templates(&numbered(1..=1));
        project.write(
            "templates/merged.yaml",
            "templates:\n  a:\n    titel: \"Cloud 101\n<<<<<<< HEAD\n      Foundations\n=======\n      Basics\n\
             >>>>>>> main\n      2026\"\n    resourceType: curse\n",
        );
        let document = project.run(&["validate", "--json"]).exits(1).json();
        let findings = document["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{document:#}");
        assert_eq!(findings[0]["rule"], "unfinished-merge");
        assert_eq!((&findings[0]["line"], &findings[0]["column"]), (&json!(4), &json!(1)));
        assert!(findings[0]["help"].as_str().unwrap().contains("lines 4, 6 and 8"), "{document:#}");
    }
}

mod ids {
    use super::*;

    const LABEL: &str = "f6fadfa7-e5c1-4b62-9362-da5cc13da58a";

    fn template(capitals: bool) -> Template {
        let line = format!(
            "labels: [{{ certificateFieldId: {LABEL}, x: 1, y: 1 }}, {{ certificateFieldId: {UPPER}, x: 2, y: 2 }}]"
        );
        let mut template =
            Template::number(1).with("assetLibraryId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01").with(&line);
        if capitals {
            template.more =
                template.more.replace(LABEL, &LABEL.to_uppercase()).replace("8f14e45f", "8F14E45F");
            "ABCDEF00-0000-4000-8000-000000000001".clone_into(&mut template.resource);
        } else {
            template.more = template.more.replace(UPPER, &UPPER.to_lowercase());
            "abcdef00-0000-4000-8000-000000000001".clone_into(&mut template.resource);
        }
        template
    }

    const UPPER: &str = "B0000000-E5C1-4B62-9362-DA5CC13DA58A";

    #[test]
    fn in_another_case_are_no_change() {
        for first in [true, false] {
            let sandbox = Sandbox::start(&[]);
            let project = Project::on(&sandbox, "");
            project.templates(&[template(first)]);
            project.apply().exits(0);
            assert_eq!(
                project.row("t-001")["attributes"]["resourceId"],
                "abcdef00-0000-4000-8000-000000000001"
            );
            project.templates(&[template(!first)]);
            project.run(&["plan", "--detailed-exitcode"]).exits(0).says("No changes.");
        }
    }

    #[test]
    fn of_an_older_state_in_capitals_are_no_change() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&[template(false)]);
        project.apply().exits(0);
        let mut state = project.state();
        let row = &mut state["templates"]["t-001"];
        for name in ["resourceId", "assetLibraryId"] {
            let id = &mut row["attributes"][name];
            *id = id.as_str().unwrap().to_uppercase().into();
        }
        for label in row["attributes"]["labels"].as_array_mut().unwrap() {
            label["certificateFieldId"] = label["certificateFieldId"].as_str().unwrap().to_uppercase().into();
        }
        let attributes: certctl::model::Attributes =
            serde_json::from_value(row["attributes"].clone()).unwrap();
        row["digest"] = attributes.digest().as_str().into();
        project.write("state/test.json", state.to_string());
        project.run(&["plan", "--detailed-exitcode"]).exits(0).says("No changes.");
        // A real change is the only one that is shown.
        project.templates(&[template(false).titled("New")]);
        let plan = project.plan_json();
        let paths: Vec<&str> = plan["actions"][0]["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| change["path"].as_str().unwrap())
            .collect();
        assert_eq!(paths, ["title"]);
    }
}

mod warnings {
    use super::*;

    fn odd() -> Project {
        let project = Project::empty();
        project.configure("sandbox", "");
        project.templates(&[
            Template::number(1).with("expirationDate: 2016-01-01"),
            Template::number(2).with("expirationDays: 3650000"),
            Template::number(3),
        ]);
        project
    }

    #[test]
    fn of_validate_show_their_line_and_stop_nothing() {
        let project = odd();
        let run = project.run(&["validate"]).exits(0);
        run.says("warning[past-expiry]: expirationDate 2016-01-01 is over")
            .says("templates/all.yaml:6:21")
            .says("warning[far-expiry]")
            .says("3 templates for test: no problem found, 2 warnings.");
        let document = project.run(&["validate", "--json"]).exits(0).json();
        assert_eq!((&document["outcome"], &document["findings"]), (&json!("ok"), &json!([])));
        assert_eq!(document["warnings"][0]["templates"], json!(["t-001"]));
        project.run(&["validate", "--format", "github"]).exits(0).says("::warning file=");
        project.run(&["validate", "--format", "gitlab"]).exits(0).says("\"severity\": \"minor\"");
    }

    #[test]
    fn are_errors_where_they_are_denied() {
        let project = odd();
        project.run(&["validate", "--deny-warnings"]).exits(1).says("error[past-expiry]");
        let document = project.run(&["validate", "--deny-warnings", "--json"]).exits(1).json();
        assert_eq!(
            (&document["outcome"], &document["warnings"][1]["rule"]),
            (&json!("error"), &json!("far-expiry"))
        );
        project.run(&["validate", "--deny-warnings", "--format", "github"]).exits(1).says("::error file=");
        project.templates(&numbered(1..=1));
        project.run(&["validate", "--deny-warnings"]).exits(0).says("no problem found");
    }

    #[test]
    fn of_a_plan_are_those_of_its_templates() {
        let project = odd();
        let said = |arguments: &[&str]| -> Vec<String> {
            let plan = project.run(arguments).exits(0).json();
            let warnings = plan["warnings"].as_array().unwrap();
            warnings.iter().map(|warning| warning.as_str().unwrap().to_owned()).collect()
        };
        let all = said(&["plan", "--json"]);
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[0].starts_with("templates/all.yaml:6:21: expirationDate 2016-01-01 is over"), "{all:?}");
        assert!(all[0].contains(" (t-001). Write "), "{all:?}");
        let one = said(&["plan", "--json", "--target", "t-002"]);
        assert!(one.len() == 1 && one[0].contains(" (t-002). "), "{one:?}");
        project
            .run(&["plan"])
            .exits(0)
            .says("Warning: templates/all.yaml:6:21: expirationDate 2016-01-01 is over");
    }
}
