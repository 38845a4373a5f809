//! `certctl init --state` and `--ci`: a project with its pipeline, wherever it lies in its repository.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_yaml::Value;

use crate::support::{Project, Run};

const SHARED: &str = "s3://team-states/academy/production.json";

/// An empty git repository.
fn repository() -> Project {
    let project = Project::empty();
    fs::create_dir(project.file(".git")).unwrap();
    project
}

fn yaml(project: &Project, name: &str) -> Value {
    serde_yaml::from_str(&project.read(name)).unwrap()
}

fn paths(workflow: &Value) -> Vec<&str> {
    workflow["on"]["push"]["paths"].as_sequence().unwrap().iter().filter_map(Value::as_str).collect()
}

/// Checks that nothing is there but these names.
#[track_caller]
fn has_only(project: &Project, names: &[&str]) {
    let mut found: Vec<String> = project
        .snapshot()
        .keys()
        .map(|path| path.strip_prefix(project.path()).unwrap().display().to_string())
        .collect();
    found.sort();
    assert_eq!(found, names);
}

#[test]
fn workflow_of_a_subfolder_is_at_the_root() {
    let project = repository();
    let run = project.run(&["init", "eu/academy", "--ci", "github"]).exits(0);
    for line in ["wrote eu/academy/certctl.toml", "wrote .github/workflows/certctl.yml"] {
        assert!(run.stdout.lines().any(|printed| printed == line), "{}", run.stdout);
    }
    run.says("your-org/certctl@v0.1.0")
        .says("[environments.production]")
        .says("git -C eu/academy config merge.certctl-state.driver");
    let workflow = yaml(&project, ".github/workflows/certctl.yml");
    assert_eq!(paths(&workflow), ["eu/academy/**", ".github/workflows/certctl.yml"]);
    let ignored = project.read("eu/academy/.gitignore");
    for line in [
        "*.journal",
        "*.json.lock",
        "*.json.lock.holder",
        "*.backup",
        "*.sandbox",
        "*.plan",
        ".certctl-tmp*",
        "certctl-out/",
    ] {
        assert!(ignored.lines().any(|ignored| ignored == line), "{line}");
    }
    for environment in ["sandbox", "production"] {
        project.run(&["-C", "eu/academy", "-e", environment, "validate"]).exits(0).says("1 template");
        project.run(&["-C", "eu/academy", "-e", environment, "plan"]).exits(0).says("1 to add");
    }
}

#[test]
fn root_of_a_worktree_is_found() {
    let project = Project::empty();
    project.write(".git", "gitdir: elsewhere\n");
    project.write("eu/there", "");
    let mut inside = project.command(&["init", "--ci", "gitlab"]);
    Run::of(inside.current_dir(project.file("eu")).output().unwrap()).exits(0).says(".gitlab-ci.yml");
    assert_eq!(yaml(&project, ".gitlab-ci.yml")["variables"]["CERTCTL_DIR"], "eu");
}

#[test]
fn without_a_repository_the_folder_is_the_root() {
    let project = Project::empty();
    project.run(&["init", "p", "--ci", "github"]).exits(0).says("There is no git repository here yet");
    let workflow = yaml(&project, "p/.github/workflows/certctl.yml");
    assert!(paths(&workflow).contains(&"certctl.toml"), "{workflow:?}");
    // Nothing is said of a repository that is there.
    let run = repository().run(&["init", "--ci", "github"]).exits(0);
    assert!(!run.stdout.contains("There is no git repository"), "{}", run.stdout);
}

