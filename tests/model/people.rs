//! What a person can truthfully say about a row in doubt after looking at the admin page: everything true, nothing false.

use certctl::desired::Desired;
use certctl::inventory::{
    AdoptedContents, Adoption, InventoryFinding, Observation, Settlement, adoptions, check_instance,
    doubt_old_contents, drift, record_settlements, settlements,
};
use certctl::model::{Key, NaturalKey, TemplateId, Timestamp};
use certctl::state::{Document, IdIndex, Operation, Record, Resolution, Row};

use crate::academy::Template;
use crate::commands::{configuration, edit};
use crate::estate::{desired, number, time};
use crate::exports::Sight;
use crate::stage::{Note, Shared};
use crate::world::World;

/// Every true settlement of every row of this machine.
pub(crate) fn truths(world: &World, machine: usize, document: &Document) -> Vec<(Key, Resolution)> {
    let mut truths = Vec::new();
    for (key, row) in document.templates.iter().filter(|(_, row)| !row.attempts.is_empty()) {
        let words = of_row(world, machine, document, key, row);
        truths.extend(words.into_iter().map(|settlement| (key.clone(), settlement)));
    }
    truths
}

fn of_row(world: &World, machine: usize, document: &Document, key: &Key, row: &Row) -> Vec<Resolution> {
    let (server, course) = (&world.server, number(key));
    if server.is_at_work_on(course) {
        // Its result is not known yet.
        return Vec::new();
    }
    let there: Vec<&Template> = server.for_course(course).collect();
    let knows = &world.machines[machine].knows;
    // No other attempt wrote its current contents.
    let is_ours = |template: &&&Template| knows.changes[template.number()] == template.changes;
    let holds_one =
        |template: &Template| row.attempts.iter().any(|attempt| attempt.attributes == template.attributes);
    let is_free = |template: &&&Template| {
        let has = |row: &Row| row.identity.as_ref().is_some_and(|identity| identity.id == template.id);
        !document.templates.iter().any(|(other, row)| other != key && has(row))
    };
    let mut words = Vec::new();
    if row.operation() == Some(Operation::Create) {
        if there.is_empty() {
            words.push(Resolution::NotCreated);
        }
        let created = there.iter().filter(is_ours).filter(is_free).filter(|template| holds_one(template));
        words.extend(created.map(|template| Resolution::Created { id: template.id.clone() }));
    } else {
        let is_as_before = |template: &&Template| {
            row.confirmed.as_ref().is_some_and(|known| known.attributes == template.attributes)
        };
        if !there.is_empty() && there.iter().all(is_as_before) {
            words.push(Resolution::NotCreated);
        }
    }
    if !there.is_empty() && there.iter().all(|template| holds_one(template)) {
        words.push(Resolution::Applied);
    }
    words
}

/// `certctl recover KEY` with a flag.
pub(crate) fn settle(stage: &Shared, key: &Key, settlement: &Resolution) {
    let at = stage.with(|stage| time(stage.world.clock));
    edit(stage, |document| {
        document.resolve(&mut IdIndex::of(document), key, settlement, at)?;
        Ok(vec![Record::Resolve { at, key: key.clone(), resolution: settlement.clone() }])
    });
    if let Resolution::Created { id } = settlement {
        adopted(stage, [id]);
    }
}

/// Its attributes beyond those that certctl set are unknown.
fn adopted<'i>(stage: &Shared, ids: impl IntoIterator<Item = &'i TemplateId>) {
    stage.with(|stage| {
        if stage.notes.iter().any(|note| matches!(note, Note::Refused(_))) {
            return;
        }
        let server = std::sync::Arc::make_mut(&mut stage.world.server);
        for id in ids {
            let template = server.templates.iter_mut().find(|template| template.id == *id);
            template.unwrap().met = true;
        }
    });
}

