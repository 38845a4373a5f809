//! The pictures of the README: certificates before and after a change, its plan in the terminal, and the comment on its pull
//! request. They are made of what the real program prints about the example academy.
//!
//! `CERTCTL_UPDATE_README=1 cargo test --test readme` makes them anew.

use std::fs;
use std::sync::LazyLock;

use pulldown_cmark::{Options, Parser, html};

use crate::steady::steady;
use crate::workshop::Workshop;
use crate::{root, text};

/// The change that all pictures show.
const CHANGE: &str = r"
cat > academy/templates/observability.yaml <<'END'
templates:
  cloud-330-observability:
    layout: landscape
    title: Cloud 330 – Observability
    resourceType: course
    resourceId: 5f0c54ab-1c9f-4dbb-a6ad-5cf6ee3e1d01
    expirationDays: 730
END
sed -i '/title: Cloud 101 – Foundations$/c\    title: Cloud 101 – Foundations of the Cloud\n    expirationDays: 1095\n    adjust: { field_learner_name: { y: 412, fontSize: 80 } }' academy/templates/cloud.yaml
";

/// What the program says about the change.
struct Change {
    /// The drawings of the certificate.
    before: String,
    after: String,
    /// The plan as a terminal shows it.
    plan: String,
    /// The comment on the pull request, in Markdown.
    comment: String,
}

static MADE: LazyLock<Change> = LazyLock::new(|| {
    let workshop = Workshop::new();
    workshop.prepare(
        "cp -r examples/academy academy\nsed -i 's|../../state/|state/|' academy/certctl.toml\ncertctl -C academy apply --auto-approve",
    );
    let draw = |folder: &str| {
        workshop.run(&format!(
            "certctl -C academy preview cloud-101 --assets academy/images --out {folder} >/dev/null 2>&1; cat {folder}/cloud-101.svg"
        ))
    };
    let before = draw("before");
    workshop.prepare(CHANGE);
    Change {
        before,
        after: draw("after"),
        plan: workshop.run("certctl -C academy plan --color always --report markdown=comment.md"),
        comment: workshop.run("cat comment.md"),
    }
});

/// Checks that a picture is the one in docs/pictures, and that it is XML; or makes it anew.
#[track_caller]
fn is_current(name: &str, picture: &str) {
    roxmltree::Document::parse(picture).unwrap_or_else(|error| panic!("{name}: {error}"));
    let path = root().join("docs/pictures").join(name);
    if std::env::var_os("CERTCTL_UPDATE_README").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, picture).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        steady(&there) == steady(picture),
        "docs/pictures/{name} is not what the program shows: CERTCTL_UPDATE_README=1 cargo test --test readme makes it anew"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The drawing without its frame, which begins at the top left, and with the background by reference.
fn inner(drawing: &str) -> (String, String) {
    let (_, rest) = drawing.split_once("</desc>").unwrap();
    let body = rest.rsplit_once("</svg>").unwrap().0;
    let start = body.find("<image ").unwrap();
    let end = start + body[start..].find("/>").unwrap() + 2;
    let image = body[start..end].replacen("<image ", "<image id=\"sheet\" ", 1);
    (format!("{}<use href=\"#sheet\"/>{}", &body[..start], &body[end..]), image)
}

#[test]
fn drawings_before_and_after_are_current() {
    let (before, image) = inner(&MADE.before);
    let (after, same) = inner(&MADE.after);
    assert_eq!(image, same, "both are on the same background");
    let caption = |x: u32, words: &str| {
        format!(
            "<text x=\"{x}\" y=\"60\" font-size=\"46\" font-weight=\"bold\" fill=\"#57606a\" text-anchor=\"middle\">{words}</text>"
        )
    };
    is_current(
        "certificate.svg",
        &format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 3460 1240\" width=\"1000\" height=\"358\" \
             font-family=\"'DejaVu Sans', Verdana, Arial, Helvetica, sans-serif\">\n\
             <title>The certificate of cloud-101 before and after the change</title>\n<defs>{image}</defs>\n\
             <rect width=\"3460\" height=\"1240\" rx=\"24\" fill=\"#eaeef2\"/>\n{}{}\n\
             <g transform=\"translate(40 80)\">{before}</g>\n\
             <path d=\"M1672 645h100m-40-44 44 44-44 44\" fill=\"none\" stroke=\"#57606a\" stroke-width=\"18\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>\n\
             <g transform=\"translate(1820 80)\">{after}</g>\n</svg>\n",
            caption(840, "before"),
            caption(2620, "after")
        ),
    );
}

/// The look of a piece of terminal output.
#[derive(Clone, Copy, Default)]
struct Look {
    colour: Option<&'static str>,
    bold: bool,
    underlined: bool,
}

impl Look {
    /// After this parameter of an escape sequence.
    fn after(self, code: &str) -> Self {
        match code {
            "" | "0" => Self::default(),
            "1" => Self { bold: true, ..self },
            "4" => Self { underlined: true, ..self },
            "2" | "90" => Self { colour: Some("#8b949e"), ..self },
            "31" | "91" => Self { colour: Some("#ff7b72"), ..self },
            "32" | "92" => Self { colour: Some("#7ee787"), ..self },
            "33" | "93" => Self { colour: Some("#f2cc60"), ..self },
            "34" | "94" => Self { colour: Some("#79c0ff"), ..self },
            "35" | "95" => Self { colour: Some("#d2a8ff"), ..self },
            "36" | "96" => Self { colour: Some("#76e3ea"), ..self },
            other => panic!("the picture of a terminal does not know the colour {other}"),
        }
    }

