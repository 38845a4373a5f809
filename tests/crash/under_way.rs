//! certctl killed from outside while the server has its request, before and after the server acts.

use std::process::Stdio;

use crate::promises::{everything_comes_right, nothing_lost_or_mistaken, server_holds};
use crate::support::{Project, Sandbox, Template, numbered};

fn retitled() -> Vec<Template> {
    numbered(1..=3).into_iter().map(|template| template.titled("New")).enumerate().map(number).collect()
}

fn number((position, template): (usize, Template)) -> Template {
    let title = format!("{} {position}", template.title);
    template.titled(&title)
}

/// Kills an apply whose request the server has read, and executed or not.
fn kill_under_way(api: &str, stall: &str, updates: bool) {
    let by_id = api.contains("\"id\"");
    let sandbox = Sandbox::start(if updates && !by_id { &[] } else { &["--no-upsert"] });
    let project = Project::on(&sandbox, api);
    let mut wanted = numbered(1..=3);
    project.templates(&wanted);
    if updates {
        project.apply().exits(0);
        wanted = retitled();
        project.templates(&wanted);
    }
    let sent_before = sandbox.requests().len();
    sandbox.faults(&[&format!("any:*:{stall}")]);
    let mut run =
        project.command(&["apply", "-y"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while sandbox.requests().len() == sent_before {
        std::thread::yield_now();
    }
    run.kill().unwrap();
    run.wait().unwrap();
    sandbox.faults(&[]);
    let case = (api, stall, updates);
    nothing_lost_or_mistaken(&project, &sandbox, &case);
    everything_comes_right(&project, &sandbox, &case);
    let titles: Vec<_> = wanted.into_iter().map(|template| template.title).collect();
    server_holds(&project, &sandbox, &titles, &case);
}

#[test]
fn killed_while_the_server_has_the_request() {
    let mut killed = 0;
    for api in ["", "batch_size = 1\nconcurrency = 3", "addressing = \"id\""] {
        for stall in ["stall-before", "stall-after"] {
            for updates in [false, true] {
                kill_under_way(api, stall, updates);
                killed += 1;
            }
        }
    }
    println!("a request under way: killed {killed} times at 2 points");
}
