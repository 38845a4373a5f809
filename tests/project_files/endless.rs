//! Files larger than any memory, and endless devices.

use std::fs::{File, create_dir_all};

use crate::project;

/// A sparse file of this length.
fn huge(path: &std::path::Path) {
    create_dir_all(path.parent().unwrap()).unwrap();
    File::create(path).unwrap().set_len(1 << 40).unwrap();
}

#[test]
fn endless_files_are_not_read() {
    let project = project();
    project.apply();
    huge(&project.file("huge"));
    let too_large = "it has more than 1000 MB";
    // An export may be larger: it is read line by line.
    let endless_line = "this line does not end";
    for (arguments, why) in [
        (&["show", "FILE"][..], too_large),
        (&["apply", "FILE"], too_large),
        (&["recover", "--from-csv", "FILE"], endless_line),
        (&["import", "--from-csv", "FILE"], endless_line),
        (&["state", "verify", "FILE"], too_large),
        (&["state", "merge", "FILE", "FILE", "FILE"], too_large),
    ] {
        let of = |file: &str| {
            let arguments: Vec<&str> =
                arguments.iter().map(|word| if *word == "FILE" { file } else { *word }).collect();
            project.run(&arguments).exits(1)
        };
        of("huge").says(why);
        of("/dev/zero").says("it is a pipe, a socket or a device");
    }
}

#[test]
fn oversized_states_and_journals_are_not_read() {
    for file in ["state/sandbox.json", "state/sandbox.json.journal"] {
        let project = project();
        huge(&project.file(file));
        project.run(&["plan"]).exits(1).says("it has more than 1 GB");
        project.run(&["apply", "-y"]).exits(1).says("it has more than 1 GB");
    }
}