    fn span(self, words: &str) -> String {
        let colour = self.colour.map(|colour| format!(" fill=\"{colour}\"")).unwrap_or_default();
        let bold = if self.bold { " font-weight=\"bold\"" } else { "" };
        let line = if self.underlined { " text-decoration=\"underline\"" } else { "" };
        format!("<tspan{colour}{bold}{line}>{}</tspan>", escaped(words))
    }
}

/// A line of terminal output as spans.
fn spans(line: &str, look: &mut Look) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut text = look.span(parts.next().unwrap());
    for part in parts {
        let (codes, words) = part.split_once('m').unwrap();
        *look = codes.split(';').fold(*look, Look::after);
        if !words.is_empty() {
            text.push_str(&look.span(words));
        }
    }
    text
}

#[test]
fn plan_in_the_terminal_is_current() {
    const LINE: usize = 22;
    let typed = "$ certctl plan";
    let lines: Vec<&str> = std::iter::once(typed).chain(MADE.plan.lines()).collect();
    let height = lines.len() * LINE + 70;
    let mut look = Look::default();
    let mut body = String::new();
    for (number, line) in lines.iter().enumerate() {
        let y = 62 + number * LINE;
        body.push_str(&format!(
            "<text x=\"22\" y=\"{y}\" xml:space=\"preserve\">{}</text>\n",
            spans(line, &mut look)
        ));
    }
    let lights = [(24, "#ff5f57"), (46, "#febc2e"), (68, "#28c840")]
        .map(|(x, colour)| format!("<circle cx=\"{x}\" cy=\"22\" r=\"7\" fill=\"{colour}\"/>"));
    is_current(
        "plan.svg",
        &format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 1000 {height}\" width=\"1000\" height=\"{height}\" \
             font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"15\" fill=\"#e6edf3\">\n\
             <title>certctl plan</title>\n<rect width=\"1000\" height=\"{height}\" rx=\"10\" fill=\"#0d1117\"/>\n{}\n{body}</svg>\n",
            lights.concat()
        ),
    );
}

const STYLE: &str = "\
div { font: 15px/1.5 -apple-system, BlinkMacSystemFont, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; color: #1f2328; }
.frame { border: 1px solid #d1d9e0; border-radius: 8px; background: #ffffff; overflow: hidden; }
.head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; color: #59636e; }
.head b { color: #1f2328; }
.body { padding: 4px 16px 12px; }
h3 { font-size: 19px; margin: 12px 0; }
table { border-collapse: collapse; margin: 12px 0; }
td, th { border: 1px solid #d1d9e0; padding: 4px 13px; }
code { background: #eff1f3; border-radius: 6px; padding: 2px 5px; font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
pre { background: #f6f8fa; border-radius: 6px; padding: 12px; margin: 10px 0; line-height: 1.45; }
pre code { background: none; padding: 0; display: block; }
pre .add { background: #dafbe1; color: #116329; }
pre .gone { background: #ffebe9; color: #82071e; }
pre .other { background: #fff8c5; color: #7d4e00; }
pre span { display: block; }
p { margin: 10px 0; }
";

/// The lines of a difference in their colours, as forges show them.
fn coloured(page: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in page.split_inclusive('\n') {
        let mut rest = line;
        if let Some((before, first)) = line.split_once("<code class=\"language-diff\">") {
            text.push_str(&format!("{before}<code>"));
            inside = true;
            rest = first;
        }
        if inside && rest.starts_with("</code>") {
            inside = false;
        }
        let class = match rest.chars().next() {
            Some('+') => "add",
            Some('-') => "gone",
            Some('!') => "other",
            _ => "",
        };
        if inside {
            text.push_str(&format!("<span class=\"{class}\">{}</span>", rest.trim_end()));
        } else {
            text.push_str(rest);
        }
    }
    text
}

#[test]
fn comment_on_the_pull_request_is_current() {
    let comment = MADE.comment.replacen("<details>", "<details open=\"open\">", 1);
    let mut page = String::new();
    html::push_html(&mut page, Parser::new_ext(&comment, Options::ENABLE_TABLES));
    let page = coloured(&page);
    let height = 516;
    is_current(
        "comment.svg",
        &format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 1000 {height}\" width=\"1000\" height=\"{height}\">\n\
             <title>The comment on the pull request</title>\n<style>{STYLE}</style>\n\
             <foreignObject x=\"0\" y=\"0\" width=\"1000\" height=\"{height}\"><div xmlns=\"http://www.w3.org/1999/xhtml\" class=\"frame\">\
             <div class=\"head\"><b>github-actions</b> commented</div><div class=\"body\">\n{page}</div></div></foreignObject>\n</svg>\n"
        ),
    );
}

#[test]
fn background_has_the_size_of_its_layout() {
    let bytes = fs::read(root().join("examples/academy/images/landscape.png")).unwrap();
    let size = |from: usize| u32::from_be_bytes(bytes[from..from + 4].try_into().unwrap());
    assert!(
        text("examples/academy/templates/layouts.yaml").contains("canvas: { width: 1600, height: 1131 }")
    );
    assert_eq!((size(16), size(20)), (1600, 1131));
}
