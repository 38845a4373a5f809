//! The one place that writes to the terminal: data to stdout; progress, prompts, warnings and logs to stderr.

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::{Command, Form, Global, ReportFormat, ReportTarget};
use super::failed_report::Asked;
use super::failure::Failure;
use super::terminal;
use crate::apply::Exit;
use crate::model::{Finding, Severity};
use crate::report;

/// Whether the one JSON document is on stdout, or on its way: the run and a signal may both want to write one.
static DOCUMENT: AtomicBool = AtomicBool::new(false);

/// How this run talks.
#[derive(Clone, Debug)]
pub(super) struct Output {
    form: Form,
    quiet: bool,
    verbose: u8,
    colour_out: bool,
    colour_err: bool,
    columns_out: Option<usize>,
    columns_err: Option<usize>,
    reports: Option<Asked>,
}

#[expect(clippy::unused_self, reason = "whoever writes must hold the one value that may")]
impl Output {
    pub(super) fn new(global: &Global, command: &Command) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let colour = |is_terminal: bool| terminal::colour(global.color, is_terminal, &variable);
        let columns = |size: Option<(terminal_size::Width, terminal_size::Height)>| {
            terminal::columns(size.map(|(width, _)| width.0.into()), &variable)
        };
        Self {
            form: command.form(),
            quiet: global.quiet,
            verbose: global.verbose,
            colour_out: colour(stdout.is_terminal()),
            colour_err: colour(stderr.is_terminal()),
            columns_out: columns(terminal_size::terminal_size_of(&stdout)),
            columns_err: columns(terminal_size::terminal_size_of(&stderr)),
            reports: Asked::by(command, global.env.as_deref()),
        }
    }

    /// For what goes wrong before the flags are known.
    pub(super) fn plain(form: Form) -> Self {
        Self {
            form,
            quiet: false,
            verbose: 0,
            colour_out: false,
            colour_err: false,
            columns_out: None,
            columns_err: None,
            reports: None,
        }
    }

    /// From here on the environment is known that reports are about, also those of a failure.
    pub(super) fn works_on(&self, environment: &str) {
        if let Some(reports) = &self.reports {
            reports.works_on(environment);
        }
    }

    pub(super) fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    /// What stdout holds.
    pub(super) fn form(&self) -> Form {
        self.form
    }

    pub(super) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    pub(super) fn colour(&self) -> bool {
        self.colour_out
    }

    /// How texts on stdout are written.
    pub(super) fn style(&self) -> report::Style {
        report::Style::new(self.colour(), self.is_verbose()).columns(self.columns_out)
    }

    /// Whether a moving progress bar can be shown.
    pub(super) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal() && !terminal::is_dumb(&variable)
    }

    /// Whether somebody can be asked.
    pub(super) fn can_ask() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// The log that `CERTCTL_LOG` or `-vv` asks for. No event carries the key: it has no form that can be printed.
    pub(super) fn start_log(&self) {
        let asked = std::env::var("CERTCTL_LOG").ok().filter(|text| !text.is_empty());
        let Some(filter) = asked.or_else(|| (self.verbose > 1).then(|| "certctl=debug".to_owned())) else {
            return;
        };
        // An error means that a log is running already, in a test.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
            .with_writer(io::stderr)
            .with_ansi(self.colour_err)
            // It would complain on a stderr that is closed, and that is a panic.
            .log_internal_errors(false)
            .try_init();
    }

    /// Data, for people or for programs.
    pub(super) fn data(&self, text: &str) -> Result<(), Failure> {
        if self.form != Form::Text && DOCUMENT.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        match written {
            // The reader has seen enough (`certctl plan | head`): that is no failure of ours.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|error| Failure::error(format!("cannot write to stdout: {error}"))),
        }
    }

    /// Data for people, unless stdout is to hold something else.
    pub(super) fn text(&self, text: &str) -> Result<(), Failure> {
        if self.form == Form::Text { self.data(text) } else { Ok(()) }
    }

    /// Something beside the data.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Something beside the data that is said even when quiet.
    pub(super) fn say(&self, text: &str) {
        self.complain(&report::Style::default().columns(self.columns_err).laid_out(text.to_owned()));
    }

    fn complain(&self, text: &str) {
        // There is nowhere else to complain to.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Warnings about the configuration, with their source lines. Where stdout has them for a program that reads the
    /// same log, they are not said twice.
    pub(super) fn warnings(&self, warnings: &[Finding], severity: Severity) {
        let shown_already = matches!(self.form, Form::Json | Form::Github);
        if !warnings.is_empty() && !shown_already {
            let text = report::findings::render_as(severity, warnings, self.colour_err, self.columns_err);
            self.complain(text.trim_end());
        }
    }

    /// Asks; the only accepted answer is `yes`.
    pub(super) fn confirms(&self, question: &str) -> bool {
        {
            // Given back before the answer is waited for: a signal has something to say meanwhile.
            let mut stderr = io::stderr().lock();
            let _ = write!(stderr, "{question}\nOnly `yes` is accepted: ").and_then(|()| stderr.flush());
        }
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
    }

    /// Tells a failure, in the reports that were asked for too.
    pub(super) fn failure(&self, failure: &Failure) {
        self.tell(failure);
        for unwritten in self.reports.iter().flat_map(|reports| reports.write(failure)) {
            self.say(&format!("error: {}", unwritten.message));
        }
    }

    /// Shows findings that did not stop the command.
    pub(super) fn findings(&self, findings: &[Finding]) {
        if !findings.is_empty() {
            let text = report::findings::render_within(findings, self.colour_err, self.columns_err);
            self.complain(text.trim_end());
        }
    }

    /// Findings with their source lines, or what it is about.
    fn tell(&self, failure: &Failure) {
        let document = match self.form {
            Form::Text => None,
            Form::Json => Some(report::json::error(failure.exit, &failure.message, None, &failure.findings)),
            Form::Github => Some(report::github::problems(&failure.findings, &failure.message)),
            Form::Gitlab => Some(report::gitlab::problems(&failure.findings, &failure.message)),
        };
        if let Some(document) = document {
            // If stdout is gone, the exit code still tells.
            let _ = self.data(&document);
            // GitLab's report goes to a file, and somebody will look into the job's log. In GitHub's log, source lines
            // could be taken for commands.
            if self.form != Form::Gitlab {
                return;
            }
        }
        if !failure.findings.is_empty() {
            self.findings(&failure.findings);
            return;
        }
        let word = match failure.exit {
            Exit::Refused => "refused",
            Exit::Locked => "locked",
            Exit::Interrupted => "interrupted",
            _ => "error",
        };
        let (on, off) = if self.colour_err { ("\u{1b}[1;31m", "\u{1b}[0m") } else { ("", "") };
        self.say(&format!("{on}{word}:{off} {}", report::safe_lines(&failure.message)));
    }

    /// Tells that a signal ended the process before anything was sent.
    pub(super) fn interrupted(&self) {
        let message = "stopped by a signal: nothing was sent".to_owned();
        self.failure(&Failure { exit: Exit::Interrupted, ..Failure::error(message) });
    }

    /// Writes the reports that were asked for.
    pub(super) fn reports(
        &self,
        targets: &[ReportTarget],
        text: impl Fn(ReportFormat) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        targets.iter().try_for_each(|target| write_file(&target.file, &text(target.format)?))
    }
}

/// Writes a file of the user's choice.
pub(super) fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    {
        // Made to be handed on, so others may read it where the umask lets them; but nobody may change it.
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o644);
    }
    let written = options
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Failure::error(format!("cannot write {}: {error}", path.display())))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