#[test]
fn shared_state_is_written_with_its_pipeline() {
    for (ci, file) in [("github", ".github/workflows/certctl.yml"), ("gitlab", ".gitlab-ci.yml")] {
        let project = repository();
        let run = project.run(&["init", "--state", SHARED, "--ci", ci]).exits(0).says("your storage");
        assert!(!run.stdout.contains("merge.certctl-state"), "{}", run.stdout);
        let toml = project.read("certctl.toml");
        assert!(
            toml.contains(&format!("\nstate = \"{SHARED}\"\n\n# [environments.production.store]\n")),
            "{toml}"
        );
        let valid = project.run(&["-e", "production", "validate", "--json"]).exits(0).json();
        assert_eq!((&valid["shared"], &valid["state"]), (&true.into(), &SHARED.into()));
        assert_eq!(project.run(&["validate", "--json"]).exits(0).json()["shared"], false);
        project.run(&["plan"]).exits(0).says("1 to add");
        // Where the comment signs are removed, it is still valid.
        let lease = toml.replace("# [environments.production.store]", "[environments.production.store]");
        project.write(
            "certctl.toml",
            lease.replace("# lease", "lease").replace("# allow_unsafe", "allow_unsafe"),
        );
        project.run(&["-e", "production", "validate"]).exits(0);
        let pipeline = project.read(file);
        assert!(pipeline.contains("publish") && !pipeline.contains("CERTCTL_PUSH_TOKEN"), "{pipeline}");
    }
    let project = Project::empty();
    project.run(&["init", "--state", "elsewhere/\"p\".json"]).exits(0);
    assert!(project.read("certctl.toml").contains("\nstate = \"elsewhere/\\\"p\\\".json\"\n"));
    project.run(&["-e", "production", "validate"]).exits(0);
}

#[test]
fn state_on_a_server_has_no_lease() {
    let project = repository();
    let state = "https://gitlab.example.com/api/v4/projects/1/terraform/state/production";
    project.run(&["init", "eu", "--state", state, "--ci", "gitlab"]).exits(0);
    let toml = project.read("eu/certctl.toml");
    assert!(toml.contains(&format!("\nstate = \"{state}\"\n\n[environments.production.vars]\n")), "{toml}");
    let valid = project.run(&["-C", "eu", "-e", "production", "validate", "--json"]).exits(0).json();
    assert_eq!((&valid["shared"], &valid["state"]), (&true.into(), &state.into()));
    assert!(yaml(&project, ".gitlab-ci.yml")["publish"].is_mapping());
}

#[test]
fn impossible_state_is_refused_with_its_reason() {
    for (state, why) in [
        ("s3://bucket", "names a bucket and nothing in it"),
        ("gs://bucket/p.json", "not proven"),
        ("https://me:hunter2@a.example/p.json", "a user or a password in it"),
        ("http://a.example/p.json", "without TLS"),
        ("certctl.toml", "configuration file"),
    ] {
        let project = Project::empty();
        let run = project.run(&["init", "--state", state]).exits(1).says(why).says("nothing was written");
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
        has_only(&project, &[]);
    }
}

#[test]
fn lines_are_added_to_existing_git_files() {
    let project = repository();
    project.write(".gitignore", "node_modules/\r\n/certctl-out\r\n*.lock");
    project.write(".gitattributes", "*.png binary\n");
    let run = project.run(&["init", "--ci", "github"]).exits(0).says("added to .gitignore:");
    assert!(run.stdout.contains("\n  *.journal\n") && !run.stdout.contains(".lock\n"), "{}", run.stdout);
    let ignored = project.read(".gitignore");
    assert!(
        ignored.starts_with("node_modules/\r\n/certctl-out\r\n*.lock\r\n\r\n# certctl\r\n*.journal\r\n"),
        "{ignored:?}"
    );
    assert_eq!(ignored.matches('\n').count(), ignored.matches("\r\n").count());
    assert_eq!(
        project.read(".gitattributes"),
        "*.png binary\n\n# certctl\nstate/*.json merge=certctl-state\n"
    );
    // A second time there is nothing to add, and nothing to write.
    let before = project.snapshot();
    let again = project.run(&["init", "--ci", "github"]).exits(0);
    for done in ["wrote ", "added ", "left "] {
        assert!(!again.stdout.contains(done), "{}", again.stdout);
    }
    assert_eq!(project.snapshot(), before);
}

#[test]
fn lines_for_fewer_files_are_not_enough() {
    let project = repository();
    project.write(".gitignore", "/*.journal\n*.backup/\n/certctl-out/\n");
    project.run(&["init", "--ci", "github"]).exits(0);
    let ignored = project.read(".gitignore");
    for line in ["*.journal", "*.backup"] {
        assert!(ignored.lines().any(|ignored| ignored == line), "{line} in {ignored}");
    }
    assert!(!ignored.lines().any(|ignored| ignored == "certctl-out/"), "{ignored}");
}

