//! Chooses the queries that read every certificate, so that none costs more than a query may, whether or not the server
//! counts the properties of a list once for each item. It learns by a refusal only where it cannot know, and at most
//! three times.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use serde_json::{Map, Value};

use super::query::TEMPLATE;
use super::{CertificateQuery, HeliumError};
use crate::model::{Attributes, LABEL_FIELDS};

/// Answers queries for certificates.
pub trait Asks {
    /// The certificates that the query chooses, each with what was asked for.
    fn certificates(
        &mut self,
        query: &CertificateQuery,
    ) -> impl Future<Output = Result<Vec<Map<String, Value>>, HeliumError>>;
}

/// The certificates of the observer, as far as they could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CertificateReading {
    /// Each certificate with the members that were read, under the server's names; a member that is missing was not read.
    pub certificates: Vec<Map<String, Value>>,
    /// The properties of templates that were read of every certificate.
    pub whole: BTreeSet<&'static str>,
    /// The properties that were not read of some certificates, because the queries would cost too much.
    pub too_costly: Vec<&'static str>,
    /// Certificates that changed while they were read.
    pub changed: Vec<String>,
    /// How many certificates came without an id, so that nothing more could be asked about them.
    pub nameless: usize,
    /// What the server said if it refused even the list of ids as too costly: then nothing is known.
    pub refused: Option<String>,
}

/// The most points that a query may cost: less than 1,000 (vendor-api.md section 6.2).
const MAX_POINTS: u64 = 999;
/// The most refusals in a run.
const MAX_REFUSALS: u32 = 3;
/// The most labels that a template is taken to have, until that is known. A wrong guess costs one refusal.
const ASSUMED_LABELS: u64 = 24;
/// With more queries than this it is worth asking for everything at once first.
const MANY_QUERIES: usize = 8;

/// Reads every certificate.
pub async fn read_certificates(asks: &mut impl Asks) -> Result<CertificateReading, HeliumError> {
    let mut reader = PiecewiseReader::default();
    let ids = match asks.certificates(&CertificateQuery::default()).await {
        Ok(ids) => ids,
        Err(error @ HeliumError::TooCostly(_)) => {
            return Ok(CertificateReading {
                refused: Some(error.to_string()),
                ..CertificateReading::default()
            });
        }
        Err(error) => return Err(error),
    };
    let all = reader.merge(&CertificateQuery::default(), ids);
    if all == 0 {
        return Ok(reader.finish());
    }
    let mut missing = CertificateQuery::whole();
    if reader.is_worth_asking_at_once(&missing, all) {
        match asks.certificates(&missing).await {
            Ok(items) => {
                reader.merge(&missing, items);
                return Ok(reader.finish());
            }
            Err(HeliumError::TooCostly(_)) => reader.refusals += 1,
            Err(error) => return Err(error),
        }
    }
    reader.read_pieces(asks, &mut missing, all).await?;
    if reader.labels.is_none() && !missing.labels.is_empty() {
        reader.count_labels(asks, all).await?;
        reader.read_pieces(asks, &mut missing, all).await?;
    }
    if !missing.is_empty() {
        reader.read_by_title(asks, &missing, all).await?;
    }
    Ok(reader.finish())
}

#[derive(Default)]
struct PiecewiseReader {
    order: Vec<String>,
    nameless: usize,
    by_id: BTreeMap<String, Map<String, Value>>,
    changed: BTreeSet<String>,
    /// The most labels of any template, once they were read.
    labels: Option<u64>,
    /// How often the permitted cost was halved.
    halved: u32,
    refusals: u32,
}

impl PiecewiseReader {
    fn budget(&self) -> u64 {
        MAX_POINTS >> self.halved
    }

    fn labels(&self) -> u64 {
        self.labels.unwrap_or(ASSUMED_LABELS)
    }

    /// Whether to ask for everything in one query: because that costs little however it is counted, or because the
    /// alternative is many queries.
    fn is_worth_asking_at_once(&self, whole: &CertificateQuery, certificates: u64) -> bool {
        let mut missing = whole.clone();
        let mut queries = 0;
        while let Some(piece) = self.piece(&missing, certificates) {
            remove(&mut missing, &piece);
            queries += 1;
        }
        queries <= 1 || queries > MANY_QUERIES || !missing.is_empty()
    }

