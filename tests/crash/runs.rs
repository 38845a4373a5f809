//! `apply` killed at every point, in every kind of run.

use std::collections::BTreeSet;
use std::path::Path;

use certctl::crash::Point;

use crate::kill::{By, Occurrence, passages, run_until, spots};
use crate::promises::{everything_comes_right, nothing_lost_or_mistaken, server_holds};
use crate::support::{Project, Sandbox, Template, numbered};
use crate::{adopting, meanwhile};

const APPLY: &[&str] = &["apply", "--auto-approve"];

/// One kind of run.
struct Scenario {
    name: &'static str,
    /// Lines for the `api` table of certctl.toml.
    api: &'static str,
    /// Whether the server matches natural keys. If not, a second create makes a second template.
    upsert: bool,
    /// Additional faults.
    faults: &'static [&'static str],
    /// The templates that were applied before.
    before: fn() -> Vec<Template>,
    /// The templates that the killed run should apply.
    after: fn() -> Vec<Template>,
    /// Further preparations.
    also: fn(&Project),
    /// How the run is started.
    run: &'static [&'static str],
    /// An earlier run, killed here.
    earlier: Option<(Point, usize)>,
    /// Whether a signal kills it, too, while it stands at a point and its other requests go on. With one request, nothing goes
    /// on: the runs of [`EVERY_POINT`] are enough. `CERTCTL_CRASHES=all` does it in every run.
    by_signal: bool,
}

const PLAIN: Scenario = Scenario {
    name: "",
    api: "",
    upsert: false,
    faults: &[],
    before: Vec::new,
    after: three,
    also: |_| {},
    run: APPLY,
    earlier: None,
    by_signal: false,
};
/// Runs that come to every point together.
const EVERY_POINT: [Scenario; 3] = [CREATES, UPDATES, TORN];
const CREATES: Scenario = Scenario { by_signal: true, ..PLAIN };
const UPDATES: Scenario =
    Scenario { upsert: true, before: three, after: three_retitled, by_signal: true, ..PLAIN };
const TORN: Scenario = Scenario { earlier: Some((Point::RecordTorn, 3)), by_signal: true, ..PLAIN };
/// A run with several requests in flight.
const MANY: Scenario = Scenario { api: "batch_size = 2", by_signal: true, ..PLAIN };

fn three() -> Vec<Template> {
    numbered(1..=3)
}

fn six() -> Vec<Template> {
    numbered(1..=6)
}

fn three_retitled() -> Vec<Template> {
    three().into_iter().map(|template| retitled(&template)).collect()
}

fn six_retitled() -> Vec<Template> {
    six().into_iter().map(|template| retitled(&template)).collect()
}

/// Of six templates, two are new, two change and two stay.
fn mixed() -> Vec<Template> {
    let mut templates = six();
    for template in &mut templates[..2] {
        *template = retitled(template);
    }
    templates
}

/// Of three templates, one has another key, one becomes protected, and one has another title.
fn moved_and_protected() -> Vec<Template> {
    let mut templates = three();
    templates[0] = Template::number(1).keyed("first");
    templates[1] = Template::number(2).with("protect: true");
    templates[2] = retitled(&templates[2]);
    templates
}

fn tell_of_the_move(project: &Project) {
    project.write("templates/moved.yaml", "moved:\n  - { from: t-001, to: first }\n");
}

fn save_a_plan(project: &Project) {
    project.run(&["plan", "--out", "change.plan"]).exits(0);
}

fn four() -> Vec<Template> {
    numbered(1..=4)
}

fn retitled(template: &Template) -> Template {
    template.clone().titled(&format!("New {}", template.title))
}

/// A project and a sandbox before the killed run.
fn set_up(scenario: &Scenario, sandbox: &Sandbox) -> Project {
    sandbox.http("POST", "/_sandbox/reset", "");
    sandbox.faults(&[]);
    let project = Project::on(sandbox, scenario.api);
    let before = (scenario.before)();
    if !before.is_empty() {
        project.templates(&before);
        project.apply().exits(0);
    }
    project.templates(&(scenario.after)());
    (scenario.also)(&project);
    sandbox.faults(scenario.faults);
    if let Some((point, passage)) = scenario.earlier {
        let spot = Occurrence { point: point.name().to_owned(), passage, by: By::Abort };
        assert!(run_until(&project, APPLY, &spot), "the earlier run was not killed at {spot:?}");
    }
    project
}

