//! What `doctor` advises, in an environment that is not the default one.

use crate::scene::{KEYS, Scene};
use crate::support::Sandbox;

#[test]
fn advice_of_doctor_can_be_pasted() {
    let mut scene = Scene::new(Sandbox::start(&["--fault", "bulk:1:reset-after"]), "batch_size = 1");
    scene.templates(&KEYS[..3]);
    let _ = scene.run(&["apply", "-y"]).exits(4);
    scene.write("templates/b.yaml", "templates:\n  b: { title: 7 }\n");
    let _ = scene.run(&["doctor"]).exits(1).says("To settle them").says("To see each with its line");
    let _ = scene.run(&["doctor", "--json"]).exits(1);
    let pasted = scene.paste();
    assert!(pasted.iter().any(|command| command.contains(" recover ")), "{pasted:?}");
    assert!(pasted.iter().any(|command| command.contains(" validate ")), "{pasted:?}");
}
