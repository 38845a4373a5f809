//! Each stage of a plan by itself, and beside load and state the floor: `cargo bench --bench stages`.
//!
//! Times on a shared machine lie, ratios of what is measured in turns do so less: they are printed at the end.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run says why and stops"
)]
#![allow(missing_docs, reason = "criterion makes public items without any")]
#![allow(dead_code, unreachable_pub, reason = "the modules are shared with the other benchmarks")]

mod support;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use certctl::config::{self, Config};
use certctl::desired::{self, Desired};
use certctl::model::{Addressing, Advice, GivenKeys, Timestamp};
use certctl::plan::{Inputs, Plan, Scope, build, build_to_show};
use certctl::report::{Style, terminal};
use certctl::state::{Document, FileStore, StateIdentity, Store as _};
use certctl::view::PlanView;
use criterion::{Criterion, criterion_group};
use support::floor;
use support::project::Project;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TEMPLATES: u32 = 10_000;
/// How often each stage is measured for the ratios.
const ROUNDS: usize = 9;

/// A project of which everything is applied.
struct Applied {
    folder: tempfile::TempDir,
    config: Config,
    identity: StateIdentity,
}

impl Applied {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        Project::of(TEMPLATES).write(folder.path(), 0);
        let status = Command::new(env!("CARGO_BIN_EXE_certctl"))
            .args(["apply", "--auto-approve"])
            .current_dir(folder.path())
            .env("HOME", folder.path().join("home"))
            .env("XDG_STATE_HOME", folder.path().join("home/state"))
            .env("XDG_CACHE_HOME", folder.path().join("home/cache"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.expect("the program starts").success());
        let config = config::load(folder.path(), &GivenKeys::default()).expect("a project");
        let identity = StateIdentity { environment: "sandbox".to_owned(), url: "sandbox".to_owned() };
        Self { folder, config, identity }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn load(&self) -> Desired {
        let request = desired::LoadRequest {
            root: self.path(),
            globs: &self.config.templates,
            environment: "sandbox",
            known_environments: &["sandbox".to_owned()],
            variables: &BTreeMap::new(),
            allow_empty: false,
            keys: &GivenKeys::default(),
            now: Timestamp::from_unix_seconds(1_800_000_000),
        };
        desired::load(&request).expect("sound templates")
    }

    fn state(&self) -> Document {
        let store = FileStore::new(&self.path().join("state/sandbox.json"), self.identity.clone());
        store.read().expect("a state").document.expect("a state")
    }

    fn plan(&self, desired: &Desired, state: &Document, is_kept: bool) -> Plan {
        let inputs = Inputs {
            desired,
            state: Some(state),
            identity: &self.identity,
            addressing: Addressing::default(),
            trust_upsert: false,
            scope: &Scope::default(),
        };
        if is_kept { build(&inputs) } else { build_to_show(&inputs) }.expect("a plan of everything")
    }
}

fn text(plan: &Plan) -> String {
    terminal::plan(&PlanView::new(plan, Vec::new()), Style::default(), &|advice: &Advice| {
        format!("{advice:?}")
    })
}

fn stages(criterion: &mut Criterion) {
    let applied = Applied::new();
    let (desired, state) = (applied.load(), applied.state());
    let plan = applied.plan(&desired, &state, false);
    let mut group = criterion.benchmark_group("stages");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    group.bench_function("load", |bencher| bencher.iter(|| applied.load()));
    group.bench_function("load, floor", |bencher| bencher.iter(|| floor::yaml(applied.path())));
    group.bench_function("state", |bencher| bencher.iter(|| applied.state()));
    group.bench_function("state, floor", |bencher| bencher.iter(|| floor::state(applied.path())));
    group.bench_function("state, its digests checked", |bencher| bencher.iter(|| state.inconsistencies()));
    group.bench_function("plan to be shown", |bencher| {
        bencher.iter(|| applied.plan(&desired, &state, false));
    });
    group.bench_function("plan to be kept", |bencher| bencher.iter(|| applied.plan(&desired, &state, true)));
    group.bench_function("report", |bencher| bencher.iter(|| text(&plan)));
    group.finish();
    ratios(&applied);
}

/// What a run takes, beside its floor.
fn ratios(applied: &Applied) {
    let (mut load, mut state, mut both) = (Vec::new(), Vec::new(), Vec::new());
    let (mut yaml_floor, mut state_floor) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        yaml_floor.push(time(|| floor::yaml(applied.path())));
        load.push(time(|| applied.load()));
        state_floor.push(time(|| floor::state(applied.path())));
        state.push(time(|| applied.state()));
        both.push(time(|| {
            let (desired, state) = rayon::join(|| applied.load(), || applied.state());
            let found = state.inconsistencies();
            let plan = applied.plan(&desired, &state, false);
            (text(&plan), found, desired, state)
        }));
    }
    let [load, state, both, yaml_floor, state_floor] =
        [load, state, both, yaml_floor, state_floor].map(median);
    println!("{TEMPLATES} templates, medians of {ROUNDS} rounds in turns:");
    for (stage, taken, floor) in [
        ("load", load, yaml_floor),
        ("state", state, state_floor),
        ("all stages, templates beside state", both, yaml_floor + state_floor),
    ] {
        let ratio = taken.as_secs_f64() / floor.as_secs_f64();
        println!("{stage}: {taken:.1?}, floor {floor:.1?}, ratio {ratio:.2}");
    }
}

/// How long it takes to make something; giving it back is not counted.
fn time<T>(make: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    let made = black_box(make());
    let taken = began.elapsed();
    drop(made);
    taken
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

criterion_group!(benches, stages);
criterion::criterion_main!(benches);
