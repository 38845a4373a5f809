//! Who watches the simulated instance and knows what certctl cannot know.

use std::cell::RefCell;
use std::collections::BTreeSet;

use certctl::model::NaturalKey;

/// What is remembered of the runs so far.
#[derive(Default)]
pub(crate) struct Judge {
    /// What the state knew when the run began: a create of one of these is a double create if the server has it.
    remembered: RefCell<BTreeSet<NaturalKey>>,
    /// What the user ordered to be sent again.
    ordered: RefCell<BTreeSet<NaturalKey>>,
    /// What this run asked the server to create.
    arrived: RefCell<BTreeSet<NaturalKey>>,
    /// The ids of what was carried out since the run began.
    processed: RefCell<BTreeSet<String>>,
}

impl Judge {
    /// A run begins whose state knows these.
    pub(crate) fn run_begins(&self, remembered: BTreeSet<NaturalKey>) {
        *self.remembered.borrow_mut() = remembered;
        self.arrived.borrow_mut().clear();
        self.processed.borrow_mut().clear();
    }

    /// A person ordered another create.
    pub(crate) fn order(&self, natural_key: NaturalKey) {
        self.ordered.borrow_mut().insert(natural_key);
    }

    /// An order was carried out, or came to nothing: it holds no longer.
    pub(crate) fn withdraw(&self, natural_key: &NaturalKey) {
        self.ordered.borrow_mut().remove(natural_key);
    }

    /// A create arrives that the server may carry out.
    pub(crate) fn create_arrives(&self, natural_key: &NaturalKey, exists: bool) {
        let known = self.remembered.borrow().contains(natural_key);
        let again = !self.arrived.borrow_mut().insert(natural_key.clone());
        let ordered = self.ordered.borrow().contains(natural_key);
        assert!(ordered || !again, "{natural_key} is sent to be created twice in one run");
        assert!(ordered || !(known && exists), "{natural_key} is created although the state knows it");
    }

    /// A row was carried out.
    pub(crate) fn processed(&self, id: &str) {
        self.processed.borrow_mut().insert(id.to_owned());
    }

    /// The ids of what the server carried out since the run began.
    pub(crate) fn carried_out(&self) -> BTreeSet<String> {
        self.processed.borrow().clone()
    }
}
