//! Finds the templates that share a design: the same labels, or nearly the same, or the same background and styles.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::SeenTemplate;
use super::label::{Adjustment, LabelSet};
use super::layouts::commonest;
use super::variables::IdVariables;
use crate::model::{Attributes, SharedValue};

/// With how many designs of the same certificate fields a label set is compared. Those with the most templates come first.
const MOST_COMPARED: usize = 50;
/// What a layout costs beside its labels, in bytes.
const LAYOUT_COST: usize = 60;
/// What makes two templates without labels alike.
const LOOKS: [&str; 2] = [ASSET, "customCss"];
/// The background.
const ASSET: &str = "asset";

/// Templates that share a design.
pub(super) struct Design {
    /// The name of the layout, if the project has it already.
    pub(super) known: Option<String>,
    /// The labels of the layout, if its templates have some.
    pub(super) labels: Option<SharedValue>,
    /// The templates with what each changes in the labels.
    pub(super) users: Vec<(usize, Adjustment)>,
    set: Option<LabelSet>,
    /// The background that most of them have.
    asset: Option<String>,
}

/// Groups the templates by design. A new design has at least two templates.
pub(super) fn of(
    seen: &[&SeenTemplate],
    known: &BTreeMap<String, Attributes>,
    variables: &IdVariables,
) -> Vec<Design> {
    let mut search = DesignSearch { designs: Vec::new(), by_fields: HashMap::new(), variables };
    for (name, attributes) in known {
        search.add_known(name, attributes);
    }
    // First the sets of templates that share a background, since people make one design from another by copying it.
    let sets: Vec<usize> = by_labels(seen)
        .into_iter()
        .filter_map(|alike| {
            let asset = commonest_asset(seen, &alike.templates);
            let nearest = search.nearest(&alike.set, alike.templates.len(), |design| design.asset == asset);
            search.add(alike, asset, nearest)
        })
        .collect();
    for design in sets {
        search.join_if_alone(design);
    }
    let mut designs = search.designs;
    for templates in by_looks(seen, known, &mut designs) {
        let users = templates.into_iter().map(|template| (template, Adjustment::new())).collect();
        designs.push(Design { known: None, labels: None, users, set: None, asset: None });
    }
    designs.retain(|design| match design.known {
        Some(_) => !design.users.is_empty(),
        None => design.users.len() > 1,
    });
    designs
}

struct DesignSearch<'v> {
    designs: Vec<Design>,
    /// The designs with the same certificate fields.
    by_fields: HashMap<String, Vec<usize>>,
    variables: &'v IdVariables,
}

impl DesignSearch<'_> {
    fn add_known(&mut self, name: &str, attributes: &Attributes) {
        let labels = attributes.shared_value(Attributes::LABELS).cloned();
        let set = labels.as_ref().and_then(LabelSet::of);
        if let Some(set) = &set {
            self.by_fields.entry(fields_of(set)).or_default().push(self.designs.len());
        }
        let asset = attributes.text(ASSET).map(str::to_owned);
        self.designs.push(Design { known: Some(name.to_owned()), labels, users: Vec::new(), set, asset });
    }

    /// The design from which these labels differ so little that it is shorter to write the differences, for this number of
    /// templates.
    fn nearest(
        &self,
        set: &LabelSet,
        count: usize,
        may_be: impl Fn(&Design) -> bool,
    ) -> Option<(usize, Adjustment)> {
        let inline = labels_cost(set, self.variables);
        let written = if count == 1 { inline } else { inline + LAYOUT_COST };
        let near = |design: &usize| {
            let known = self.designs[*design].set.as_ref()?;
            let adjustment = known.adjustment(set).filter(|adjustment| known.is_nearly(adjustment))?;
            Some((count * adjustment_cost(&adjustment, self.variables), *design, adjustment))
        };
        let candidates = self.by_fields.get(&fields_of(set))?;
        let candidates = candidates.iter().filter(|design| may_be(&self.designs[**design]));
        let cheapest =
            candidates.take(MOST_COMPARED).filter_map(near).min_by_key(|(cost, at, _)| (*cost, *at));
        cheapest.filter(|(cost, ..)| *cost < written).map(|(_, design, adjustment)| (design, adjustment))
    }

    /// Adds templates to the nearest design, or as a design of their own, which is returned.
    fn add(
        &mut self,
        alike: Alike<'_>,
        asset: Option<String>,
        nearest: Option<(usize, Adjustment)>,
    ) -> Option<usize> {
        let Alike { labels, set, templates } = alike;
        if let Some((design, adjustment)) = nearest {
            let users = templates.into_iter().map(|template| (template, adjustment.clone()));
            self.designs[design].users.extend(users);
            return None;
        }
        let new = self.designs.len();
        self.by_fields.entry(fields_of(&set)).or_default().push(new);
        let users = templates.into_iter().map(|template| (template, Adjustment::new())).collect();
        self.designs.push(Design { known: None, labels: Some(labels.clone()), users, set: Some(set), asset });
        Some(new)
    }

    /// Lets the only template of a design join another one, whatever its background.
    fn join_if_alone(&mut self, alone: usize) {
        let design = &self.designs[alone];
        let ([(template, _)], Some(set)) = (&design.users[..], &design.set) else { return };
        let template = *template;
        let has_others = |other: &Design| !other.users.is_empty() && other.users[0].0 != template;
        let nearest = self.nearest(set, 1, |other| other.known.is_some() || has_others(other));
        if let Some((other, adjustment)) = nearest {
            self.designs[other].users.push((template, adjustment));
            self.designs[alone].users.clear();
        }
    }
}

