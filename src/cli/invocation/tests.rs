use clap::Parser as _;

use super::super::args::Cli;
use super::*;
use crate::model::TemplateId;

fn of(arguments: &[&str]) -> Invocation {
    let cli = Cli::try_parse_from([&["certctl"], arguments].concat()).unwrap();
    Invocation::new(&cli.global, &cli.command)
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

#[test]
fn commands_keep_folder_and_environment() {
    let here = of(&["plan"]);
    here.works_on("sandbox");
    assert_eq!(here.command(&Advice::Recover { keys: Vec::new() }), "certctl recover");
    // A command that changes a state names the environment.
    assert_eq!(here.command(&Advice::StateRm { keys: vec![key("a")] }), "certctl state rm a -e sandbox");
    let there = of(&["-C", "my academy", "-e", "production", "plan"]);
    there.works_on("production");
    assert_eq!(there.command(&Advice::StateList), "certctl -C 'my academy' state list -e production");
    assert_eq!(there.command(&Advice::Init), "certctl -C 'my academy' init");
    let other = Advice::ApplyPlan { file: "p".into(), environment: Some("test".to_owned()) };
    assert_eq!(there.command(&other), "certctl -C 'my academy' apply p -e test");
}

#[test]
fn keys_like_flags_come_after_dashes() {
    let invocation = of(&["-C", "a", "plan"]);
    let created = Settling::Created(TemplateId::from_server("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"));
    let settle = Advice::Settle { key: Some(key("-x")), how: created };
    assert_eq!(
        invocation.command(&settle),
        "certctl -C a recover --created 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 -- -x"
    );
    let moved = Advice::StateMv { from: key("--a b"), to: key("c") };
    assert_eq!(invocation.command(&moved), "certctl -C a state mv -- '--a b' c");
    assert_eq!(
        invocation.command(&Advice::PlanOut { file: "-out".into(), like: None }),
        "certctl -C a plan --out=-out"
    );
}

#[test]
fn repeated_command_keeps_the_choice() {
    let again = |arguments: &[&str], auto_approve, max_changes| {
        let invocation = of(arguments);
        invocation.works_on("test");
        let command = invocation.command(&Advice::Again { auto_approve, max_changes });
        let words: Vec<String> = command.split(' ').map(|word| word.trim_matches('\'').to_owned()).collect();
        assert!(Cli::try_parse_from(&words).is_ok(), "{command}");
        command
    };
    assert_eq!(
        again(&["--var", "a=b c", "apply", "--target", "a*", "--allow-empty"], true, None),
        "certctl apply --target 'a*' --allow-empty --auto-approve --var 'a=b c' -e test"
    );
    assert_eq!(
        again(&["plan", "--out", "p", "--exclude=-a", "--max-changes", "5"], false, Some(99)),
        "certctl plan --exclude=-a --out p --max-changes 99"
    );
    assert_eq!(again(&["apply", "p"], false, Some(9)), "certctl apply p --max-changes 9 -e test");
    assert_eq!(
        again(&["state", "rm", "a*", "b"], true, None),
        "certctl state rm 'a*' b --auto-approve -e test"
    );
    assert_eq!(
        again(&["--var", "a=b", "import", "a", "8f14e45f"], true, None),
        "certctl import a 8f14e45f --auto-approve --var a=b -e test"
    );
}