/// `certctl import KEY ID`.
pub(crate) fn import(stage: &Shared, key: &Key, id: &TemplateId) {
    let at = stage.with(|stage| time(stage.world.clock));
    edit(stage, |document| {
        document.import(&mut IdIndex::of(document), key, id)?;
        Ok(vec![Record::Import { at, id: id.clone(), key: key.clone() }])
    });
    adopted(stage, [id]);
}

/// The ids that a person can give for the YAML's keys: the template that each key means.
pub(crate) fn imports(world: &World, machine: usize, document: &Document) -> Vec<(Key, TemplateId)> {
    let configured = desired(world.machines[machine].tree.yaml);
    let has = |id: &TemplateId| {
        document.templates.values().any(|row| row.identity.as_ref().is_some_and(|had| had.id == *id))
    };
    let named = |key: &Key| {
        let there: Vec<_> = world.server.for_course(number(key)).collect();
        there.iter().filter(|template| !has(&template.id)).map(|one| (key.clone(), one.id.clone())).collect()
    };
    configured.templates.keys().flat_map(|key| -> Vec<_> { named(key) }).collect()
}

/// What a command sees of the server, with the time.
fn look(stage: &Shared, sight: Sight) -> (Observation, Timestamp) {
    stage.with(|stage| {
        stage.shown = sight.templates(&stage.world);
        (sight.observation(&stage.world), time(stage.world.clock))
    })
}

/// Whether the observation is of the instance of this state, as far as it shows.
fn is_of_instance(observation: &Observation, document: &Document, configured: &Desired) -> bool {
    let wanted = configured.templates.values().map(|template| NaturalKey::of(&template.attributes));
    check_instance(observation, document, wanted).is_ok()
}

/// `certctl recover --from-csv` and `--from-observer`.
pub(crate) fn recover_from(stage: &Shared, sight: Sight) {
    let ((table, at), configured) = (look(stage, sight), configuration(stage));
    let mut ids = Vec::new();
    edit(stage, |document| {
        let without_job = |(_, row): &(&Key, &Row)| row.job().is_none();
        let doubtful: Vec<Key> =
            document.in_doubt().filter(without_job).map(|(key, _)| key.clone()).collect();
        if !is_of_instance(&table, document, configured) {
            return Ok(Vec::new());
        }
        let found = settlements(&table, document, &doubtful.iter().collect::<Vec<_>>());
        for (_, finding) in &found {
            if let InventoryFinding::Settles(Settlement {
                resolution: Resolution::Created { id } | Resolution::Exists { id },
                ..
            }) = finding
            {
                ids.push(id.clone());
            }
        }
        record_settlements(document, &found, at)
    });
    adopted(stage, &ids);
}

/// `certctl import --from-csv` and `--from-observer`.
pub(crate) fn import_from(stage: &Shared, sight: Sight) {
    let ((table, at), configured) = (look(stage, sight), configuration(stage));
    let mut ids = Vec::new();
    edit(stage, |document| {
        if !is_of_instance(&table, document, configured) {
            return Ok(Vec::new());
        }
        let found = adoptions(&table, configured, document);
        let is_id_alone = |adoption: &&Adoption| !matches!(adoption.contents, AdoptedContents::Seen(_));
        ids.extend(found.adopted.values().filter(is_id_alone).map(|adoption| adoption.id.clone()));
        let records = found.records(at);
        document.edit_all(&records)?;
        Ok(records)
    });
    adopted(stage, &ids);
}

/// `certctl refresh`.
pub(crate) fn refresh(stage: &Shared, sight: Sight) {
    let (mut seen, at) = look(stage, sight);
    let earlier = stage.with(|stage| {
        let previous = stage.machine().previous.as_ref()?;
        previous.tree.file.as_ref().map(|file| file.document.clone())
    });
    edit(stage, |document| {
        doubt_old_contents(&mut seen, document, || earlier.into_iter().collect());
        if check_instance(&seen, document, std::iter::empty()).is_err() {
            return Ok(Vec::new());
        }
        let records = drift(&seen, document).records(at);
        document.edit_all(&records)?;
        Ok(records)
    });
}
