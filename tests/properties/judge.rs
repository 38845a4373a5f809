//! The judge, which watches the simulated instance and knows what certctl cannot know.

use std::cell::RefCell;
use std::collections::BTreeSet;

use certctl::model::NaturalKey;

/// What it remembers of the runs so far.
#[derive(Default)]
pub(crate) struct Judge {
    /// What the state knew when the run began: a create of one of these is a double create if the server has it.
    remembered: RefCell<BTreeSet<NaturalKey>>,
    /// What the user asked to be sent again.
    ordered: RefCell<BTreeSet<NaturalKey>>,
    /// What this run asked the server to create.
    arrived: RefCell<BTreeSet<NaturalKey>>,
    /// The ids that were executed since the run began.
    processed: RefCell<BTreeSet<String>>,
    /// Creates that arrived, in any run, and whose outcome no state knows; `None` if nobody asks.
    unanswered: RefCell<Option<BTreeSet<NaturalKey>>>,
}

impl Judge {
    /// A run begins with a state that knows these.
    pub(crate) fn run_begins(&self, remembered: BTreeSet<NaturalKey>) {
        *self.remembered.borrow_mut() = remembered;
        self.arrived.borrow_mut().clear();
        self.processed.borrow_mut().clear();
    }

    /// From now on, a create whose outcome no state knows must never arrive again.
    pub(crate) fn watch_doubts(&self) {
        *self.unanswered.borrow_mut() = Some(BTreeSet::new());
    }

    /// The state knows the outcome of some creates.
    pub(crate) fn hear(&self, is_known: impl Fn(&NaturalKey) -> bool) {
        if let Some(unanswered) = &mut *self.unanswered.borrow_mut() {
            unanswered.retain(|natural_key| !is_known(natural_key));
        }
    }

    /// A person requested another create.
    pub(crate) fn order(&self, natural_key: NaturalKey) {
        self.ordered.borrow_mut().insert(natural_key);
    }

    /// A request was carried out or abandoned, and is no longer valid.
    pub(crate) fn withdraw(&self, natural_key: &NaturalKey) {
        self.ordered.borrow_mut().remove(natural_key);
    }

    /// A create arrives that the server may execute.
    pub(crate) fn create_arrives(&self, natural_key: &NaturalKey, exists: bool) {
        let known = self.remembered.borrow().contains(natural_key);
        let again = !self.arrived.borrow_mut().insert(natural_key.clone());
        let ordered = self.ordered.borrow().contains(natural_key);
        if let Some(unanswered) = &mut *self.unanswered.borrow_mut() {
            let is_new = unanswered.insert(natural_key.clone());
            assert!(is_new, "{natural_key} is sent to be created again, and is in doubt");
        }
        assert!(ordered || !again, "{natural_key} is sent to be created twice in one run");
        assert!(ordered || !(known && exists), "{natural_key} is created although the state knows it");
    }

    /// A row was executed.
    pub(crate) fn processed(&self, id: &str) {
        self.processed.borrow_mut().insert(id.to_owned());
    }

    /// The ids of the rows that the server executed since the run began.
    pub(crate) fn carried_out(&self) -> BTreeSet<String> {
        self.processed.borrow().clone()
    }
}
