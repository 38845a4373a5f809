//! What a shared state costs: the requests to the store for each request to the academy, and the time that they take.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::proxy::{Kind, Passed, Proxy};
use crate::stores::{behind_a_proxy, through};
use crate::support::{Project, Sandbox, numbered};

/// The requests about one part of a state, such as `.journal`; the state's own object is the empty part.
fn about<'p>(passed: &'p [Passed], kind: Kind, part: &'p str) -> impl Iterator<Item = &'p Passed> {
    passed.iter().filter(move |request| {
        let path = request.target.split('?').next().unwrap_or_default();
        let (_, of_the_state) = path.split_once(".json").unwrap_or_default();
        let is_about = if part.is_empty() { of_the_state.is_empty() } else { of_the_state.starts_with(part) };
        request.kind == kind && is_about
    })
}

fn count(passed: &[Passed], kind: Kind, part: &str) -> usize {
    about(passed, kind, part).count()
}

/// Makes this project address rows by their id: one row in each request that creates.
fn by_id(project: &Project) {
    let config = project.read("certctl.toml");
    project.write(
        "certctl.toml",
        config.replace("requests_per_minute", "addressing = \"id\"\nrequests_per_minute"),
    );
}

#[test]
fn one_write_before_each_request_and_one_after() {
    let Some((bucket, proxy)) = behind_a_proxy() else { return };
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let ann = through(&proxy, &bucket, &sandbox);
    by_id(&ann);
    ann.templates(&numbered(1..=1));
    ann.apply().exits(0);
    proxy.take_passed();
    ann.templates(&numbered(1..=6));
    ann.apply().exits(0);
    let (passed, requests) = (proxy.take_passed(), sandbox.requests().len() - 1);
    assert_eq!(requests, 5);
    assert_eq!(count(&passed, Kind::Put, ".journal"), 2 * requests, "{passed:#?}");
    assert_eq!(count(&passed, Kind::Head, ""), requests, "{passed:#?}");
    // The epoch and the state; its version; the lock, taken and released, and what names the first record.
    assert_eq!(count(&passed, Kind::Put, ""), 2, "{passed:#?}");
    assert_eq!(count(&passed, Kind::Put, ".history"), 1, "{passed:#?}");
    assert!((2..=4).contains(&count(&passed, Kind::Put, ".lock")), "{passed:#?}");
    // Reading costs no more with more requests.
    assert!(count(&passed, Kind::Get, "") <= 4, "{passed:#?}");
}

fn milliseconds(time: Duration) -> u128 {
    time.as_millis()
}

/// One run, as a row of the table.
fn row(told: &mut String, what: &str, latency: u64, proxy: &Proxy, run: impl FnOnce() -> usize) {
    proxy.take_passed();
    proxy.answers_after(Duration::from_millis(latency));
    let began = Instant::now();
    let requests = run();
    let took = began.elapsed();
    proxy.answers_after(Duration::ZERO);
    let passed = proxy.take_passed();
    let all = |kind| passed.iter().filter(|request| request.kind == kind).count();
    let journal = count(&passed, Kind::Put, ".journal");
    let each = if requests == 0 {
        String::new()
    } else {
        let looks = count(&passed, Kind::Head, "");
        format!("{:.1} PUT, {:.1} HEAD", journal as f64 / requests as f64, looks as f64 / requests as f64)
    };
    writeln!(
        told,
        "| {what} | {latency} ms | {requests} | {} | {} | {} | {} | {each} | {:.1} s |",
        all(Kind::Put),
        all(Kind::Get),
        all(Kind::Head),
        all(Kind::List),
        milliseconds(took) as f64 / 1000.0,
    )
    .unwrap();
}

/// `docs/measure` runs it: the table of docs/shared-state.md and docs/performance.md.
#[test]
#[ignore = "takes minutes"]
fn overhead() {
    let mut told = "| command | latency | requests to the academy | PUT | GET | HEAD | LIST | for each request | time |\n\
                    |---|--:|--:|--:|--:|--:|--:|---|--:|\n"
        .to_owned();
    for latency in [0, 5, 20, 100] {
        let Some((bucket, proxy)) = behind_a_proxy() else { return };
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let ann = through(&proxy, &bucket, &sandbox);
        let apply = || {
            let before = sandbox.requests().len();
            ann.apply().exits(0);
            sandbox.requests().len() - before
        };
        // The first run at an address finds out what the store does.
        ann.templates(&numbered(1..=1));
        ann.apply().exits(0);
        ann.templates(&numbered(1..=1001));
        let config = ann.read("certctl.toml");
        ann.write(
            "certctl.toml",
            config.replace("max_change_percent", "max_changes = 5000\nmax_change_percent"),
        );
        row(&mut told, "`apply`, 1,000 creates, 100 in each request", latency, &proxy, apply);
        row(&mut told, "`plan`, nothing to do", latency, &proxy, || {
            ann.run(&["plan"]).exits(0).says("No changes.");
            0
        });
        row(&mut told, "`apply`, nothing to do", latency, &proxy, apply);
        by_id(&ann);
        ann.templates(&numbered(1..=1101));
        row(&mut told, "`apply`, 100 creates, `addressing = \"id\"`", latency, &proxy, apply);
    }
    println!("{told}");
}

/// How long it takes from the answer about the epoch until the request reaches the academy: the one moment that nothing covers.
#[test]
#[ignore = "measures"]
fn window() {
    let Some((bucket, proxy)) = behind_a_proxy() else { return };
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let ann = through(&proxy, &bucket, &sandbox);
    by_id(&ann);
    let academy = Proxy::before(sandbox.url.trim_start_matches("http://"));
    let config = ann.read("certctl.toml");
    ann.write("certctl.toml", config.replace(&sandbox.url, &format!("http://{}", academy.address)));
    ann.templates(&numbered(1..=200));
    ann.apply().exits(0);
    let (looks, requests) = (proxy.take_passed(), academy.take_passed());
    let looks: Vec<Instant> = about(&looks, Kind::Head, "").map(|look| look.answered).collect();
    let mut windows: Vec<Duration> = requests
        .iter()
        .filter_map(|request| {
            let look = looks.iter().filter(|look| **look < request.arrived).max()?;
            Some(request.arrived - *look)
        })
        .collect();
    windows.sort();
    assert_eq!(windows.len(), 200);
    println!(
        "window: {} requests, median {:?}, 99 of 100 within {:?}, longest {:?}",
        windows.len(),
        windows[100],
        windows[197],
        windows[199]
    );
}
