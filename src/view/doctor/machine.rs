//! The machine: the program, git, the user's folder, and the certificate authorities it trusts.

use super::Diagnosis;
use super::versions::diagnose_versions;
use crate::model::Advice;
use crate::state::UnusableFolder;
use crate::view::Words;

/// What was found on this machine.
#[derive(Clone, Debug)]
pub struct MachineFacts {
    /// Git.
    pub git: GitFound,
    /// Where the newest states of this user are kept; the error says why they cannot be.
    pub marks: Result<String, UnusableFolder>,
    /// The files that environment variables name as certificate authorities.
    pub authorities: Vec<AuthorityFile>,
    /// The variables of a proxy that are set.
    pub proxy_variables: Vec<&'static str>,
}

/// Git on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitFound {
    /// Its version.
    Version(String),
    /// There is none.
    Missing,
    /// It cannot be asked, for this reason.
    Failed(String),
}

/// A file or folder that an environment variable names as a source of certificate authorities.
#[derive(Clone, Debug)]
pub struct AuthorityFile {
    /// The variable.
    pub variable: &'static str,
    /// What it names.
    pub path: String,
    /// Why it cannot be read, if it cannot.
    pub problem: Option<String>,
}

/// Judges the machine.
pub fn diagnose_machine(facts: &MachineFacts) -> Vec<Diagnosis> {
    let mut found = vec![diagnose_versions(), git(&facts.git), marks(&facts.marks)];
    found.extend(authorities(&facts.authorities));
    found.push(proxy(&facts.proxy_variables));
    found
}

fn git(git: &GitFound) -> Diagnosis {
    const WHY: &str = "With git, certctl sees a state that went back in time";
    match git {
        GitFound::Version(version) => Diagnosis::right("git", Words::own("git ").name(version)),
        GitFound::Missing => Diagnosis::look("git", Words::own("git is not installed")).say(WHY),
        GitFound::Failed(why) => {
            Diagnosis::look("git", Words::own("git cannot be asked: ").quoting(why)).say(WHY)
        }
    }
}

fn marks(marks: &Result<String, UnusableFolder>) -> Diagnosis {
    const SUBJECT: &str = "user-folder";
    match marks {
        Ok(folder) => Diagnosis::right(SUBJECT, Words::own("the newest states can be kept in ").name(folder)),
        Err(UnusableFolder { why, open_to_others }) => {
            let words = Words::own("the newest states cannot be kept on this machine: ").quoting(why);
            let diagnosis = Diagnosis::look(SUBJECT, words)
                .say("Without them, a state that went back in time is noticed by git's history alone");
            match open_to_others {
                Some(folder) => {
                    let close = Advice::KeepOthersOut { folder: folder.clone() };
                    diagnosis.run("To let only its owner write there", close)
                }
                None => diagnosis,
            }
        }
    }
}

fn authorities(files: &[AuthorityFile]) -> Vec<Diagnosis> {
    const SUBJECT: &str = "certificate-authorities";
    if files.is_empty() {
        return vec![Diagnosis::right(SUBJECT, Words::own("those of this machine are trusted"))];
    }
    let of_file = |file: &AuthorityFile| {
        let named = match file.path.as_str() {
            "" => Words::own(format!("{} names no file", file.variable)),
            path => Words::own(format!("{} names ", file.variable)).name(path),
        };
        match &file.problem {
            None => Diagnosis::right(SUBJECT, named),
            Some(problem) => {
                let words = named.and(", which cannot be used: ").quoting(problem);
                Diagnosis::wrong(SUBJECT, words).run(
                    "Name a file with the certificates of your network in PEM form, or trust those of this machine",
                    Advice::UnsetVariable { variable: file.variable },
                )
            }
        }
    };
    files.iter().map(of_file).collect()
}

fn proxy(variables: &[&'static str]) -> Diagnosis {
    let words = match variables {
        [] => "no variable names a proxy".to_owned(),
        names => format!("{} {} set", names.join(", "), if names.len() == 1 { "is" } else { "are" }),
    };
    Diagnosis::right("proxy", Words::own(words))
}
