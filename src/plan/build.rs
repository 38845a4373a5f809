//! Compares the configuration with the state and decides what apply does. Pure: it reads no file and no clock, and
//! opens no connection.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::forgotten::{Forgotten, operation};
use super::holders::Holders;
use super::pairs::Pairs;
use super::{
    Action, Base, Entry, Held, KnownKeys, Plan, RenamedTo, Scope, ScopeError, SourceLine, Submission, Warned,
    diff, lint,
};
use crate::desired::{Desired, Template};
use crate::model::{Addressing, Attributes, Key, NaturalKey};
use crate::state::{Document, Operation, Row, RowState, StateIdentity};

/// The inputs of a plan.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The configured templates.
    pub desired: &'a Desired,
    /// The state with an unfinished journal included; `None` before the first apply.
    pub state: Option<&'a Document>,
    /// The environment and instance that the plan is for.
    pub identity: &'a StateIdentity,
    /// How rows are addressed.
    pub addressing: Addressing,
    /// Whether creates in doubt may be resent, because the server is trusted to match them (contract section 7).
    pub trust_upsert: bool,
    /// The templates that the plan is limited to.
    pub scope: &'a Scope,
}

/// Compares the configuration with the state. Fails if the scope names an unknown template.
pub fn build(inputs: &Inputs<'_>) -> Result<Plan, ScopeError> {
    Ok(Plan { base: Base::of(inputs.state), ..build_to_show(inputs)? })
}

/// Like [`build`], for a plan that is neither applied nor written as a document. It omits the digest of the state,
/// which takes as long as everything else together.
pub fn build_to_show(inputs: &Inputs<'_>) -> Result<Plan, ScopeError> {
    if inputs.scope.selection().is_some() {
        let in_state = inputs.state.iter().flat_map(|state| state.templates.keys());
        let here = inputs.desired.templates.keys().chain(in_state).collect();
        inputs.scope.check(KnownKeys { here: &here, elsewhere: &inputs.desired.elsewhere })?;
    }
    Ok(Plan { base: Base::undigested(inputs.state), ..decide(inputs) })
}

/// Decides on each template, without recording which state the plan is based on.
pub(super) fn decide(inputs: &Inputs<'_>) -> Plan {
    let mut draft = Draft::new(inputs);
    let Pairs { rows, left } = Pairs::of(&inputs.desired.templates, &draft.rows);
    for ((key, template), row) in inputs.desired.templates.iter().zip(rows) {
        if inputs.scope.contains(key) {
            draft.desired(key, template, row);
        } else {
            draft.left_out += 1;
        }
    }
    draft.leftovers(&left);
    draft.finish()
}

struct Draft<'a> {
    inputs: &'a Inputs<'a>,
    /// The rows of the state, under the keys they have after the moves.
    rows: BTreeMap<&'a Key, &'a Row>,
    /// From new key to old key.
    moves: BTreeMap<&'a Key, &'a Key>,
    holders: Holders<'a>,
    entries: Vec<Entry>,
    protect: BTreeMap<Key, bool>,
    warnings: Vec<Warned>,
    unchanged: usize,
    /// The number of templates outside of the scope.
    left_out: usize,
    /// Old keys of templates whose new keys are outside of the scope.
    not_moved: BTreeSet<&'a Key>,
    /// The rows that `removed` names. None that is forgotten has the place of a template that is to be created.
    forgotten: Forgotten<'a>,
}

impl<'a> Draft<'a> {
    fn new(inputs: &'a Inputs<'a>) -> Self {
        let mut rows: BTreeMap<&Key, &Row> =
            inputs.state.iter().flat_map(|state| state.templates.iter()).collect();
        let mut moves = BTreeMap::new();
        let mut not_moved = BTreeSet::new();
        let mut warnings = lint::warnings(inputs.desired, inputs.scope);
        for moved in &inputs.desired.moved {
            if !inputs.scope.contains(&moved.to) {
                not_moved.insert(&moved.from);
                continue;
            }
            match (rows.get(&moved.from).copied(), rows.contains_key(&moved.to)) {
                (Some(row), false) => {
                    rows.remove(&moved.from);
                    rows.insert(&moved.to, row);
                    // A chain of renames becomes one move from its beginning to its end.
                    let origin = moves.remove(&moved.from).unwrap_or(&moved.from);
                    moves.insert(&moved.to, origin);
                }
                (Some(_), true) => warnings.push(Warned::not_moved(&moved.from, &moved.to)),
                (None, _) => {}
            }
        }
        let forgotten = Forgotten::of(inputs, &rows);
        warnings.extend(forgotten.kept_for.iter().map(|(key, successor)| Warned::kept_for(key, successor)));
        Self {
            inputs,
            rows,
            moves,
            forgotten,
            holders: Holders::default(),
            entries: Vec::new(),
            protect: BTreeMap::new(),
            warnings,
            unchanged: 0,
            left_out: 0,
            not_moved,
        }
    }

