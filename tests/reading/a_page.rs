//! The HTML page.

use super::*;

#[test]
fn names_titles_and_keeps_commands_whole() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 2);
    project.templates(&[Template::number(2)]);
    let told = Statement::plan(&project, &["-e", "test"]);
    assert!(told.html.contains("<span class=\"title\">&#34;Title 001&#34;</span>"), "{}", told.html);
    assert!(told.html.contains(": delete &#34;Title 001&#34; (id "), "{}", told.html);
    assert!(
        told.html.contains("<code class=\"command\">certctl state rm t-001 -e test</code>"),
        "{}",
        told.html
    );
    project.templates(&numbered(2..=3));
    let run = apply_told(&project);
    assert!(run.html.contains("<span class=\"title\">&#34;Title 003&#34;</span>"), "{}", run.html);
    assert!(run.markdown.contains("Title 003"), "{}", run.markdown);
    assert_eq!(run.json["results"][0]["title"], "Title 003");
}

#[test]
fn with_one_card_shows_it() {
    let sandbox = Sandbox::start(&[]);
    let alike = |days: u32| -> Vec<Template> {
        let expires = |template: Template| template.with(&format!("expirationDays: {days}"));
        numbered(1..=60).into_iter().map(expires).collect()
    };
    let project = Project::on(&sandbox, "");
    project.templates(&alike(365));
    project.apply().exits(0);
    project.templates(&alike(730));
    let told = Statement::plan(&project, &[]);
    assert_eq!(told.html.matches("<details class=\"item").count(), 1);
    assert!(told.html.contains("data-templates=\"60\" open>"), "{}", told.html);
    assert!(!told.html.contains("class=\"title\""), "each has its own: {}", told.html);
}