/// The background that most of these templates have.
fn commonest_asset(seen: &[&SeenTemplate], templates: &[usize]) -> Option<String> {
    let assets = templates.iter().filter_map(|template| seen[*template].attributes.shared_value(ASSET));
    commonest(assets)?.0.as_str().map(str::to_owned)
}

/// Templates with equal labels.
struct Alike<'a> {
    labels: &'a SharedValue,
    set: LabelSet,
    templates: Vec<usize>,
}

/// Templates by label set: those with the most templates first, then by the first id.
fn by_labels<'a>(seen: &[&'a SeenTemplate]) -> Vec<Alike<'a>> {
    let mut alike: Vec<Alike<'_>> = Vec::new();
    let mut by_text: HashMap<String, usize> = HashMap::new();
    for (template, SeenTemplate { attributes, .. }) in seen.iter().enumerate() {
        let Some(labels) = attributes.shared_value(Attributes::LABELS) else { continue };
        let text = labels.to_string();
        if let Some(known) = by_text.get(&text) {
            alike[*known].templates.push(template);
        } else if let Some(set) = LabelSet::of(labels) {
            by_text.insert(text, alike.len());
            alike.push(Alike { labels, set, templates: vec![template] });
        }
    }
    // The sort is stable, so that the first id decides between equals.
    alike.sort_by_key(|alike| std::cmp::Reverse(alike.templates.len()));
    alike
}

/// Templates without labels that look the same, at least two of a kind. Those that look like a layout of the project go there.
fn by_looks(
    seen: &[&SeenTemplate],
    known: &BTreeMap<String, Attributes>,
    designs: &mut [Design],
) -> Vec<Vec<usize>> {
    let looks = |attributes: &Attributes| {
        let [asset, css] = LOOKS.map(|name| attributes.text(name).unwrap_or_default().to_owned());
        let has_looks = !asset.is_empty() || !css.is_empty();
        (has_looks && !attributes.has(Attributes::LABELS)).then_some((asset, css))
    };
    let of_known: HashMap<_, _> = designs
        .iter()
        .enumerate()
        .filter_map(|(at, design)| Some((looks(known.get(design.known.as_ref()?)?)?, at)))
        .collect();
    let mut by_looks: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (template, SeenTemplate { attributes, .. }) in seen.iter().enumerate() {
        let Some(looks) = looks(attributes) else { continue };
        match of_known.get(&looks) {
            Some(design) => designs[*design].users.push((template, Adjustment::new())),
            None => by_looks.entry(looks).or_default().push(template),
        }
    }
    let mut groups: Vec<Vec<usize>> = by_looks.into_values().collect();
    groups.sort_by_key(|templates| std::cmp::Reverse(templates.len()));
    groups
}

fn fields_of(set: &LabelSet) -> String {
    set.fields().collect::<Vec<_>>().join(" ")
}

/// How many bytes the members of a label take.
fn members_cost(members: &Map<String, Value>) -> usize {
    members.iter().map(|(name, value)| name.len() + value.to_string().len() + 4).sum()
}

fn name_cost(field: &str, variables: &IdVariables) -> usize {
    variables.name(field).map_or(field.len(), str::len)
}

/// How many bytes a list of labels takes.
fn labels_cost(set: &LabelSet, variables: &IdVariables) -> usize {
    const AROUND: usize = "      - { certificateFieldId: \"${var.}\" }\n".len();
    let label = |(field, members)| AROUND + name_cost(field, variables) + members_cost(members);
    set.as_read().into_iter().map(label).sum()
}

/// How many bytes an adjustment of labels takes in one template.
fn adjustment_cost(adjustment: &Adjustment, variables: &IdVariables) -> usize {
    const AROUND: usize = "    adjust: {  }\n".len();
    let label = |(field, members): (&String, _)| name_cost(field, variables) + members_cost(members) + 6;
    if adjustment.is_empty() { 0 } else { AROUND + adjustment.iter().map(label).sum::<usize>() }
}
