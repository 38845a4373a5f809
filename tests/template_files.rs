//! Template files as people write them, with the real program.

mod support;

use serde_json::json;
use support::{Project, Sandbox, Template, numbered};

#[test]
fn settings_and_template_problems_come_together() {
    let project = Project::empty();
    project.configure("sandbox", "");
    project.templates(&numbered(1..=1));
    let (toml, yaml) = (project.read("certctl.toml"), project.read("templates/all.yaml"));
    project.write("templates/all.yaml", yaml.replace("title:", "titel: ${var.x}\n    title:"));
    project.write("certctl.toml", format!("foo = 1\n{toml}[environments.test.vars]\nx = []\n"));
    for command in ["validate", "plan", "apply", "preview"] {
        let run =
            project.run(&[command]).exits(1).says("\"foo\" is not a setting").says("x must be a string");
        run.says("titel is not allowed here").says("3 problems in 2 files");
    }
    // For a command that reads no templates, and where it is not known which they are.
    let run = project.run(&["state", "list"]).exits(1).says("2 problems in 1 file");
    assert!(!run.stderr.contains("titel"), "{}", run.stderr);
    project.write("certctl.toml", format!("templates = 3\n{toml}"));
    project.run(&["validate"]).exits(1).says("1 problem in 1 file");
}

mod unfinished_merge {
    use super::*;

