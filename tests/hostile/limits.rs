//! Rate limits that never end, are absurd, or come from a wrong clock.

use std::time::{Duration, Instant};

use crate::scene::{Scene, at_once};
use crate::support::numbered;

#[test]
fn retry_after_is_respected_after_429() {
    let began = Instant::now();
    Scene::creating("bulk:1:429=2").ends(0, &[("applied", 2)]).costs(2).next_apply_completes();
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[test]
fn endless_429_ends_the_run() {
    // A 503 with Retry-After means the same.
    let cases = [
        ("429=0", 0, ["the server answered 429", "something else uses the same API key"]),
        ("status=503,retry-after=0", 1, ["the server answered 503", "the server is not available"]),
    ];
    at_once(&cases, |&(kind, failed, says)| {
        let statuses = [("failed", failed)];
        let statuses = if failed > 0 { &statuses[..] } else { &[] };
        let totals = format!("{failed} failed, 0 pending, 0 in doubt, {} not sent", 20 - failed);
        let scene =
            Scene::of(&[&format!("bulk:*:{kind}")], "batch_size = 1\nconcurrency = 1", &numbered(1..=20))
                .ends(3, statuses)
                .says(&says)
                .says(&["(sent 5 times)", "certctl apply -e test", &totals])
                .costs(5);
        assert!(scene.sandbox.templates().is_empty());
        scene.next_apply_completes();
    });
}

/// The server accepted nothing and the run did not wait: the next run sends everything.
#[track_caller]
fn too_long(fault: &str) {
    let scene = Scene::of(&[fault], "batch_size = 1\nconcurrency = 1", &numbered(1..=3))
        .ends(3, &[])
        .says(&[
            "the server asks to be left alone for",
            "a run waits for at most 15m",
            "Try again after 20",
            "0 in doubt, 3 not sent",
        ])
        .costs(1);
    scene.next_apply_completes();
}

#[test]
fn huge_retry_after_is_reported_not_awaited() {
    too_long("bulk:*:429=86400");
    too_long("bulk:*:status=429,retry-after=99999999999999999999999999");
    too_long("bulk:*:status=503,retry-after=86400");
}

#[test]
fn retry_after_in_distant_year_is_not_awaited() {
    too_long("bulk:*:status=429,retry-after=Tue, 01 Jan 2999 00:00:00 GMT");
}

#[test]
fn far_quota_reset_is_reported_not_awaited() {
    let reset = format!("bulk:*:header=x-ratelimit-reset: {}", unix_time() + 3000);
    let faults = ["bulk:*:header=x-ratelimit-remaining: 0", &reset];
    Scene::of(&faults, "batch_size = 1", &numbered(1..=3))
        .ends(3, &[("applied", 1)])
        .says(&["the server asks to be left alone for", "0 in doubt, 2 not sent"])
        .costs(1)
        .next_apply_completes();
}

fn unix_time() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn retry_after_may_be_a_date() {
    // It is in the past, as for a client whose clock is ahead.
    at_once(&["status=429", "status=503"], |fault| {
        Scene::creating(&format!("bulk:1:{fault},retry-after=Wed, 21 Oct 2015 07:28:00 GMT"))
            .ends(0, &[("applied", 2)])
            .costs(2)
            .next_apply_completes();
    });
}

#[test]
fn nonsense_retry_after_is_ignored() {
    at_once(&["soon", "-5", "1e9", "", "Wed, 99 Foo 2015 07:28:00 GMT"], |nonsense| {
        Scene::creating(&format!("bulk:1:status=429,retry-after={nonsense}"))
            .ends(0, &[("applied", 2)])
            .costs(2)
            .next_apply_completes();
    });
    // Without Retry-After, a 503 does not mean that the request was not accepted.
    Scene::creating("bulk:1:status=503,retry-after=soon")
        .ends(4, &[("in_doubt", 2)])
        .costs(1)
        .assert_doubts_are_frozen();
}

/// Three requests, every answer with these headers, without a long wait.
#[track_caller]
fn unmoved(headers: &[&str]) {
    let faults: Vec<String> = headers.iter().map(|header| format!("bulk:*:header={header}")).collect();
    let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
    let scene = Scene::of(&faults, "batch_size = 1\nconcurrency = 1", &numbered(1..=3))
        .ends(0, &[("applied", 3)])
        .costs(3);
    // A long wait would be reported.
    assert!(!scene.run.stderr.contains("waiting"), "{headers:?}: {}", scene.run.stderr);
    scene.next_apply_completes();
}

#[test]
fn past_quota_reset_causes_no_wait() {
    at_once(&["5", "-9223372036854775808"], |reset| {
        unmoved(&["x-ratelimit-remaining: 0", &format!("x-ratelimit-reset: {reset}")]);
    });
}

#[test]
fn wrong_date_header_causes_no_wait() {
    // By the right clock the quota resets in a second; by the clock in `Date`, in decades.
    let reset = format!("x-ratelimit-reset: {}", unix_time() + 1);
    at_once(&["Thu, 01 Jan 1970 00:00:07 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", "yesterday"], |date| {
        unmoved(&["x-ratelimit-remaining: 0", &reset, &format!("date: {date}")]);
    });
}

#[test]
fn implausible_quota_reset_is_ignored() {
    // Quota is left, so nothing waits for the reset.
    unmoved(&["x-ratelimit-remaining: 9", "x-ratelimit-reset: 9223372036854775807"]);
}

#[test]
fn non_numeric_rate_headers_are_ignored() {
    unmoved(&["x-ratelimit-remaining: plenty", "x-ratelimit-reset: soon", "x-ratelimit-limit: -1"]);
}