/// Kills the scenario's run at every point that it reaches; returns the points.
fn kill_everywhere(scenario: &Scenario) -> BTreeSet<String> {
    let sandbox = Sandbox::start(if scenario.upsert { &[] } else { &["--no-upsert"] });
    let passages = passages(&set_up(scenario, &sandbox), scenario.run);
    let titles: Vec<String> = (scenario.after)().into_iter().map(|template| template.title).collect();
    let mut died = 0;
    let spots = spots(&passages, scenario.by_signal);
    for spot in &spots {
        let project = set_up(scenario, &sandbox);
        died += usize::from(run_until(&project, scenario.run, spot));
        // A person looks at the state when the faults are over.
        sandbox.faults(&[]);
        nothing_lost_or_mistaken(&project, &sandbox, spot);
        everything_comes_right(&project, &sandbox, spot);
        server_holds(&project, &sandbox, &titles, spot);
    }
    // Only concurrent requests may reach a point less often the next time.
    assert!(died * 10 >= spots.len() * 9, "{}: only {died} of {} were killed", scenario.name, spots.len());
    println!("{}: killed {died} times at {} points", scenario.name, passages.len());
    passages.into_keys().collect()
}

macro_rules! scenarios {
    ($($name:ident: $scenario:expr;)*) => {
        $(
            #[test]
            fn $name() {
                kill_everywhere(&Scenario { name: stringify!($name), ..$scenario });
            }
        )*
    };
}

scenarios! {
    creates_in_one_request: CREATES;
    creates_in_many_requests: Scenario { api: "batch_size = 1\nconcurrency = 4", after: four, ..MANY };
    creates_by_id: Scenario { api: "addressing = \"id\"", ..PLAIN };
    updates_in_one_request: UPDATES;
    updates_in_many_requests: Scenario {
        api: "batch_size = 2\nconcurrency = 4", upsert: true, before: six, after: six_retitled, ..MANY
    };
    updates_by_id_in_many_requests: Scenario {
        api: "addressing = \"id\"\nbatch_size = 2\nconcurrency = 4", before: six, after: six_retitled, ..MANY
    };
    moves_and_protection: Scenario {
        upsert: true, before: three, after: moved_and_protected, also: tell_of_the_move, ..PLAIN
    };
    a_saved_plan: Scenario { also: save_a_plan, run: &["apply", "change.plan"], ..PLAIN };
    a_job_that_an_earlier_run_left: Scenario {
        faults: &["bulk:*:job=late:1"], earlier: Some((Point::OutcomeReported, 1)), ..PLAIN
    };
    updates_by_id: Scenario { api: "addressing = \"id\"", before: three, after: three_retitled, ..PLAIN };
    creates_and_updates: Scenario { upsert: true, before: four, after: mixed, ..MANY };
    creates_and_updates_by_id: Scenario { api: "addressing = \"id\"", before: four, after: mixed, ..PLAIN };
    creates_by_jobs: Scenario { faults: &["bulk:*:job=late:2"], ..MANY };
    creates_by_jobs_and_id: Scenario { api: "addressing = \"id\"", faults: &["bulk:*:job=late:1"], ..PLAIN };
    updates_by_jobs: Scenario {
        upsert: true, faults: &["bulk:*:job=late:1"], before: three, after: three_retitled, ..PLAIN
    };
    updates_by_jobs_and_id: Scenario {
        api: "addressing = \"id\"", faults: &["update:*:job=late:1"], before: three, after: three_retitled, ..PLAIN
    };
    creates_sent_again: Scenario { faults: &["bulk:1:status=503,retry-after=0"], ..PLAIN };
    updates_sent_again_after_a_lost_answer: Scenario {
        upsert: true, faults: &["bulk:1:reset-after"], before: three, after: three_retitled, ..PLAIN
    };
    creates_that_are_halved: Scenario { api: "", faults: &["bulk:*:max-batch=2"], ..MANY };
    creates_with_a_lost_answer: Scenario { faults: &["bulk:1:reset-after"], ..MANY };
    folding_an_interrupted_run: Scenario { earlier: Some((Point::AnswerComplete, 1)), ..PLAIN };
    folding_a_torn_journal: TORN;
    folding_a_journal_torn_at_its_first_line: Scenario { earlier: Some((Point::RecordTorn, 1)), ..PLAIN };
    finishing_a_fold: Scenario { earlier: Some((Point::StateDurable, 1)), ..PLAIN };
    finishing_a_fold_of_a_second_state: Scenario {
        upsert: true, before: three, after: three_retitled, earlier: Some((Point::BackupDurable, 1)), ..PLAIN
    };
}

