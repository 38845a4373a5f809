//! The small worlds: their contents, their events, and the depth of each.

use std::collections::HashSet;
use std::sync::Arc;

use certctl::state::{Row, RowStatus};

use crate::academy::Server;
use crate::estate::{Content, Yaml, key};
use crate::events::Event;
use crate::normal::hash_of;
use crate::promises::effective;
use crate::search::{Bounds, compare_worlds_that_count_as_one, explore};
use crate::stage::Note;
use crate::world::{Base, Kind, Machine, May, Rules, Tags, Tree, World};

/// What both machines start with.
pub(crate) enum Root {
    /// The YAML, nothing applied.
    Yaml(Yaml),
    /// The state after the first apply, with rows in these states.
    Applied(&'static [RowStatus]),
}

/// One small world.
pub(crate) struct Setting {
    pub(crate) rules: Rules,
    pub(crate) root: Root,
    /// The number of events in every test run, and in the long one.
    pub(crate) depth: [usize; 2],
}

/// One machine, one template, every event.
pub(crate) const ALONE: Rules = Rules {
    kind: Kind::Matches,
    machines: 1,
    courses: 1,
    contents: &Content::ALL,
    faults: 3,
    may: &[May::SavePlans, May::Import, May::DieAnywhere],
};

/// Two machines with a clone each.
pub(crate) const TOGETHER: Rules =
    Rules { machines: 2, contents: &CHANGED, faults: 2, may: &[May::SavePlans, May::Merge], ..ALONE };

/// One machine, and a server that people edit and look at.
pub(crate) const SEEN: Rules = Rules { contents: &FORGOTTEN, faults: 2, may: &[May::Observe], ..ALONE };

/// Possible contents of a template that is never removed, and of one that never changes.
const CHANGED: [Content; 2] = [Content::A, Content::B];
const REMOVED: [Content; 2] = [Content::Absent, Content::A];
/// Of one that the state is made to forget.
const FORGOTTEN: [Content; 3] = [Content::A, Content::B, Content::Removed];

pub(crate) const ONE: Yaml = [Content::A, Content::Absent];
const TWO: Yaml = [Content::A, Content::A];

pub(crate) fn begin(setting: &'static Setting) -> Vec<World> {
    let rules = &setting.rules;
    let yaml = match setting.root {
        Root::Yaml(yaml) => yaml,
        Root::Applied(rows) if rows.len() > 1 => TWO,
        Root::Applied(_) => ONE,
    };
    let tree = Tree { yaml, ..Tree::default() };
    let machine = || Machine::new(tree.clone());
    let world = World {
        rules,
        server: Arc::new(Server { upsert: rules.kind != Kind::MakesAnother, ..Server::default() }),
        machines: [machine(), machine()],
        base: Base { tree: tree.clone(), of: None },
        clock: 0,
        writes: 0,
        faults_left: 2,
        past: Tags::default(),
    };
    let roots = match setting.root {
        Root::Yaml(_) => vec![world],
        Root::Applied(rows) => shared_after_apply(&world, rows),
    };
    roots.into_iter().map(|world| World { faults_left: rules.faults, ..world }).collect()
}

/// One machine applied without a crash, the rows ended like this, and the other machine has the state too.
fn shared_after_apply(world: &World, rows: &[RowStatus]) -> Vec<World> {
    let ended_so = |world: &World| {
        let state = effective(&world.machines[0]);
        let status = |course| state.as_ref()?.templates.get(&key(course)).map(Row::status);
        rows.iter().enumerate().all(|(course, expected)| status(course) == Some(*expected))
    };
    let died = |notes: &[Note]| notes.iter().any(|note| matches!(note, Note::Died(_)));
    let endings = world.happens(0, &Event::Apply).into_iter();
    let applied = endings.filter(|ending| !died(&ending.notes) && ended_so(&ending.world));
    let mut roots: Vec<World> =
        applied.map(|ending| ending.world.happens(1, &Event::Merge).pop().unwrap().world).collect();
    let mut seen = HashSet::new();
    roots.retain(|root| seen.insert(hash_of(root)));
    roots
}

/// How much further than in every test run.
fn deeper() -> usize {
    std::env::var("CERTCTL_DEEPER").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

#[expect(clippy::print_stdout, reason = "docs/measure counts what is printed")]
fn explored(name: &str, setting: &'static Setting) {
    let [short, long] = setting.depth;
    let depth = match deeper() {
        0 => short,
        deeper => long + deeper - 1,
    };
    let found = explore(&begin(setting), Bounds { depth, worlds: 40_000_000 });
    println!("{name}: {depth} events, {} worlds, {} steps {:?}", found.worlds(), found.steps, found.levels);
    let traces: Vec<String> = found.violations.into_values().collect();
    assert!(traces.is_empty(), "{name}\n{}", traces.join("\n"));
}

macro_rules! explored {
    ($($(#[$doc:meta])* $name:ident: $setting:expr;)*) => {
        $(
            $(#[$doc])*
            #[test]
            fn $name() {
                static SETTING: Setting = $setting;
                explored(stringify!($name), &SETTING);
            }
        )*
    };
}

explored! {
    one_template: Setting { rules: ALONE, root: Root::Yaml(ONE), depth: [3, 5] };
    one_template_addressed_by_id: Setting {
        rules: Rules { kind: Kind::MatchesById, ..ALONE },
        root: Root::Yaml(ONE),
        depth: [2, 4] };
    one_template_on_a_server_that_matches_nothing: Setting {
        rules: Rules { kind: Kind::MakesAnother, ..ALONE },
        root: Root::Yaml(ONE),
        depth: [2, 4] };
    two_templates: Setting {
        rules: Rules { courses: 2, contents: &CHANGED, faults: 2, ..ALONE },
        root: Root::Yaml(TWO),
        depth: [2, 4] };
    two_runs_at_once: Setting {
        rules: Rules {
            courses: 2,
            contents: &CHANGED,
            faults: 2,
            may: &[May::RemoveLocks, May::DieAnywhere],
            ..ALONE
        },
        root: Root::Yaml(TWO),
        depth: [2, 4] };
    two_machines: Setting {
        rules: Rules { faults: 1, ..TOGETHER },
        root: Root::Yaml(ONE),
        depth: [4, 6] };
    two_machines_that_share_a_template: Setting {
        rules: Rules { faults: 1, ..TOGETHER },
        root: Root::Applied(&[RowStatus::Applied]),
        depth: [4, 6] };
    two_machines_of_which_one_dies: Setting {
        rules: Rules { faults: 1, may: &[May::SavePlans, May::Merge, May::GoBack, May::DieAnywhere], ..TOGETHER },
        root: Root::Applied(&[RowStatus::Failed]),
        depth: [3, 5] };
    two_machines_that_share_a_refused_template: Setting {
        rules: TOGETHER,
        root: Root::Applied(&[RowStatus::Failed]),
        depth: [3, 4] };
    two_machines_that_share_a_doubt: Setting {
        rules: Rules { faults: 1, ..TOGETHER },
        root: Root::Applied(&[RowStatus::InDoubt]),
        depth: [2, 4] };
    two_machines_and_an_export: Setting {
        rules: Rules { faults: 1, may: &[May::Import, May::Merge], ..TOGETHER },
        root: Root::Applied(&[RowStatus::InDoubt]),
        depth: [2, 4],
    };
    two_machines_that_share_a_wait: Setting {
        rules: TOGETHER,
        root: Root::Applied(&[RowStatus::Pending]),
        depth: [2, 4] };
    two_machines_and_two_templates: Setting {
        rules: Rules { courses: 2, contents: &REMOVED, faults: 1, may: &[May::Merge], ..TOGETHER },
        root: Root::Yaml(TWO),
        depth: [3, 6] };
    two_machines_on_a_server_that_matches_nothing: Setting {
        rules: Rules { kind: Kind::MakesAnother, ..TOGETHER },
        root: Root::Yaml(ONE),
        depth: [3, 5] };
    a_state_that_goes_back: Setting {
        rules: Rules { faults: 2, may: &[May::GoBack, May::DieAnywhere], ..ALONE },
        root: Root::Yaml(ONE),
        depth: [3, 5] };
    branches_that_go_back: Setting {
        rules: Rules { faults: 1, may: &[May::Merge, May::GoBack], ..TOGETHER },
        root: Root::Applied(&[RowStatus::Applied]),
        depth: [3, 6] };
    branches_of_two_templates_that_go_back: Setting {
        rules: Rules { courses: 2, contents: &REMOVED, faults: 1, may: &[May::Merge, May::GoBack], ..TOGETHER },
        root: Root::Applied(&[RowStatus::Applied, RowStatus::Failed]),
        depth: [3, 5] };
    a_server_that_people_edit: Setting {
        rules: SEEN,
        root: Root::Applied(&[RowStatus::Applied]),
        depth: [4, 5] };
    a_server_that_people_edit_addressed_by_id: Setting {
        rules: Rules { kind: Kind::MatchesById, ..SEEN },
        root: Root::Applied(&[RowStatus::Applied]),
        depth: [3, 5] };
    a_server_that_people_edit_and_that_matches_nothing: Setting {
        rules: Rules { kind: Kind::MakesAnother, ..SEEN },
        root: Root::Applied(&[RowStatus::Applied]),
        depth: [3, 5] };
    observations_of_a_doubt: Setting {
        rules: Rules { faults: 1, ..SEEN },
        root: Root::Applied(&[RowStatus::InDoubt]),
        depth: [3, 5] };
    observations_before_the_first_apply: Setting {
        rules: Rules { may: &[May::Observe, May::DieAnywhere], ..SEEN },
        root: Root::Yaml(ONE),
        depth: [3, 4] };
    observations_of_two_templates: Setting {
        rules: Rules { courses: 2, contents: &CHANGED, ..SEEN },
        root: Root::Applied(&[RowStatus::Applied, RowStatus::Applied]),
        depth: [2, 3] };
    two_machines_and_observations: Setting {
        rules: Rules { machines: 2, may: &[May::Observe, May::Merge], ..SEEN },
        root: Root::Applied(&[RowStatus::Applied]),
        depth: [3, 4] };
}

/// Equal worlds must have the same future: the same events are possible and lead to equal worlds.
#[test]
fn equal_worlds_have_the_same_future() {
    static ALONE_ONCE: Setting =
        Setting { rules: Rules { faults: 1, ..ALONE }, root: Root::Yaml(ONE), depth: [2, 3] };
    static TOGETHER_ONCE: Setting = Setting {
        rules: Rules { faults: 1, may: &[May::SavePlans, May::Merge, May::GoBack], ..TOGETHER },
        root: Root::Yaml(ONE),
        depth: [2, 3],
    };
    static SEEN_ONCE: Setting = Setting {
        rules: Rules { faults: 1, ..SEEN },
        root: Root::Applied(&[RowStatus::Applied]),
        depth: [2, 3],
    };
    for setting in [&ALONE_ONCE, &TOGETHER_ONCE, &SEEN_ONCE] {
        let depth = setting.depth[deeper().min(1)];
        let compared = compare_worlds_that_count_as_one(&begin(setting)[0], depth);
        assert!(compared > 20, "{compared}");
    }
}