#[test]
fn git_files_are_about_the_states_in_place() {
    let project = repository();
    project.run(&["init", "--state", "./my [s]/x"]).exits(0);
    assert!(project.read(".gitignore").contains("\n/my \\[s]/x.lock\n"), "{}", project.read(".gitignore"));
    let line = "\"/my \\\\[s]/x\" merge=certctl-state";
    assert!(project.read(".gitattributes").lines().any(|there| there == line), "{line}");
    let toml = project.read("certctl.toml");
    let more = "[environments.eu]\nurl = \"https://a.example.com\"\nstate = \"eu.json\"\n\
                [environments.odd]\nurl = \"https://b.example.com\"\nstate = \"state/odd\"\n\
                [environments.far]\nurl = \"https://b.example.com\"\nstate = \"../far.json\"\n";
    project.write("certctl.toml", format!("{toml}{more}"));
    let run = project.run(&["-e", "eu", "init", "--ci", "gitlab"]).exits(0);
    for added in [
        "added to .gitattributes:\n  /eu.json merge=certctl-state\n  /state/odd merge=certctl-state\n",
        "added to .gitignore:\n  /state/odd.lock\n",
    ] {
        assert!(run.stdout.contains(added), "{}", run.stdout);
    }
    assert!(!run.stdout.contains("far.json"), "{}", run.stdout);
}

#[test]
fn workflows_start_on_the_files_of_the_project() {
    let project = repository();
    project.run(&["init"]).exits(0);
    let more = "[environments.eu]\nurl = \"https://a.example.com\"\nstate = \"x.json\"\n";
    let toml =
        project.read("certctl.toml").replace("\"templates/**/*.{yaml,yml}\"", "\"a/b/*.yaml\", \"c/x.yaml\"");
    project.write("certctl.toml", toml + more);
    project.run(&["init", "--ci", "github"]).exits(0);
    let workflow = yaml(&project, ".github/workflows/certctl.yml");
    assert_eq!(
        paths(&workflow),
        ["certctl.toml", "a/b/**", "c/x.yaml", "x.json*", ".github/workflows/certctl.yml"]
    );
}

#[test]
fn other_main_branches_are_in_the_workflow() {
    let project = repository();
    project.write(".git/HEAD", "ref: refs/heads/trunk\n");
    project.run(&["init", "--ci", "github"]).exits(0).says("applies what is merged into `trunk`");
    let workflow = yaml(&project, ".github/workflows/certctl.yml");
    assert_eq!(workflow["on"]["push"]["branches"][0], "trunk");
    assert!(workflow["jobs"]["apply"]["if"].as_str().unwrap().contains("github.ref_name == 'trunk'"));
    let run = repository().run(&["init", "--ci", "github"]).exits(0);
    assert!(!run.stdout.contains("applies what is merged"), "{}", run.stdout);
}

#[test]
fn new_projects_take_the_name_of_an_environment() {
    let project = repository();
    project.run(&["-e", "staging", "init", "--ci", "github"]).exits(0).says("[environments.staging]");
    project.run(&["-e", "staging", "plan"]).exits(0).says("1 to add");
    assert!(!project.read("certctl.toml").contains("environments.production"));
    let workflow = project.read(".github/workflows/certctl.yml");
    assert!(workflow.contains("CERTCTL_API_KEY") && !workflow.contains("production"), "{workflow}");
    let other = repository();
    other.run(&["-e", "a b", "init"]).exits(1).says("cannot be an environment's name");
    has_only(&other, &[]);
    other.run(&["-e", "sandbox", "init", "--ci", "github"]).exits(0).says("[environments.production]");
}