    /// The next query for some of what is missing that certainly costs no more than a query may.
    fn piece(&self, missing: &CertificateQuery, certificates: u64) -> Option<CertificateQuery> {
        let (budget, labels) = (self.budget(), self.labels());
        let mut piece = CertificateQuery { search: missing.search.clone(), ..CertificateQuery::default() };
        let fits = |piece: &CertificateQuery| piece.cost(certificates, labels) <= budget;
        for name in &missing.certificate {
            piece.certificate.push(name);
            if !fits(&piece) {
                piece.certificate.pop();
            }
        }
        for name in &missing.template {
            piece.template.push(name);
            if !fits(&piece) {
                piece.template.pop();
            }
        }
        for name in missing.labels.iter().filter(|name| **name != Attributes::LABEL_FIELD) {
            let before = piece.labels.clone();
            if piece.labels.is_empty() {
                // The properties of a label are put together by its field.
                piece.labels.push(Attributes::LABEL_FIELD);
            }
            piece.labels.push(name);
            if !fits(&piece) {
                piece.labels = before;
            }
        }
        (!piece.is_empty()).then_some(piece)
    }

    /// Asks for what is missing, piece by piece, as far as the cost of the pieces is certain.
    async fn read_pieces(
        &mut self,
        asks: &mut impl Asks,
        missing: &mut CertificateQuery,
        certificates: u64,
    ) -> Result<(), HeliumError> {
        while self.refusals < MAX_REFUSALS
            && let Some(piece) = self.piece(missing, certificates)
        {
            match asks.certificates(&piece).await {
                Ok(items) => {
                    self.merge(&piece, items);
                    remove(missing, &piece);
                }
                Err(HeliumError::TooCostly(_)) => {
                    self.refusals += 1;
                    self.halved += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Asks for the fields of all labels alone: how many labels there are decides what else can be asked for at once.
    /// What that costs is not known, so it may be refused.
    async fn count_labels(&mut self, asks: &mut impl Asks, certificates: u64) -> Result<(), HeliumError> {
        let fields =
            CertificateQuery { labels: vec![Attributes::LABEL_FIELD], ..CertificateQuery::default() };
        if self.refusals >= MAX_REFUSALS || fields.cost(certificates, 1) > self.budget() {
            return Ok(());
        }
        match asks.certificates(&fields).await {
            Ok(items) => drop(self.merge(&fields, items)),
            Err(HeliumError::TooCostly(_)) => self.refusals += 1,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Asks for what is missing of the certificates with one title after the other. Whether the server's search does
    /// that is seen in its answers.
    async fn read_by_title(
        &mut self,
        asks: &mut impl Asks,
        missing: &CertificateQuery,
        all: u64,
    ) -> Result<(), HeliumError> {
        let titles = self.titles();
        for title in &titles {
            if self.refusals >= MAX_REFUSALS {
                return Ok(());
            }
            let ids = CertificateQuery { search: Some(title.clone()), ..CertificateQuery::default() };
            if ids.cost(all, 0) > self.budget() {
                return Ok(());
            }
            let found = match asks.certificates(&ids).await {
                Ok(found) => u64::try_from(found.len()).unwrap_or(u64::MAX),
                Err(HeliumError::TooCostly(_)) => {
                    self.refusals += 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if found >= all && titles.len() > 1 {
                // It chooses nothing.
                return Ok(());
            }
            let mut missing = CertificateQuery { search: Some(title.clone()), ..missing.clone() };
            self.read_pieces(asks, &mut missing, found).await?;
        }
        Ok(())
    }

    fn titles(&self) -> BTreeSet<String> {
        let title = |held: &Map<String, Value>| Some(held.get(TEMPLATE)?.get("title")?.as_str()?.to_owned());
        self.by_id.values().filter_map(title).filter(|title| !title.trim().is_empty()).collect()
    }

    /// Adds what was read, and returns how many certificates there were. A certificate that was not there at first was
    /// issued meanwhile, and is left for the next run.
    fn merge(&mut self, query: &CertificateQuery, items: Vec<Map<String, Value>>) -> u64 {
        let is_first = query.is_empty() && query.search.is_none();
        let mut count = 0;
        for item in items {
            count += 1;
            let Some(id) = item.get("id").and_then(Value::as_str).map(str::to_owned) else {
                // It cannot be put together; the reader of the certificates reports it.
                self.nameless += usize::from(is_first);
                continue;
            };
            match self.by_id.get_mut(&id) {
                Some(held) => {
                    let agree = join(held, item);
                    if !agree {
                        self.changed.insert(id);
                    }
                }
                None if is_first => {
                    self.order.push(id.clone());
                    self.by_id.insert(id, item);
                }
                None => {}
            }
        }
        if !query.labels.is_empty() && query.search.is_none() {
            self.labels = Some(self.by_id.values().map(label_count).max().unwrap_or(0));
        }
        count
    }

    fn finish(mut self) -> CertificateReading {
        let of_template = |held: &Map<String, Value>, name: &str| {
            let Some(template) = held.get(TEMPLATE) else { return false };
            let is_whole = |labels: &Value| name != Attributes::LABELS || has_whole_labels(labels);
            // Nothing can be seen of a template that is not there.
            template.is_null() || template.get(name).is_some_and(is_whole)
        };
        let wanted = CertificateQuery::whole();
        let names = wanted.template.iter().chain([&Attributes::LABELS]).copied();
        let read_of_all = |name: &&str| self.by_id.values().all(|held| of_template(held, name));
        let whole: BTreeSet<&'static str> = names.clone().filter(read_of_all).collect();
        let too_costly = names.filter(|name| !whole.contains(name)).collect();
        let certificates = self.order.iter().filter_map(|id| self.by_id.remove(id)).collect();
        CertificateReading {
            certificates,
            whole,
            too_costly,
            changed: self.changed.into_iter().collect(),
            nameless: self.nameless,
            refused: None,
        }
    }
}

fn remove(missing: &mut CertificateQuery, piece: &CertificateQuery) {
    missing.certificate.retain(|name| !piece.certificate.contains(name));
    missing.template.retain(|name| !piece.template.contains(name));
    missing.labels.retain(|name| !piece.labels.contains(name));
}

/// Whether every property of every label was read.
fn has_whole_labels(labels: &Value) -> bool {
    let is_whole = |label: &Value| LABEL_FIELDS.iter().all(|field| label.get(field.name).is_some());
    labels.as_array().is_none_or(|labels| labels.iter().all(is_whole))
}

fn label_count(held: &Map<String, Value>) -> u64 {
    let labels = held.get(TEMPLATE).and_then(|template| template.get(Attributes::LABELS));
    labels.and_then(Value::as_array).map_or(0, |labels| labels.len() as u64)
}

/// Adds the members of another answer about the same certificate; returns whether the two agree.
fn join(held: &mut Map<String, Value>, other: Map<String, Value>) -> bool {
    let mut agree = true;
    for (name, value) in other {
        match (held.get_mut(&name), value) {
            (None, value) => drop(held.insert(name, value)),
            (Some(Value::Object(held)), Value::Object(other)) => agree &= join(held, other),
            (Some(Value::Array(held)), Value::Array(other)) if name == Attributes::LABELS => {
                agree &= join_labels(held, other);
            }
            (Some(held), other) => agree &= *held == other,
        }
    }
    agree
}

/// Adds the members of the same labels, found by their field.
fn join_labels(held: &mut [Value], other: Vec<Value>) -> bool {
    if held.len() != other.len() {
        return false;
    }
    let field = |label: &Value| label.get(Attributes::LABEL_FIELD).cloned();
    let mut agree = true;
    for (held, other) in held.iter_mut().zip(other) {
        agree &= field(held) == field(&other);
        if let (Value::Object(held), Value::Object(other)) = (held, other) {
            agree &= join(held, other);
        }
    }
    agree
}
