//! `certctl fmt`: writes template files in the canonical form. What they say stays the same, or the file is left as it is.

use std::fs;

use rayon::prelude::*;

use super::args::{FormatArgs, Global};
use super::context;
use super::failure::Failure;
use super::outfile;
use super::output::Output;
use super::signals;
use crate::config::read_regular;
use crate::desired::{TemplateFile, TemplateFiles, formatted, line_changes, read_files};
use crate::model::{Exit, Finding, SourceLocation, io_words};
use crate::report;
use crate::view::{FileChange, FormatView};

/// The number of lines that are shown of each file.
const MAX_LINES: usize = 10;

pub(super) fn run(global: &Global, args: &FormatArgs, output: &Output) -> Result<Exit, Failure> {
    let config = context::read(global, output)?;
    let TemplateFiles { files, mut findings, count } =
        read_files(&config.root, &config.templates, &args.files).map_err(|error| {
            Failure::error(format!("the folder cannot be looked into: {}", io_words(&error)))
        })?;
    let new_texts: Vec<_> = files.par_iter().map(|file| formatted(&file.source)).collect();
    let mut changed = Vec::new();
    for (file, new) in files.iter().zip(new_texts) {
        let done = new.and_then(|new| {
            let Some(new) = new else { return Ok(()) };
            if !args.check {
                write(file, &new)?;
            }
            changed.push(change(file, &new, args.check));
            Ok(())
        });
        findings.extend(done.err().map(|finding| *finding));
    }
    findings.sort();
    let view = FormatView { files: changed, count, is_written: !args.check };
    output.data(&report::format_text(&view, output.style()))?;
    output.left_alone(&findings);
    let exit = if findings.is_empty() { Exit::Ok } else { Exit::Error };
    match view.files.len() {
        0 if exit == Exit::Error => {}
        number if number > 0 && args.check => {
            return Err(Failure::error(view.verdict()).helped(view.help(&args.files)));
        }
        _ => output.note(&format!("{}.", view.verdict())),
    }
    Ok(exit)
}

/// What is told about a file that changes.
fn change(file: &TemplateFile, new: &str, is_checked: bool) -> FileChange {
    let (lines, all) = line_changes(&file.source, new, if is_checked { MAX_LINES } else { 0 });
    FileChange { name: file.source.file().to_owned(), more: all - lines.len(), lines }
}

/// Replaces a file as a whole, unless it was changed since it was read.
fn write(file: &TemplateFile, new: &str) -> Result<(), Box<Finding>> {
    let refused = |why: &str, help: &str| Err(refusal(file, why, help));
    if fs::metadata(&file.real).is_ok_and(|there| there.permissions().readonly()) {
        return refused("it is read-only", "make it writable, or name other files");
    }
    let old = file.source.whole();
    match read_regular(&file.real, old.len() as u64) {
        Ok(bytes) if bytes == old.as_bytes() => {}
        _ => return refused("it was changed in the meantime", "format it again"),
    }
    // A signal waits until the file is whole.
    let _hold = signals::hold();
    outfile::write(&file.real, &file.source.marked(new)).or_else(|error| {
        refused(&io_words(&error), "check that you may write it and that the disk has space")
    })
}

fn refusal(file: &TemplateFile, why: &str, help: &str) -> Box<Finding> {
    Box::new(Finding {
        place: SourceLocation::whole_file(file.source.file()),
        rule: "format",
        message: format!("the file cannot be written: {why}"),
        help: Some(help.to_owned()),
        related: Vec::new(),
        option: None,
    })
}
