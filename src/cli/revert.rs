//! `certctl revert`: saves a plan that brings back what an earlier version of the state held, and prints the YAML to
//! match. It sends nothing and changes neither the state nor the YAML.

use std::collections::BTreeMap;

use super::args::{Global, RevertArgs};
use super::context::{Context, report_state, state_path};
use super::failure::Failure;
use super::look_back;
use super::output::Output;
use super::plan::{json, state_size};
use super::recency::KnownVersions;
use super::yaml_edits::YamlEdits;
use crate::model::{Advice, Exit};
use crate::plan::{Plan, Revert, RevertInputs, check, revert};
use crate::report;
use crate::view::{PlanView, left_as_it_is};

pub(super) fn run(global: &Global, args: &RevertArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load_with_templates(global, output)?;
    let (desired, read) = context.desired_beside(|| context.read_state(), true, output)?;
    output.protect_files(context.template_files(&desired));
    output.can_write([args.out.as_path()])?;
    let (snapshot, writer) = report_state(read, output)?;
    // A plan that is saved now could not be applied to an old state.
    KnownVersions::look(&context, &snapshot, output).refuse_old()?;
    let Some(now) = context.state_so_far(snapshot, &writer)? else {
        return Err(Failure::error(format!(
            "there is no state at {} yet, so there is nothing to go back to",
            state_path(&context.store)
        )));
    };
    context.check_consistency(&now)?;
    if let Some(key) = &args.key {
        now.row(key)?;
    }
    let then = look_back::version(&context, now.clone(), args.serial())?;
    let made = revert(&RevertInputs {
        now: &now,
        then: &then,
        key: args.key.as_ref(),
        desired: &desired,
        identity: &context.identity,
        addressing: context.environment.api.addressing,
    });
    let Revert { plan, attributes, left } = made;
    let plan = Plan { max_changes: args.max_changes, ..plan.with_fields(&context.fields) };
    let view = PlanView::new(&plan, Vec::new());
    output.text(&report::terminal::plan(&view, output.style(), output.commands()))?;
    output.text(&report::not_reverted(&left_as_it_is(&left, then.serial), output.commands()))?;
    let theirs: BTreeMap<_, _> = attributes.iter().map(|(key, held)| (key, held.clone())).collect();
    let edits = YamlEdits::of(&context, &desired, &theirs);
    output.text(&report::yaml_diff(edits.files(), &edits.by_hand, output.style()))?;
    if plan.submissions() == 0 {
        output.text(&format!(
            "\nThere is nothing to bring back, so no plan was saved.\n{}",
            context.environment_line()
        ))?;
        return Ok(Exit::Ok);
    }
    let refusals = check(&plan, state_size(Some(&now)), context.limits(args.max_changes));
    if !refusals.is_empty() {
        return Err(Failure::refusals(&refusals));
    }
    output.file(&args.out, &json(&plan)?)?;
    let apply = output.command(&Advice::ApplyPlan { file: args.out.clone(), environment: None });
    output.note(&format!("Saved the plan. To apply exactly this: {apply}"));
    Ok(Exit::Ok)
}
