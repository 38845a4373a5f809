//! `certctl preview`: what is drawn where, and which files are written.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod support;

use std::collections::BTreeMap;
#[cfg(feature = "pictures")]
use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use support::{Project, Template, numbered};

const FIELDS: [&str; 2] = ["f6fadfa7-e5c1-4b62-9362-da5cc13da58a", "2c63888f-28f0-4481-be6d-dce7a7ace732"];

/// A project that needs neither a server nor a key.
fn project(templates: &[Template]) -> Project {
    let project = Project::empty();
    project.configure("https://academy.example.com", "");
    project.templates(templates);
    project
}

fn with_labels(template: Template, labels: &[(&str, i64, i64)]) -> Template {
    let labels: Vec<Value> = labels
        .iter()
        .map(|(field, x, y)| json!({"certificateFieldId": field, "x": x, "y": y, "fontSize": 20, "fontColor": "#12324a"}))
        .collect();
    template.with(&format!("labels: {}", Value::from(labels)))
}

/// A PNG file of one colour.
fn image(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> = [20, 120, 60].repeat((width * height) as usize);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

/// Width, height and pixels of a PNG file.
#[cfg(feature = "pictures")]
fn pixels(path: &Path) -> (u32, u32, Vec<u8>) {
    let mut reader =
        png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap())).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    (reader.info().width, reader.info().height, pixels)
}