#[test]
fn every_crash_point_is_reached() {
    let sandbox = Sandbox::start(&[]);
    let mut passed = BTreeSet::new();
    for scenario in EVERY_POINT {
        passed.extend(passages(&set_up(&scenario, &sandbox), APPLY).into_keys());
    }
    let elsewhere = meanwhile::RESCUE.into_iter().chain(meanwhile::ANEW).chain(adopting::FILES);
    passed.extend(elsewhere.map(|point| point.name().to_owned()));
    let missing: Vec<_> =
        Point::ALL.iter().map(|point| point.name()).filter(|name| !passed.contains(*name)).collect();
    assert!(missing.is_empty(), "no run is killed at {missing:?}");
}

/// Calls that change the disk.
const DURABLE: [&str; 9] = [
    ".sync_all()",
    ".sync_data()",
    ".persist(",
    ".persist_noclobber(",
    "remove_file(",
    ".set_len(",
    ".write_all(",
    "write_file(",
    "create_dir_all(",
];

/// The note in the place of a state that was moved is removed when the state comes back. No command uses a note, so a run may
/// be killed before or after it; what is put in place then has the points of a state.
const NOTES: [&str; 1] = ["src/state/file_store/moved.rs"];

/// Files whose code writes outputs that no promise depends on, or that are killed in another way: `adopting`.
const OF_THE_PERSON: [&str; 8] = [
    "src/cli/import/files.rs",
    "src/cli/init/new_file.rs",
    "src/cli/manpages.rs",
    "src/cli/outfile.rs",
    "src/cli/output.rs",
    "src/cli/preview/folder.rs",
    "src/cli/sandbox.rs",
    "src/cli/status_line.rs",
];

/// Files that hold no state: what is asked of git, and what is remembered of its answers.
const ABOUT_GIT: [&str; 2] = ["src/state/history/git.rs", "src/state/history/memory.rs"];

/// The program's source without tests, file by file.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let name = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
        if name.ends_with("/tests") {
            continue;
        }
        if root.join(&name).is_dir() {
            files.extend(sources(&name));
        } else if Path::new(&name).extension().is_some_and(|kind| kind == "rs") && !name.ends_with("tests.rs")
        {
            let text = std::fs::read_to_string(root.join(&name)).unwrap();
            files.push((name, text.split("#[cfg(test)]\nmod").next().unwrap().to_owned()));
        }
    }
    files
}

#[test]
fn every_durable_step_has_a_point() {
    let (mut steps, mut bare) = (0, Vec::new());
    let files = ["src/state", "src/apply", "src/cli"].into_iter().flat_map(sources);
    for (name, code) in
        files.filter(|(name, _)| ![&OF_THE_PERSON[..], &ABOUT_GIT, &NOTES].concat().contains(&name.as_str()))
    {
        let lines: Vec<_> = code.lines().collect();
        for (position, line) in lines.iter().enumerate() {
            // A separate function syncs directories, and `write_file` hands out a sink; the points are at their callers.
            let is_of_callers = line.contains("File::open(folder)") || line.contains("sink.write_all(");
            if DURABLE.iter().any(|call| line.contains(call)) && !is_of_callers {
                steps += 1;
                let is_point = |line: &&str| line.contains("reach(") || line.contains("put_in_place(");
                let follows = lines[position..].iter().take(6).any(is_point);
                if !follows {
                    bare.push(format!("{name}:{}: {}", position + 1, line.trim()));
                }
            }
        }
    }
    assert!(steps >= 12, "the steps of the state are somewhere else now: only {steps} found");
    assert!(bare.is_empty(), "durable steps without a crash point:\n{}", bare.join("\n"));
}
