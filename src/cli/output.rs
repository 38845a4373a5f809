//! The only module that writes to the terminal: data to stdout; progress, prompts, warnings and logs to stderr. Every
//! command uses it; it redacts API keys and never decides what a command does.

mod ended_runs;
mod failures;
mod files;
mod printed_notes;

use std::io::{self, IsTerminal as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::args::{Command, Global, ReportForm};
use super::failed_report::RequestedReports;
use super::failure::Failure;
use super::invocation::Invocation;
use super::log;
use super::own_files::OwnFiles;
use super::status_line::StatusLine;
use super::terminal;
use crate::desired::Desired;
use crate::model::{Advice, Commands as _, Finding, GivenKeys, Key, Severity, io_words};
use crate::plan::Plan;
use crate::report::{self, Results};
use ended_runs::EndedRuns;
use printed_notes::PrintedNotes;

/// Whether the JSON document was written or is being written: the run and a signal may both want to write one.
static DOCUMENT: AtomicBool = AtomicBool::new(false);

/// The output of this run.
#[derive(Clone, Debug)]
pub(super) struct Output {
    form: ReportForm,
    quiet: bool,
    verbose: u8,
    colour_out: bool,
    colour_err: bool,
    columns_out: Option<usize>,
    columns_err: Option<usize>,
    reports: Option<RequestedReports>,
    /// API keys, which are redacted in all outputs.
    keys: GivenKeys,
    invocation: Invocation,
    own_files: OwnFiles,
    /// The line at the bottom of the terminal while a run sends.
    status_line: StatusLine,
    /// Whether a signal came and nothing was printed since: a terminal shows its `^C` at the cursor.
    signalled: Arc<AtomicBool>,
    /// The message for a command that a signal ended before it did anything.
    nothing_done: &'static str,
    /// Whether something was recorded in the state, whether printed or not.
    recorded: Arc<AtomicBool>,
    /// Whether writing to stdout failed.
    stdout_is_lost: Arc<AtomicBool>,
    /// The notes that were printed and must not be repeated.
    printed_notes: PrintedNotes,
    /// Keeps the document of this run instead of printing it, if it is part of another one.
    kept: Option<Arc<Mutex<Option<String>>>>,
    /// The runs in several environments, unless it is one of them.
    ended_runs: Arc<Mutex<EndedRuns>>,
}

impl Output {
    pub(super) fn new(global: &Global, command: &Command) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let colour = |is_terminal: bool| terminal::colour(global.color, is_terminal, &variable);
        let columns = |size: Option<(terminal_size::Width, terminal_size::Height)>| {
            terminal::columns(size.map(|(width, _)| width.0.into()), &variable)
        };
        let invocation = Invocation::new(global, command);
        Self {
            form: command.form(),
            quiet: global.quiet,
            verbose: global.verbose,
            colour_out: colour(stdout.is_terminal()),
            colour_err: colour(stderr.is_terminal()),
            columns_out: columns(terminal_size::terminal_size_of(&stdout)),
            columns_err: columns(terminal_size::terminal_size_of(&stderr)),
            reports: RequestedReports::by(command, &invocation),
            keys: given_keys(),
            invocation,
            own_files: OwnFiles::default(),
            status_line: StatusLine::default(),
            signalled: Arc::default(),
            nothing_done: if command.sends() { "nothing was sent" } else { "nothing was changed" },
            recorded: Arc::default(),
            stdout_is_lost: Arc::default(),
            printed_notes: PrintedNotes::default(),
            kept: None,
            ended_runs: Arc::default(),
        }
    }

    /// The output of a run in one of several environments: its document is kept, to be part of a larger one.
    pub(super) fn for_run(&self, global: &Global, command: &Command) -> Self {
        let kept = (self.form == ReportForm::Json).then(Arc::default);
        let (status_line, signalled) = (self.status_line.clone(), Arc::clone(&self.signalled));
        Self { status_line, signalled, kept, ..Self::new(global, command) }
    }

    /// The document that was kept.
    pub(super) fn kept_document(&self) -> Option<String> {
        self.kept.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// For errors before the flags are known.
    pub(super) fn plain(form: ReportForm) -> Self {
        Self {
            form,
            quiet: false,
            verbose: 0,
            colour_out: false,
            colour_err: false,
            columns_out: None,
            columns_err: None,
            reports: None,
            keys: given_keys(),
            invocation: Invocation::default(),
            own_files: OwnFiles::default(),
            status_line: StatusLine::default(),
            signalled: Arc::default(),
            nothing_done: "nothing was changed",
            recorded: Arc::default(),
            stdout_is_lost: Arc::default(),
            printed_notes: PrintedNotes::default(),
            kept: None,
            ended_runs: Arc::default(),
        }
    }

    /// Sets the environment that reports and commands are about, also those of a failure.
    pub(super) fn works_on(&self, environment: &str) {
        self.invocation.works_on(environment);
    }

    /// Sets the saved plan that this run is about; commands then choose the same templates.
    pub(super) fn is_about_plan(&self, plan: &Plan) {
        self.invocation.is_about_plan(plan);
    }

    /// Makes commands choose only these templates.
    pub(super) fn is_about_keys(&self, keys: &[Key]) {
        self.invocation.is_about_keys(keys);
    }

    /// Returns the writer of commands.
    pub(super) fn commands(&self) -> &Invocation {
        &self.invocation
    }

    /// Returns a command as a person types it here.
    pub(super) fn command(&self, advice: &Advice) -> String {
        self.invocation.command(advice)
    }

    /// Returns the API keys that this process was given.
    pub(super) fn keys(&self) -> &GivenKeys {
        &self.keys
    }

    pub(super) fn is_json(&self) -> bool {
        self.form == ReportForm::Json
    }

    /// Returns the form of the output on stdout.
    pub(super) fn form(&self) -> ReportForm {
        self.form
    }

    pub(super) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    pub(super) fn colour(&self) -> bool {
        self.colour_out
    }

    /// Returns the style of texts on stdout.
    pub(super) fn style(&self) -> report::Style {
        report::Style::new(self.colour(), self.is_verbose()).columns(self.columns_out)
    }

    /// Returns whether a progress bar can be shown.
    pub(super) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal() && !terminal::is_dumb(&variable)
    }

    /// Returns the line at the bottom of the terminal.
    pub(super) fn status_line(&self) -> &StatusLine {
        &self.status_line
    }

    /// Notes a signal: the next message begins on a line of its own.
    pub(super) fn signalled(&self) {
        self.signalled.store(true, Ordering::SeqCst);
    }

    /// Returns whether a person can be asked.
    pub(super) fn can_ask() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Starts the log that `CERTCTL_LOG` or `-vv` asks for. No event carries the API key, because the key cannot be
    /// printed.
    pub(super) fn start_log(&self) {
        let asked = std::env::var("CERTCTL_LOG").ok().filter(|text| !text.is_empty());
        let Some(filter) = asked.or_else(|| (self.verbose > 1).then(|| "certctl=debug".to_owned())) else {
            return;
        };
        log::start(&filter, self.colour_err);
    }

    /// Prints data, for people or for programs.
    pub(super) fn data(&self, text: &str) -> Result<(), Failure> {
        if let Some(kept) = &self.kept {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.get_or_insert_with(|| self.keys.without_plain(text).into_owned());
            return Ok(());
        }
        if self.form != ReportForm::Text && DOCUMENT.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        let written =
            stdout.write_all(self.keys.without_plain(text).as_bytes()).and_then(|()| stdout.flush());
        match written {
            // The reader closed the pipe because it has seen enough (`certctl plan | head`); that is not an error.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|error| {
                self.stdout_is_lost.store(true, Ordering::SeqCst);
                self.cannot_write(&"to stdout", &error)
            }),
        }
    }

    /// Prints a text for people, wrapped to their terminal, unless stdout must hold something else.
    pub(super) fn text(&self, text: &str) -> Result<(), Failure> {
        if self.form == ReportForm::Text {
            self.data(&self.style().laid_out(text.to_owned()))
        } else {
            Ok(())
        }
    }

    /// Prints what a command that looks at the server did, if stdout must hold JSON.
    pub(super) fn results(&self, results: &Results<'_>) -> Result<(), Failure> {
        if self.is_json() { self.data(&report::json::results(results)) } else { Ok(()) }
    }

    /// Prints a message in addition to the data, unless `--quiet` is set.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Like [`Output::note`], but prints each text only once: a command that writes checks the state twice, before it
    /// shows its plan and under the lock.
    pub(super) fn note_once(&self, text: &str) {
        if self.printed_notes.is_new(text) {
            self.note(text);
        }
    }

    /// Like [`Output::note`], but only with `--verbose`.
    pub(super) fn detail(&self, text: &str) {
        if self.is_verbose() {
            self.note_once(text);
        }
    }

    /// Prints a message in addition to the data, even with `--quiet`.
    pub(super) fn say(&self, text: &str) {
        self.print_to_stderr(&self.fitted(text));
    }

    /// Wraps a text to the width of the terminal on stderr.
    fn fitted(&self, text: &str) -> String {
        report::Style::default().columns(self.columns_err).laid_out(text.to_owned())
    }

    fn print_to_stderr(&self, text: &str) {
        self.status_line.make_room(|was_there| {
            let mut stderr = io::stderr().lock();
            let signalled = self.signalled.swap(false, Ordering::SeqCst);
            // Removing the status line also removed the `^C`.
            let begin = if signalled && !was_there && stderr.is_terminal() { "\n" } else { "" };
            let text = self.keys.without_plain(text);
            // There is no other place to report this.
            let _ = writeln!(stderr, "{begin}{text}");
        });
    }

    /// Prints warnings about the configuration with their source lines. If stdout carries them for a program that reads
    /// the same log, they are not printed twice.
    pub(super) fn warnings(&self, warnings: &[Finding], severity: Severity) {
        let shown_already = matches!(self.form, ReportForm::Json | ReportForm::Github);
        if !warnings.is_empty() && !shown_already {
            let warnings: Vec<Finding> = warnings.iter().map(|warning| self.redacted(warning)).collect();
            let text = report::findings::render_as(
                severity,
                &warnings,
                self.colour_err,
                self.columns_err,
                self.commands(),
            );
            self.print_to_stderr(text.trim_end());
        }
    }

    /// Prints the warnings about the files themselves, for commands that show neither a plan nor all warnings.
    pub(super) fn file_warnings(&self, desired: &Desired) {
        let about_files = desired.warnings.iter().filter(|warning| warning.keys.is_empty());
        let findings: Vec<Finding> = about_files.map(|warning| warning.finding.clone()).collect();
        self.warnings(&findings, Severity::Warning);
    }

    /// Asks a question; only `yes` confirms it.
    pub(super) fn confirms(&self, question: &str) -> bool {
        {
            // Unlock stderr before waiting for the answer: a signal may print something meanwhile.
            let mut stderr = io::stderr().lock();
            let question = self.fitted(&format!("{question}\nType yes to go on, anything else to stop: "));
            let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
        }
        let mut answer = String::new();
        let is_read = io::stdin().read_line(&mut answer).is_ok();
        if !answer.ends_with('\n') {
            // The user did not press Enter, so the next message would be on the line of the question.
            self.print_to_stderr("");
        }
        is_read && answer.trim() == "yes"
    }

    /// Notes that the command's work is done and recorded, even if it cannot be printed.
    pub(super) fn has_recorded(&self) {
        self.recorded.store(true, Ordering::SeqCst);
    }

    fn cannot_write(&self, what: &dyn std::fmt::Display, error: &io::Error) -> Failure {
        let recorded = if self.recorded.load(Ordering::SeqCst) {
            ". What was done is recorded in the state all the same"
        } else {
            ""
        };
        Failure::error(format!("cannot write {what}: {}{recorded}", io_words(error)))
    }
}

fn given_keys() -> GivenKeys {
    crate::config::given_keys(&|name| std::env::var_os(name))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
