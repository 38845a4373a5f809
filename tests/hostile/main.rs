//! Servers that lie, break, stall, flood and never answer, against the real binary.
//!
//! In every case, the exit code and the message tell what happened and what to do, nothing is created twice, no template
//! gets another one's id, whatever the server may hold is in the state or in doubt, rows in doubt stay frozen, and the
//! next apply on a healthy server completes the rest. [`CASES`] lists the cases.
#![expect(clippy::print_stdout, reason = "measurements are printed on request")]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod bodies;
mod connection;
mod counts;
mod errors;
mod jobs;
mod limits;
mod network;
mod raw;
mod redirect;
mod scene;
mod status;
mod tls;

#[path = "../support/mod.rs"]
mod support;

/// Every case, by module. A test checks that the list is complete.
const CASES: &[(&str, &[&str])] = &[
    (
        "connection",
        &[
            "reset_before_processing_leaves_creates_in_doubt",
            "reset_after_processing_affects_only_its_request",
            "update_is_sent_again_after_a_reset",
            "endless_resets_leave_update_for_next_apply",
            "close_during_body_leaves_creates_in_doubt",
            "timeout_leaves_creates_in_doubt",
            "slow_body_beyond_timeout_leaves_creates_in_doubt",
            "slow_body_within_timeout_is_read",
        ],
    ),
    (
        "status",
        &[
            "status_500_with_and_without_processing",
            "status_502_with_and_without_processing",
            "status_503_with_and_without_processing",
            "status_504_with_and_without_processing",
            "status_503_with_retry_after_is_retried",
            "status_502_with_retry_after_is_not_retried",
            "update_is_sent_again_after_5xx",
            "run_stops_after_repeated_doubt",
            "success_in_between_keeps_the_run_going",
            "rejection_reporting_changes_leaves_creates_in_doubt",
            "rejection_reporting_no_change_counts_as_rejection",
            "refused_key_hides_no_row_in_doubt",
        ],
    ),
    (
        "bodies",
        &[
            "html_pages_leave_creates_in_doubt",
            "empty_200_leaves_creates_in_doubt",
            "status_204_leaves_creates_in_doubt",
            "unexpected_json_leaves_creates_in_doubt",
            "body_falsely_declared_compressed_is_read",
            "one_gibibyte_body_is_cut_off",
            "memory_stays_bounded_for_a_malicious_body",
            "million_ids_are_not_copied_to_rows",
            "huge_messages_are_not_kept",
            "flood_of_unmatched_errors_is_summarised",
            "errors_beside_counts_leave_creates_in_doubt",
            "contradicting_envelopes_leave_creates_in_doubt",
            "errors_in_other_words_leave_creates_in_doubt",
            "same_answer_in_two_envelopes_is_read",
            "duplicate_members_leave_creates_in_doubt",
            "completed_job_with_error_leaves_doubt",
            "harmless_spellings_of_answers_are_read",
            "huge_records_are_shortened",
            "gzip_bombs_are_not_decompressed",
        ],
    ),
    (
        "network",
        &[
            "refused_connection_is_reported_once",
            "unknown_host_name_is_reported_once",
            "refusing_proxy_is_named",
            "missing_proxy_credentials_are_reported",
            "unreachable_proxy_is_named",
            "unusable_proxy_variable_is_an_error",
        ],
    ),
    (
        "tls",
        &[
            "untrusted_issuer_ends_run_before_sending",
            "doctor_names_an_untrusted_certificate",
            "wrong_certificate_name_ends_run_before_sending",
            "valid_certificate_is_accepted",
        ],
    ),
    (
        "redirect",
        &[
            "permanent_redirect_is_not_followed",
            "redirect_to_a_page_leaves_creates_in_doubt",
            "redirect_creates_nothing_at_another_instance",
        ],
    ),
    (
        "counts",
        &[
            "too_small_a_count_leaves_creates_in_doubt",
            "too_large_a_count_leaves_creates_in_doubt",
            "too_many_ids_are_assigned_to_no_row",
            "missing_ids_are_not_invented",
            "duplicate_ids_are_assigned_to_no_row",
            "ids_of_other_templates_are_not_assigned",
            "ids_of_other_templates_match_in_any_case",
            "ids_differing_only_in_case_are_duplicates",
            "invalid_ids_are_not_recorded",
            "ids_that_contradict_counts_are_shown_unassigned",
            "creates_executed_as_updates_are_reported",
            "counts_of_any_size_cause_no_panic",
        ],
    ),
    (
        "errors",
        &[
            "error_about_no_row_leaves_creates_in_doubt",
            "error_about_unsent_row_leaves_creates_in_doubt",
            "anonymous_error_is_assigned_to_no_row",
            "contradictory_error_is_assigned_to_no_row",
            "documented_errors_find_their_row",
            "rows_with_equal_titles_are_sent_separately",
        ],
    ),
    (
        "jobs",
        &[
            "late_job_is_awaited",
            "unknown_job_leaves_creates_in_doubt",
            "endless_job_stays_pending",
            "next_run_settles_a_long_job",
            "failed_job_leaves_creates_in_doubt_updates_failed",
            "refused_job_queries_leave_it_pending",
            "answer_about_another_job_is_ignored",
            "job_ids_cannot_change_the_path",
        ],
    ),
    (
        "limits",
        &[
            "retry_after_is_respected_after_429",
            "endless_429_ends_the_run",
            "huge_retry_after_is_reported_not_awaited",
            "retry_after_in_distant_year_is_not_awaited",
            "far_quota_reset_is_reported_not_awaited",
            "retry_after_may_be_a_date",
            "nonsense_retry_after_is_ignored",
            "past_quota_reset_causes_no_wait",
            "wrong_date_header_causes_no_wait",
            "implausible_quota_reset_is_ignored",
            "non_numeric_rate_headers_are_ignored",
        ],
    ),
];

#[test]
fn list_of_cases_is_complete() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    for (family, cases) in CASES {
        let source = std::fs::read_to_string(folder.join(format!("{family}.rs"))).unwrap();
        assert_eq!(tests_of(&source), *cases, "{family}");
    }
    let listed: usize = CASES.iter().map(|(_, cases)| cases.len()).sum();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let others = files.filter(|file| file.file_stem().unwrap() != "main");
    let there: usize = others.map(|file| tests_of(&std::fs::read_to_string(file).unwrap()).len()).sum();
    assert_eq!(listed, there, "a family is missing in the list");
    assert_eq!(listed, COUNT);
}

/// The number of cases, for documents that cite it.
const COUNT: usize = 89;

fn tests_of(source: &str) -> Vec<&str> {
    let tests = source.split("#[test]\n").skip(1);
    tests.filter_map(|test| Some(test.split_once("fn ")?.1.split_once('(')?.0)).collect()
}