    fn desired(&mut self, key: &'a Key, template: &'a Template, row: Option<&Row>) {
        if row.map_or(template.protect, |row| row.protect != template.protect) {
            self.protect.insert(key.clone(), template.protect);
        }
        let action = match row {
            None => self.submit(key, None, template),
            Some(row) if row.attempts.allow_another(self.inputs.trust_upsert) => {
                self.submit(key, Some(row), template)
            }
            Some(row) => frozen(row),
        };
        self.push_move(key);
        match action {
            Some(action) => self.push(key, row, Some(template), action),
            None => self.unchanged += 1,
        }
    }

    /// Returns a create, an update, or `None` if nothing differs.
    fn submit(&mut self, key: &'a Key, row: Option<&Row>, template: &Template) -> Option<Action> {
        let after = &template.attributes;
        let before = row.and_then(|row| row.confirmed.as_ref()).map(|known| &known.attributes);
        let resend = row.is_some_and(|row| !row.attempts.is_empty());
        let is_unknown = |name: &&String| after.has(name);
        let unknown: BTreeSet<String> =
            row.iter().flat_map(|row| &row.unknown).filter(is_unknown).cloned().collect();
        if before.is_some_and(|before| before.is_same_as(after)) && unknown.is_empty() && !resend {
            return None;
        }
        let exists = row.is_some_and(Row::exists);
        let operation = operation(self.inputs.addressing, row, after);
        let held = match operation {
            _ if row.is_some_and(|row| self.leaves_template_unclear(row, operation, after)) => {
                Some(Held::Unsettled)
            }
            Operation::Create => self.holders.hold_back(self.inputs, &self.rows, key, after),
            Operation::Update => self.lacks_address(row),
        };
        let set = row.map(|row| row.possibly_set_fields(operation)).unwrap_or_default();
        let clear = set.into_iter().filter(|name| after.get(name).is_none()).map(str::to_owned).collect();
        if exists && operation == Operation::Create && held.is_none() {
            self.warnings.push(Warned::replaced(key));
        }
        // A create has nothing to compare with; `after` is complete.
        let changes = if exists { diff(before.unwrap_or(&Attributes::default()), after) } else { Vec::new() };
        let submission = Submission {
            before: before.cloned(),
            after: after.clone(),
            changes,
            clear,
            // Where nothing is known, no attribute is singled out; and nothing of a new template is on the server.
            unknown: if before.is_some() && operation == Operation::Update {
                unknown
            } else {
                BTreeSet::new()
            },
            operation,
            resend,
            held,
        };
        Some(if exists { Action::Update(submission) } else { Action::Create(submission) })
    }

    /// Returns whether an attempt without an outcome makes it unclear which template this request would affect.
    fn leaves_template_unclear(&self, row: &Row, operation: Operation, after: &Attributes) -> bool {
        let wanted = NaturalKey::of(after);
        let home = row.confirmed.as_ref().map(|known| NaturalKey::of(&known.attributes));
        row.attempts.iter().any(|attempt| match (operation, attempt.operation) {
            // The server may have a template for that course, and nothing would show it once another exists.
            (_, Operation::Create) => attempt.natural_key() != wanted,
            // A template that was moved is not found by its natural key.
            (Operation::Update, Operation::Update) => {
                self.inputs.addressing == Addressing::Resource && attempt.natural_key() != wanted
            }
            // The template may already have been moved here, and a create would pass its id to an orphan. A template
            // that was not moved is left behind, with its attempts.
            (Operation::Create, Operation::Update) => Some(attempt.natural_key()) != home,
        })
    }

    fn lacks_address(&self, row: Option<&Row>) -> Option<Held> {
        let identity = row.and_then(|row| row.identity.as_ref());
        let addressable = identity.is_some_and(|identity| identity.source.may_address());
        (self.inputs.addressing == Addressing::Id && !addressable).then_some(Held::NoExactId)
    }

    /// Adds the templates that the state has and the configuration does not.
    fn leftovers(&mut self, rows: &[(&'a Key, &'a Row)]) {
        if rows.is_empty() {
            return;
        }
        let renamed = self.renamed();
        for (key, row) in rows.iter().copied() {
            // A create that the server rejected left nothing to delete by hand.
            let is_forgotten = self.forgotten.now.contains(key);
            if matches!(row.state, RowState::Failed { .. }) && !row.exists() && !is_forgotten {
                continue;
            }
            if !self.inputs.scope.contains(key) {
                // It was counted under its new key.
                self.left_out += usize::from(!self.not_moved.contains(key));
                continue;
            }
            self.push_move(key);
            let before = row.confirmed.as_ref().map(|known| known.attributes.clone());
            let action = match &row.state {
                RowState::Pending | RowState::InDoubt { .. } => match frozen(row) {
                    Some(action) => {
                        if self.inputs.desired.removes(key) {
                            self.warnings.push(Warned::not_forgotten(key));
                        }
                        action
                    }
                    None => continue,
                },
                RowState::Applied | RowState::Failed { .. } if is_forgotten => Action::Forget {
                    before,
                    known_at: row.confirmed.as_ref().and_then(|known| known.applied_at),
                    seen_in: row.confirmed.as_ref().and_then(|known| known.seen_in.clone()),
                },
                RowState::Applied | RowState::Failed { .. } => {
                    let renamed_to = row.natural_keys().find_map(|natural_key| renamed.get(&natural_key));
                    let renamed_to = renamed_to
                        .filter(|to| **to != key)
                        .map(|to| RenamedTo { key: (*to).clone(), has_row: self.rows.contains_key(*to) });
                    Action::Orphan { before, protect: row.protect, renamed_to }
                }
            };
            self.push(key, Some(row), None, action);
        }
    }