    #[test]
    fn is_one_finding_naming_every_marker() {
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

mod yaml {
    use super::*;

    const UUID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

    fn project(text: &str) -> Project {
        let project = Project::empty();
        project.configure("sandbox", "");
        project.write("templates/a.yaml", text);
        project
    }

    #[test]
    fn faulty_line_is_shown_with_the_character() {
        for (line, place, words) in [
            ("    title:\u{a0}T", "a.yaml:3:11", "no-break space (U+00A0)"),
            ("    title:T", "a.yaml:3:10", "a blank is missing behind the colon"),
            ("   \u{a0} title: T", "a.yaml:3:4", "no-break space (U+00A0)"),
            ("    title\u{ff1a}T", "a.yaml:3:10", "full-width colon (U+FF1A)"),
            ("    title: One\u{2028}Two", "a.yaml:3:15", "line separator (U+2028)"),
        ] {
            let text =
                format!("templates:\n  a:\n{line}\n    resourceType: course\n    resourceId: {UUID}\n");
            project(&text).run(&["validate"]).exits(1).says(place).says(words).says("1 problem in 1 file");
        }
    }

    #[test]
    fn json_with_an_emoji_is_read() {
        let text = format!(
            "{{\"templates\": {{\"a\": {{\"title\": \"Done \\ud83c\\udf93\", \"resourceType\": \"course\", \"resourceId\": \"{UUID}\"}}}}}}"
        );
        let plan = project(&text).plan_json();
        assert_eq!(plan["actions"][0]["after"]["title"], "Done 🎓");
        assert_eq!(plan["actions"][0]["source"]["line"], 1);
    }

    #[test]
    fn tab_after_a_colon_shifts_no_column() {
        let text =
            format!("templates:\n  a:\n    title:\tT\n    resourceType: curse\n    resourceId: {UUID}\n");
        project(&text).run(&["validate"]).exits(1).says("a.yaml:4:19");
    }
}

mod variables {
    use super::*;

    fn project(vars: &str, line: &str) -> Project {
        let project = Project::empty();
        project.write(
            "certctl.toml",
            format!("[environments.test]\nurl = \"sandbox\"\n[environments.test.vars]\n{vars}\n"),
        );
        project.templates(&[Template::number(1).with(line)]);
        project
    }

    #[test]
    fn are_numbers_where_numbers_are_expected() {
        for vars in ["d = 365", "d = \"365\""] {
            let plan = project(vars, "expirationDays: ${var.d}").plan_json();
            assert_eq!(plan["actions"][0]["after"]["expirationDays"], 365, "{vars}");
        }
        let project = project("", "expirationDays: ${var.d}");
        let plan = project.run(&["plan", "--json", "--var", "d=30"]).exits(0).json();
        assert_eq!(plan["actions"][0]["after"]["expirationDays"], 30);
    }

    #[test]
    fn faulty_ones_are_shown_where_set() {
        let project = project("d = \"soon\"", "expirationDays: ${var.d}");
        project
            .run(&["validate"])
            .exits(1)
            .says("templates/all.yaml:6:21")
            .says("certctl.toml:4:5")
            .says("d is set here");
        project.run(&["validate", "--var", "d=later"]).exits(1).says("d is set by --var");
    }

    #[test]
    fn missing_ones_are_one_block_to_paste() {
        let project = project("", "customCss: ${var.a} ${var.b}");
        let run = project.run(&["validate"]).exits(1).says("2 variables are not set in the environment test");
        let run = run.says("= help: add these lines to certctl.toml").says("1 problem in 1 file");
        let block: Vec<&str> =
            run.stderr.lines().map(str::trim).skip_while(|line| !line.starts_with('[')).collect();
        assert_eq!(
            block[..3],
            [
                "[environments.test.vars]",
                "a = \"\" # templates/all.yaml:6:16",
                "b = \"\" # templates/all.yaml:6:25"
            ]
        );
        project.run(&["plan", "--report", "markdown=r.md"]).exits(1);
        assert!(
            project.read("r.md").contains("```toml\n[environments.test.vars]\na = \"\" #"),
            "{}",
            project.read("r.md")
        );
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
    fn upper_case_in_an_older_state_changes_nothing() {
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
        // On the machine where certctl wrote it, an edited state is refused.
        project.on_another_machine();
        project.run(&["plan", "--detailed-exitcode"]).exits(0).says("No changes.");
        // Only a real change is shown.
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

mod texts_that_look_alike {
    use super::*;

    #[test]
    fn are_told_apart_on_every_surface() {
        for (before, after, words, shown) in [
            (
                "Caf\u{e9}",
                "Cafe\u{301}",
                "accents are written: é (U+00E9) → e (U+0065) U+0301",
                "Cafe\\u{301}",
            ),
            ("Cloud", "\u{421}loud", "look alike: C (U+0043) → \u{421} (U+0421)", "\\u{421}loud"),
            ("a b", "a\u{a0}b", "space (U+0020) → no-break space (U+00A0)", "a\\u{a0}b"),
            ("ab", "a\u{200b}b", "nothing → zero-width space (U+200B)", "a\\u{200b}b"),
        ] {
            let sandbox = Sandbox::start(&[]);
            let project = Project::on(&sandbox, "");
            project.templates(&[Template::number(1).titled(before)]);
            project.apply().exits(0);
            project.templates(&[Template::number(1).titled(after)]);
            let run = project.run(&["plan", "--report", "markdown=r.md", "--report", "html=r.html"]).exits(0);
            assert!(run.stdout.contains(words) && run.stdout.contains(shown), "{}", run.stdout);
            for report in ["r.md", "r.html"] {
                let text = project.read(report).replace("<mark>", "").replace("</mark>", "");
                assert!(text.contains(words) && text.contains(shown), "{report}\n{text}");
            }
        }
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
    fn of_validate_show_their_line() {
        let project = odd();
        let run = project.run(&["validate"]).exits(0);
        run.says("warning[past-expiry]: expirationDate 2016-01-01 is over")
            .says("templates/all.yaml:6:21")
            .says("warning[far-expiry]")
            .says("3 templates for test: 2 warnings, no error.");
        let document = project.run(&["validate", "--json"]).exits(0).json();
        assert_eq!((&document["outcome"], &document["findings"]), (&json!("ok"), &json!([])));
        assert_eq!(document["warnings"][0]["templates"], json!(["t-001"]));
        project.run(&["validate", "--format", "github"]).exits(0).says("::warning file=");
        project.run(&["validate", "--format", "gitlab"]).exits(0).says("\"severity\": \"minor\"");
    }

    #[test]
    fn are_reported_beside_errors() {
        let project = odd();
        project.write("templates/wrong.yaml", "templates:\n  wrong:\n    titel: x\n");
        for command in ["validate", "plan"] {
            let run = project.run(&[command]).exits(1).says("error[unknown-field]");
            run.says("warning[past-expiry]").says("warning[far-expiry]");
        }
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
            let warnings = warnings.iter().map(|warning| warning.as_str().unwrap().to_owned());
            // The warning that there is no state yet concerns no template.
            warnings.filter(|warning| warning.starts_with("templates/")).collect()
        };
        let all = said(&["plan", "--json"]);
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(
            all[0].starts_with("templates/all.yaml:6:21: t-001: expirationDate 2016-01-01 is over"),
            "{all:?}"
        );
        assert!(all[0].contains("when it is issued. Write "), "{all:?}");
        let one = said(&["plan", "--json", "--target", "t-002"]);
        assert!(one.len() == 1 && one[0].contains(": t-002: "), "{one:?}");
        project
            .run(&["plan"])
            .exits(0)
            .says("Warning: templates/all.yaml:6:21: t-001: expirationDate 2016-01-01 is over");
    }
}

mod texts_from_files {
    use super::*;

    /// An applied template with its style sheet in a file.
    fn applied(sandbox: &Sandbox) -> Project {
        let project = Project::on(sandbox, "");
        project.write("css/a.css", "a {\n  x: ${y};\n}\n");
        project.templates(&[Template::number(1).with("customCss: { file: css/a.css }")]);
        project.apply().exits(0);
        project
    }

    #[test]
    fn are_sent_and_compared() {
        let sandbox = Sandbox::start(&[]);
        let project = applied(&sandbox);
        assert_eq!(sandbox.templates()[0]["attributes"]["customCss"], "a {\n  x: ${y};\n}\n");
        project.write("css/a.css", "\u{feff}a {\r\n  x: ${y};\r\n}\r\n");
        project.run(&["plan", "--detailed-exitcode"]).exits(0).says("No changes.");
        project.write("css/a.css", "a {\n  x: 2;\n}\n");
        project.run(&["plan", "--detailed-exitcode"]).exits(2).says("1 to change").says("+   x: 2;");
    }

    #[test]
    fn are_not_overwritten() {
        let sandbox = Sandbox::start(&[]);
        let project = applied(&sandbox);
        let run = project.run(&["plan", "--report", "html=css/a.css"]).exits(1);
        run.says("a file with a text of templates");
        assert!(project.read("css/a.css").starts_with("a {"));
    }

    #[test]
    fn are_named_where_they_are_missing() {
        let sandbox = Sandbox::start(&[]);
        let project = applied(&sandbox);
        project.write("css/b.css", std::fs::read(project.file("css/a.css")).unwrap());
        std::fs::remove_file(project.file("css/a.css")).unwrap();
        project
            .run(&["validate"])
            .exits(1)
            .says("there is no file css/a.css, and no file templates/css/a.css (did you mean b.css?)")
            .says("customCss: { file: css/a.css }");
    }
}

#[test]
fn a_warning_about_an_adjusted_label_names_its_line() {
    let project = Project::empty();
    project.configure("sandbox", "");
    let id = "11111111-aaaa-4000-8000-000000000001";
    project.write(
        "templates/all.yaml",
        format!(
            "layouts:\n  l:\n    canvas: 100x100\n    labels:\n      - {{ certificateFieldId: {id}, x: 10, y: 10, fontSize: 10 }}\n\
             defaults: {{ resourceType: course, layout: l }}\ntemplates:\n  a:\n    title: A\n    resourceId: {id}\n    adjust:\n      \
             {id}: {{ x: 5000 }}\n"
        ),
    );
    project.run(&["validate"]).exits(0).says("templates/all.yaml:12:7");
}
