//! The contents and order of `--help`.

use crate::support::{Run, certctl};

fn help(arguments: &[&str]) -> String {
    Run::of(certctl().args(arguments).arg("--help").output().unwrap()).exits(0).stdout
}

#[test]
fn own_options_come_first() {
    for (arguments, own) in [
        (&["plan"][..], "--out"),
        (&["apply"], "--auto-approve"),
        (&["recover"], "--resend"),
        (&["state", "rm"], "--auto-approve"),
    ] {
        let text = help(arguments);
        let (options, global) = text.split_once("\nGlobal options:\n").unwrap();
        let (global, _examples) = global.split_once("\nExample").unwrap();
        assert!(options.contains(own) && !global.contains(own), "{text}");
        for flag in ["--chdir", "--env", "--var", "--lock-timeout", "--quiet"] {
            assert!(global.contains(flag) && !options.contains(flag), "{flag}: {text}");
        }
    }
}

#[test]
fn exit_codes_are_at_the_end() {
    let text = help(&[]);
    let (_, codes) = text.split_once("\nExit codes:\n").unwrap();
    let listed: Vec<&str> = codes.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(listed, ["0", "1", "2", "3", "4", "5", "6", "130"]);
}

#[test]
fn negative_number_is_a_wrong_value() {
    for arguments in [
        ["plan", "--max-changes"],
        ["apply", "--max-changes"],
        ["plan", "--max-bytes"],
        ["apply", "--lock-timeout"],
        ["sandbox", "--rate-limit"],
    ] {
        let run = Run::of(certctl().args(arguments).arg("-1").output().unwrap()).exits(1);
        assert!(!run.stderr.contains("-- -1") && !run.stderr.contains("found in string"), "{}", run.stderr);
        run.says(&format!("invalid value '-1' for '{}", arguments[1]));
    }
}