    /// Returns the natural keys of all templates that would be created, even outside of the scope: an orphan with the
    /// same natural key may be the same template under its old key.
    fn renamed(&self) -> HashMap<NaturalKey, &'a Key> {
        let templates = &self.inputs.desired.templates;
        let home = |key: &Key| Some(NaturalKey::of(&self.rows.get(key)?.confirmed.as_ref()?.attributes));
        let wanted = templates.iter().map(|(key, template)| (NaturalKey::of(&template.attributes), key));
        wanted.filter(|(wanted, key)| home(key).as_ref() != Some(wanted)).collect()
    }

    fn push_move(&mut self, key: &Key) {
        if let Some(from) = self.moves.get(key).copied() {
            let row = self.rows.get(key).copied();
            let template = self.inputs.desired.templates.get(key);
            self.push(key, row, template, Action::Move { from: from.clone() });
        }
    }

    fn push(&mut self, key: &Key, row: Option<&Row>, template: Option<&Template>, action: Action) {
        let id = row.and_then(|row| row.identity.as_ref()).map(|identity| identity.id.clone());
        let source = template
            .map(|template| SourceLine { file: template.file.to_string_lossy().into_owned(), line: 0 });
        let canvas = template.and_then(|template| template.canvas.clone());
        let sent_again = row.filter(|_| action.submission().is_some());
        let last_error = sent_again.and_then(Row::refusal).map(|failure| failure.message.clone());
        let deleted_at = sent_again.and_then(Row::deleted_at);
        self.entries.push(Entry { key: key.clone(), id, source, canvas, last_error, deleted_at, action });
    }

    fn finish(mut self) -> Plan {
        // The sort is stable, so that a move comes before other actions on the same template.
        self.entries.sort_by(|a, b| a.key.cmp(&b.key));
        self.locate();
        let held = self.entries.iter().filter_map(|entry| {
            let held = entry.action.held()?;
            // A warning about several templates is listed with the first of them.
            let is_listed_elsewhere =
                matches!(held, Held::Exchanged { ring } if ring.first() != Some(&entry.key));
            (!is_listed_elsewhere).then(|| Warned::held(entry, held))
        });
        // Few people read all warnings, and this one concerns many templates.
        self.warnings.splice(..0, Warned::renamed(&self.entries));
        self.warnings.extend(held);
        Plan {
            environment: self.inputs.identity.environment.clone(),
            url: self.inputs.identity.url.clone(),
            addressing: self.inputs.addressing,
            base: Base::default(),
            summary: Plan::count(&self.entries, self.unchanged),
            entries: self.entries,
            protect: self.protect,
            fields: BTreeMap::new(),
            warnings: self.warnings,
            selection: self.inputs.scope.selection(),
            left_out: self.left_out,
            max_changes: None,
            reverts_to: None,
        }
    }

    fn locate(&mut self) {
        let listed: BTreeSet<Key> = self
            .entries
            .iter()
            .filter(|entry| entry.source.is_some() || matches!(entry.action, Action::Forget { .. }))
            .map(|entry| entry.key.clone())
            .collect();
        let lines = self.inputs.desired.locate(&listed);
        let removed = self.inputs.desired.locate_removed(&listed);
        for entry in &mut self.entries {
            let at = removed.get(&entry.key).filter(|_| matches!(entry.action, Action::Forget { .. }));
            if let Some((file, line)) = at {
                entry.source = Some(SourceLine { file: file.to_string_lossy().into_owned(), line: *line });
                continue;
            }
            if let Some(source) = &mut entry.source {
                source.line = lines.get(&entry.key).copied().unwrap_or(0);
            }
        }
    }
}

/// Returns the action for a row that is in doubt or pending; `None` for other rows.
fn frozen(row: &Row) -> Option<Action> {
    let after = row.attempt()?.attributes.clone();
    let job = row.job().map(str::to_owned);
    Some(match (row.failure(), job) {
        (Some(error), job) => Action::InDoubt {
            reason: error.message.clone(),
            being_sent: row.is_being_sent(),
            before: row.confirmed.as_ref().map(|known| known.attributes.clone()),
            after,
            job,
        },
        (None, Some(job)) => Action::Pending { job, after },
        (None, None) => return None,
    })
}