#[cfg(feature = "pictures")]
fn names(project: &Project, folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(project.file(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// x and y in a drawing's attributes, and the real position of the text.
type Drawn = ([i32; 2], [f64; 2]);

/// The labels of a drawing, by field.
fn drawn(svg: &str) -> BTreeMap<String, Drawn> {
    let tree = roxmltree::Document::parse(svg).unwrap();
    let labels = tree.descendants().filter(|node| node.has_attribute("data-field"));
    let labels = labels.map(|label| {
        let is_text =
            |node: &roxmltree::Node<'_, '_>| node.has_tag_name("text") && !node.has_attribute("class");
        let text = label.children().find(is_text).unwrap();
        let said = ["data-x", "data-y"].map(|name| label.attribute(name).unwrap().parse().unwrap());
        let real = ["x", "y"].map(|name| text.attribute(name).unwrap().parse().unwrap());
        (label.attribute("data-field").unwrap().to_owned(), (said, real))
    });
    labels.collect()
}

#[test]
fn labels_are_drawn_at_their_position() {
    let first = with_labels(Template::number(1), &[(FIELDS[0], 120, 300), (FIELDS[1], 40, 700)]);
    let second = with_labels(Template::number(2), &[(FIELDS[0], 0, 0)]);
    let project = project(&[first.with("asset_size: 1000x800"), second]);
    project.run(&["preview", "--out", "drawings"]).exits(0).says("Drew 2 templates").says("index.html");
    let plan = project.plan_json();
    for action in plan["actions"].as_array().unwrap() {
        let svg = project.read(&format!("drawings/{}.svg", action["key"].as_str().unwrap()));
        let drawn = drawn(&svg);
        let labels = action["after"]["labels"].as_array().unwrap();
        assert_eq!(drawn.len(), labels.len());
        for label in labels {
            let ([x, y], [text_x, base]) = drawn[label["certificateFieldId"].as_str().unwrap()];
            assert_eq!((json!(x), json!(y)), (label["x"].clone(), label["y"].clone()));
            // A line of this font is 24 pixels high.
            assert!((text_x - f64::from(x)).abs() < 0.01, "{label}");
            assert!(base > f64::from(y) && base < f64::from(y) + 24.0, "{label}");
        }
    }
}

#[test]
fn example_layouts_are_recognisable() {
    let academy = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/academy");
    let mut project = Project::empty();
    project.set_env("COLUMNS", "80");
    for (layout, key) in [
        ("landscape", "cloud-201-networking"),
        ("portrait", "path-data-engineer"),
        ("badge", "partner-solution-seller"),
    ] {
        let run = project.run(&["-C", academy.to_str().unwrap(), "preview", key]).exits(0);
        insta::assert_snapshot!(layout, run.stdout);
    }
}

#[test]
fn terminal_drawing_says_what_is_wrong() {
    let labels = [(FIELDS[0], 300, 100), (FIELDS[1], 900, 100)];
    let template = with_labels(Template::number(1), &labels).with("asset_size: { width: 600, height: 400 }");
    let mut project = project(&[template, Template::number(2)]);
    project.set_env("COLUMNS", "60");
    let before = project.snapshot();
    let run = project.run(&["preview", "t-001"]).exits(0);
    insta::assert_snapshot!(run.stdout);
    assert_eq!(run.stderr, "");
    assert_eq!(project.snapshot(), before);
    project.run(&["preview", "t-*"]).exits(0).says("t-002").says("no labels");
}

#[test]
fn unknown_keys_and_findings_stop_it() {
    let project = project(&numbered(1..=2));
    project
        .run(&["preview", "t-01"])
        .exits(1)
        .says("no template in the configuration matches t-01 (did you mean t-001?)");
    project.run(&["preview", "["]).exits(1).says("is not a key or a glob");
    project.run(&["preview", "--png"]).exits(1).says("--out");
    for scale in ["0", "-1"] {
        let run = project.run(&["preview", "--out", "drawings", "--png", "--scale", scale]);
        run.exits(1).says("from 0.01 to 20");
    }
    project.templates(&[Template::number(1).with("titel: x")]);
    project.run(&["preview", "--out", "drawings"]).exits(1).says("did you mean title?");
    assert!(!project.file("drawings").exists());
}

#[cfg(not(feature = "pictures"))]
#[test]
fn build_without_pictures_says_so() {
    let project = project(&[with_labels(Template::number(1), &[(FIELDS[0], 100, 100)])]);
    let before = project.snapshot();
    let run = project
        .run(&["preview", "--out", "drawings", "--png", "--scale", "2", "--fonts", "nowhere"])
        .exits(1);
    assert_eq!(
        run.stderr,
        "error: --png: this build of certctl has no pictures, so it writes no PNG files: leave out --png, and open the SVG \
         files or index.html in a browser\n"
    );
    assert_eq!(project.snapshot(), before);
    project.run(&["preview", "--out", "drawings"]).exits(0).says("Drew 1 template. Open drawings/index.html");
    assert!(project.read("drawings/t-001.svg").contains("<svg"));
}

#[cfg(feature = "pictures")]
#[test]
fn picture_size_is_sheet_times_scale() {
    let template = with_labels(Template::number(1), &[(FIELDS[0], 100, 100)]).with("asset_size: 1000x500");
    let project = project(&[template]);
    // 2 % of the longer side is left around the sheet.
    for (arguments, size) in
        [(&[][..], (1040, 540)), (&["--scale", "0.5"][..], (520, 270)), (&["--scale", "2"][..], (2080, 1080))]
    {
        project.run(&[&["preview", "--out", "drawings", "--png"], arguments].concat()).exits(0);
        let (width, height, pixels) = pixels(&project.file("drawings/t-001.png"));
        assert_eq!((width, height), size);
        let colours: BTreeSet<&[u8]> = pixels.chunks(3).collect();
        assert!(colours.len() > 3, "the picture is blank");
    }
    project.run(&["preview", "--out", "drawings", "--png", "--scale", "20"]).exits(0).says("too much memory");
    let (width, height, _) = pixels(&project.file("drawings/t-001.png"));
    assert!(width * height <= 16_000_000);
    project
        .run(&["preview", "--out", "drawings", "--png", "--fonts", "nowhere"])
        .exits(1)
        .says("no such folder");
}

#[cfg(feature = "pictures")]
#[test]
fn hostile_keys_and_titles_are_escaped() {
    let hostile = [
        ("../../escape", "<script>alert(1)</script>"),
        ("CON", "\\\"><img src=x onerror=alert(1)>"),
        ("con", "]]></title></svg>"),
        ("a/b", "\\u001b[2J\\u0007\\u202e"),
        ("a\\\\b", "&lt;b&gt; <!-- --> {{7*7}}"),
        ("日本 ✓", "x"),
        ("-rf", "index"),
        ("index", "index"),
    ];
    let long = "x".repeat(200);
    let mut templates: Vec<Template> = hostile
        .iter()
        .zip(1..)
        .map(|((key, title), number)| {
            let template = Template::number(number).keyed(&format!("\"{key}\"")).titled(title);
            with_labels(template, &[(FIELDS[0], 10, 10)])
        })
        .collect();
    templates.push(Template::number(90).keyed(&long).titled(&"y".repeat(100_000)));
    let project = project(&templates);
    project.write(
        "certctl.toml",
        project.read("certctl.toml")
            + &format!(
                "[environments.test.vars]\nname = \"{}\"\n[fields]\nname = \"courseLabel\"\n",
                FIELDS[0]
            ),
    );
    let run = project.run(&["preview", "-v"]).exits(0);
    assert!(!run.stdout.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')));
    let before = project.snapshot();
    project.run(&["preview", "--out", "drawings/deep", "--png", "--scale", "0.1"]).exits(0);
    let written = names(&project, "drawings/deep");
    assert_eq!(written.len(), 2 * templates.len() + 1, "{written:?}");
    let lower: BTreeSet<String> = written.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(lower.len(), written.len());
    let elsewhere =
        project.snapshot().into_keys().filter(|path| !path.starts_with(project.file("drawings/deep")));
    assert!(elsewhere.eq(before.into_keys()));
    for name in written.iter().filter(|name| name.contains(".svg")) {
        let svg = project.read(&format!("drawings/deep/{name}"));
        let tree = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!tree.descendants().any(|node| node.has_tag_name("script") || node.has_tag_name("img")));
    }
    let page = project.read("drawings/deep/index.html");
    assert!(page.contains("content=\"default-src &#39;none&#39;;"));
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(
        !page.contains("<img") && !page.contains("onerror=alert(1)>\n<") && page.contains("&#60;script&#62;")
    );
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'));
    for name in written.iter().filter(|name| *name != "index.html") {
        assert!(page.contains(&format!("href=\"{name}\"")), "{name}");
    }
}

#[cfg(feature = "pictures")]
#[test]
fn only_earlier_previews_are_overwritten() {
    let project = project(&[with_labels(Template::number(1), &[(FIELDS[0], 1, 2)]), Template::number(2)]);
    for (name, content) in [
        ("t-001.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".as_bytes()),
        ("index.html", b"<!doctype html>mine"),
        ("t-002.png", &image(3, 3)),
    ] {
        project.write(&format!("mine/{name}"), content);
        let before = project.snapshot();
        project.run(&["preview", "--out", "mine", "--png"]).exits(1).says(name).says("nothing was written");
        assert_eq!(project.snapshot(), before);
        std::fs::remove_file(project.file("mine").join(name)).unwrap();
    }
    project.write("mine/other.svg", "<svg/>");
    project.run(&["preview", "--out", "mine", "--png"]).exits(0);
    let first = project.snapshot();
    project.run(&["preview", "--out", "mine", "--png"]).exits(0);
    assert_eq!(project.snapshot(), first, "the same templates make the same files");
    project.templates(&[Template::number(2)]);
    project
        .run(&["preview", "--out", "mine"])
        .exits(0)
        .says("t-001.png and 2 more of an earlier preview was left alone");
    assert!(project.file("mine/t-001.svg").exists());
    assert!(!names(&project, "mine").iter().any(|name| name.contains("tmp")));
}

fn with_asset(number: u32, asset: &str) -> Template {
    with_labels(Template::number(number), &[(FIELDS[0], 10, 10)]).with(&format!("asset: {asset}"))
}

#[cfg(feature = "pictures")]
#[test]
fn background_image_sets_the_sheet_size() {
    let sized = with_asset(2, "https://cdn.example.com/a/sheet%20one.png?v=3").with("asset_size: 800x600");
    let project = project(&[with_asset(1, "https://cdn.example.com/b/sheet%20one.png"), sized]);
    project.write("images/sheet one.png", image(300, 200));
    let run = project.run(&["preview", "--assets", "images", "--out", "drawings", "--png"]).exits(0);
    assert!(
        run.stderr.contains("sheet one.png is 300 × 200 px, and the YAML says 800 × 600 px"),
        "{}",
        run.stderr
    );
    let svg = project.read("drawings/t-001.svg");
    assert!(
        svg.contains("href=\"data:image/png;base64,iVBOR")
            && svg.contains("<rect class=\"sheet\" x=\"0\" y=\"0\" width=\"300\"")
    );
    let (width, height, pixels) = pixels(&project.file("drawings/t-001.png"));
    assert_eq!((width, height), (312, 212));
    let green = pixels.chunks(3).filter(|pixel| *pixel == [20, 120, 60]).count();
    assert!(green > 300 * 200 / 2, "{green}");
    let page = project.read("drawings/index.html");
    assert_eq!(page.matches("data:image/png").count(), 1, "each image is on the page once");
    assert_eq!(page.matches("<use href=\"#background-1\"").count(), 2);
    project.run(&["preview", "--assets", "images", "t-001"]).exits(0).says("300 × 200 px, from the image");
}

#[test]
fn unavailable_image_is_named_and_left_out() {
    let addresses = [
        "https://cdn.example.com/missing.png",
        "https://cdn.example.com/..%2Foutside.png",
        "https://cdn.example.com/link.png",
        "https://cdn.example.com/folder.png",
        "https://cdn.example.com/drawing.png",
        "https://cdn.example.com/text.png",
        "https://cdn.example.com/vast.png",
    ];
    let templates: Vec<Template> =
        addresses.iter().zip(1..).map(|(asset, number)| with_asset(number, asset)).collect();
    let project = project(&templates);
    project.write("outside.png", image(10, 10));
    project.write("images/drawing.png", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    project.write("images/text.png", "not an image");
    project.write("images/folder.png/x", "");
    let mut vast = image(10, 10);
    vast[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    project.write("images/vast.png", vast);
    #[cfg(unix)]
    std::os::unix::fs::symlink("../outside.png", project.file("images/link.png")).unwrap();
    let run = project.run(&["preview", "--assets", "images", "--out", "drawings"]).exits(0);
    let said = [
        "missing.png is not there: drawn without it (t-001)",
        "%2Foutside.png does not end with the name of a file (t-002)",
        #[cfg(unix)]
        "link.png is a link that leads out of the folder",
        "folder.png is a directory",
        "drawing.png is an SVG drawing",
        "text.png is not a PNG, JPEG, GIF or WebP image",
        "vast.png is 16384 × 16384 px",
    ];
    for text in said {
        assert!(run.stderr.contains(text), "not said: {text:?}\n{}", run.stderr);
    }
    assert!(!project.read("drawings/index.html").contains("data:image"));
    project.run(&["preview", "--assets", "nowhere"]).exits(1).says("--assets nowhere");
}
