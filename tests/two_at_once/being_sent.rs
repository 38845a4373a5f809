//! What another run is sending right now is not treated as left over from a dead run.

use crate::support::{Project, Sandbox, numbered};

/// A project while an apply waits for the answer to these templates: what `look` finds then, and after its end.
fn while_sending(count: u32, look: impl Fn(&Project, bool)) {
    let sandbox = Sandbox::start(&["--fault", "bulk:1:stall-before"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=count));
    let holder = project.start(&["apply", "-y"]);
    sandbox.has_read(1);
    look(&project, true);
    holder.kill();
    look(&project, false);
}

fn says_to_wait(text: &str, is_sending: bool) {
    assert_eq!(text.contains("being sent now"), is_sending, "{text}");
    assert_eq!(text.contains("interrupted"), !is_sending, "{text}");
    for settling in ["--created", "--applied", "--resend", "settle it", "To settle", "Nothing is in doubt"] {
        assert!(!is_sending || !text.contains(settling), "{settling} in:\n{text}");
    }
}

#[test]
fn commands_say_to_wait() {
    for count in [1, 10] {
        while_sending(count, |project, is_sending| {
            for command in [&["plan"][..], &["recover"], &["recover", "t-001"], &["state", "show", "t-001"]] {
                let run = project.run(command).exits(0);
                says_to_wait(&format!("{}{}", run.stdout, run.stderr), is_sending);
            }
        });
    }
}

#[test]
fn reports_say_to_wait() {
    while_sending(1, |project, is_sending| {
        project.run(&["plan", "--report", "markdown=r.md", "--report", "html=r.html"]).exits(0);
        says_to_wait(&project.read("r.md"), is_sending);
        says_to_wait(&project.read("r.html"), is_sending);
        assert_eq!(project.plan_json()["summary"]["in_doubt"], 1);
    });
}
