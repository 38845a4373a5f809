//! Finds out who runs this command, and from where: from the variables that pipelines set. Outside of a pipeline it is
//! the user; git is not asked.

use crate::config::secret_address::has_key_in_address;
use crate::model::GivenKeys;
use crate::state::Provenance;

/// Variables of our own, for pipelines that certctl does not know. They come before those of a pipeline.
const COMMIT: &str = "CERTCTL_COMMIT";
const ACTOR: &str = "CERTCTL_ACTOR";
const RUN_URL: &str = "CERTCTL_RUN_URL";

/// Returns who runs this process. A text that contains a secret is not kept.
pub(super) fn provenance(keys: &GivenKeys) -> Option<Provenance> {
    of_variables(&|name| std::env::var(name).ok(), keys)
}

/// Returns the user's name, as the system's variables say it.
pub(super) fn user() -> Option<String> {
    user_by(&|name| std::env::var(name).ok())
}

fn user_by(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    variable("USER").or_else(|| variable("USERNAME"))
}

fn of_variables(variable: &dyn Fn(&str) -> Option<String>, keys: &GivenKeys) -> Option<Provenance> {
    // Pipelines set inputs that were not given to an empty text.
    let value = |name: &str| variable(name).filter(|text| !text.trim().is_empty() && !keys.are_in(text));
    let [mut actor, mut commit, mut run_url] = if value("GITHUB_SHA").is_some() {
        [value("GITHUB_ACTOR"), value("GITHUB_SHA"), github_run(&value)]
    } else if value("CI_COMMIT_SHA").is_some() {
        let run = value("CI_JOB_URL").or_else(|| value("CI_PIPELINE_URL"));
        [value("GITLAB_USER_LOGIN"), value("CI_COMMIT_SHA"), run]
    } else {
        [None, None, None]
    };
    for (own, name) in [(&mut actor, ACTOR), (&mut commit, COMMIT), (&mut run_url, RUN_URL)] {
        *own = value(name).or(own.take());
    }
    let run_url = run_url.filter(|url| !has_key_in_address(url));
    if commit.is_none() && run_url.is_none() {
        actor = actor.or_else(|| user_by(&value));
    }
    Provenance::of(actor.as_deref(), commit.as_deref(), run_url.as_deref())
}

fn github_run(value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let server = value("GITHUB_SERVER_URL")?;
    Some(format!("{server}/{}/actions/runs/{}", value("GITHUB_REPOSITORY")?, value("GITHUB_RUN_ID")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Option<[Option<String>; 3]> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let keys = GivenKeys::new(["k3y-Of-an-academy-0123456789".to_owned()]);
        let found = of_variables(&variable, &keys)?;
        Some([found.actor(), found.commit(), found.run_url()].map(|text| text.map(str::to_owned)))
    }

    fn parts(texts: [&str; 3]) -> [Option<String>; 3] {
        texts.map(|text| (!text.is_empty()).then(|| text.to_owned()))
    }

    const GITHUB: [(&str, &str); 6] = [
        ("USER", "runner"),
        ("GITHUB_SHA", "0a1b2c"),
        ("GITHUB_ACTOR", "ann"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/academy"),
        ("GITHUB_RUN_ID", "42"),
    ];

    #[test]
    fn pipelines_tell_who_and_from_where() {
        let run = "https://github.com/acme/academy/actions/runs/42";
        assert_eq!(found(&GITHUB), Some(parts(["ann", "0a1b2c", run])));
        let gitlab = [
            ("CI_COMMIT_SHA", "3d4e5f"),
            ("GITLAB_USER_LOGIN", "bob"),
            ("CI_PIPELINE_URL", "https://gitlab.example.com/p/1"),
        ];
        assert_eq!(found(&gitlab), Some(parts(["bob", "3d4e5f", "https://gitlab.example.com/p/1"])));
        let job = ("CI_JOB_URL", "https://gitlab.example.com/j/2");
        let with_job: Vec<_> = gitlab.into_iter().chain([job]).collect();
        assert_eq!(found(&with_job), Some(parts(["bob", "3d4e5f", "https://gitlab.example.com/j/2"])));
    }

    #[test]
    fn own_variables_come_first() {
        let own: Vec<_> =
            GITHUB.into_iter().chain([("CERTCTL_ACTOR", "carol"), ("CERTCTL_COMMIT", "")]).collect();
        let run = "https://github.com/acme/academy/actions/runs/42";
        assert_eq!(found(&own), Some(parts(["carol", "0a1b2c", run])));
        let jenkins = [("USER", "jenkins"), ("CERTCTL_RUN_URL", "https://ci.example/job/7")];
        assert_eq!(found(&jenkins), Some(parts(["", "", "https://ci.example/job/7"])));
    }

    #[test]
    fn outside_of_pipelines_it_is_the_user() {
        assert_eq!(found(&[("USER", "ann")]), Some(parts(["ann", "", ""])));
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn secrets_are_not_kept() {
        let address = "https://ci.example/?token=0123456789abcdef";
        assert_eq!(found(&[("CERTCTL_RUN_URL", address), ("USER", "ann")]), Some(parts(["ann", "", ""])));
        assert_eq!(found(&[("CERTCTL_ACTOR", "k3y-Of-an-academy-0123456789")]), None);
    }
}