#[test]
fn existing_project_gets_its_pipeline_only() {
    let project = repository();
    project.run(&["init", "eu"]).exits(0).says("certctl -C eu init --ci github");
    let toml = project.read("eu/certctl.toml").replace("default_environment = \"sandbox\"", "");
    let live = format!("[environments.live]\nurl = \"https://a.example.com\"\nstate = \"{SHARED}\"\n");
    project.write("eu/certctl.toml", toml + &live);
    let written = project.read("eu/certctl.toml");
    project.run(&["-C", "eu", "init", "--ci", "gitlab"]).exits(0).says("[environments.live]");
    let pipeline = yaml(&project, ".gitlab-ci.yml");
    assert_eq!(
        (&pipeline["variables"]["CERTCTL_ENV"], &pipeline["apply"]["environment"]),
        (&"live".into(), &"live".into())
    );
    assert!(pipeline["publish"].is_mapping());
    assert_eq!(project.read("eu/certctl.toml"), written);
    // Which of two is meant is asked.
    let two = format!("{written}[environments.other]\nurl = \"https://b.example.com\"\n");
    project.write("eu/certctl.toml", two);
    project.run(&["-C", "eu", "init", "--ci", "github"]).exits(1).says("choose one");
    project.run(&["-C", "eu", "-e", "other", "init", "--ci", "github"]).exits(0);
    assert!(!project.read(".github/workflows/certctl.yml").contains("publish"));
    // Of several, the one that is called production is meant.
    fs::remove_file(project.file(".github/workflows/certctl.yml")).unwrap();
    let three = format!("{written}[environments.production]\nurl = \"https://b.example.com\"\n");
    project.write("eu/certctl.toml", three);
    project.run(&["-C", "eu", "init", "--ci", "github"]).exits(0).says("[environments.production]");
    // With another state, it would have to be changed.
    project.run(&["init", "eu", "--ci", "github", "--state", SHARED]).exits(1).says("never overwrites");
}

#[test]
fn existing_pipeline_is_left_and_shown() {
    let project = repository();
    project.write(".gitlab-ci.yml", "stages: [test]\n");
    let run = project.run(&["init", "eu", "--ci", "gitlab"]).exits(0);
    assert_eq!(project.read(".gitlab-ci.yml"), "stages: [test]\n");
    let (before, text) = run.stdout.split_once("under `include`:\n\n").unwrap();
    assert!(
        before.contains("left .gitlab-ci.yml as it is") && before.contains("wrote eu/certctl.toml"),
        "{before}"
    );
    let shown: Value = serde_yaml::from_str(text).unwrap();
    assert_eq!(shown["variables"]["CERTCTL_DIR"], "eu");
}

#[test]
fn nothing_is_written_if_the_pipeline_cannot_be() {
    let project = repository();
    project.write(".github", "");
    let run = project.run(&["init", "eu", "--ci", "github"]).exits(1).says(".github is not a directory");
    assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
    has_only(&project, &[".github"]);
    fs::remove_file(project.file(".github")).unwrap();
    for link in [".github", ".github/workflows"] {
        let path = project.file(link);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink("/nowhere/else", &path).unwrap();
        project.run(&["init", "eu", "--ci", "github"]).exits(1).says("is a symbolic link");
        fs::remove_file(path).unwrap();
    }
    assert!(!project.file("eu").exists());
}

#[test]
fn read_only_folder_is_explained() {
    let project = repository();
    let locked = |mode: &str| {
        fs::create_dir_all(project.file(".github")).unwrap();
        assert!(Command::new("chmod").arg(mode).arg(project.file(".github")).status().unwrap().success());
    };
    locked("555");
    // An administrator of the machine may write everywhere.
    if fs::write(project.file(".github/x"), "").is_err() {
        let run = project.run(&["init", "eu", "--ci", "github"]).exits(1).says("cannot write");
        assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
        assert!(!project.file("eu/certctl.toml").exists());
    }
    locked("755");
}

#[test]
fn strange_folder_names_are_quoted() {
    let project = repository();
    let strange = "a b*[c]\"${{ github.token }}";
    project.run(&["init", strange, "--ci", "github"]).exits(0);
    let workflow = yaml(&project, ".github/workflows/certctl.yml");
    assert_eq!(paths(&workflow)[0], "a b\\*\\[c\\]\"*{{ github.token }}/**");
    let text = project.read(".github/workflows/certctl.yml");
    assert!(!text.contains("working-directory: \"a b*[c]\\\"${{ github"), "{text}");
}
