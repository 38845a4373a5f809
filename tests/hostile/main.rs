//! Servers that lie, break, stall, flood and never end, each met by the real binary.
//!
//! Whatever the server does: the exit code and the message tell what happened and what to do now, nothing is created
//! twice, no template gets another's id, what the server may hold is in the state or in doubt, what is in doubt stays
//! frozen, and the next apply on a server that is well again finishes the rest. [`CASES`] lists them.
#![expect(clippy::print_stdout, reason = "what was measured is told where somebody asks for it")]
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

/// Every case by family. A test sees to it that this list and the tests are the same.
const CASES: &[(&str, &[&str])] = &[
    (
        "connection",
        &[
            "a_reset_before_processing_leaves_creates_in_doubt",
            "a_reset_after_processing_leaves_creates_in_doubt_and_the_others_go_on",
            "a_reset_after_an_update_is_made_good_by_sending_it_again",
            "resets_without_end_leave_an_update_in_doubt_and_the_next_apply_sends_it",
            "a_close_in_mid_body_leaves_creates_in_doubt",
            "no_answer_until_the_timeout_leaves_creates_in_doubt",
            "a_drip_that_outlasts_the_timeout_leaves_creates_in_doubt",
            "a_drip_that_ends_in_time_is_an_answer",
        ],
    ),
    (
        "status",
        &[
            "a_500_with_and_without_processing",
            "a_502_with_and_without_processing",
            "a_503_with_and_without_processing",
            "a_504_with_and_without_processing",
            "a_503_that_says_when_to_come_back_is_sent_again",
            "a_502_that_says_when_to_come_back_is_not_sent_again",
            "a_5xx_to_an_update_is_made_good_by_sending_it_again",
            "a_server_that_leaves_one_create_after_another_in_doubt_is_sent_no_more",
            "an_answer_in_between_keeps_the_run_going",
            "a_refusal_that_says_it_was_done_leaves_creates_in_doubt",
            "a_refusal_that_says_nothing_was_done_is_one",
            "a_refused_key_hides_no_row_in_doubt",
        ],
    ),
    (
        "bodies",
        &[
            "an_html_page_is_no_answer",
            "an_empty_200_is_no_answer",
            "a_204_is_no_answer",
            "json_of_another_shape_is_no_answer",
            "a_body_that_claims_to_be_compressed_and_is_not_is_read_as_it_is",
            "a_gibibyte_of_body_is_cut_off",
            "a_body_made_to_fill_the_memory_is_bounded",
            "a_million_ids_are_not_copied_to_every_row",
            "megabytes_of_message_are_not_kept",
            "a_flood_of_errors_about_nobody_is_told_in_a_few_lines",
            "errors_beside_counts_leave_creates_in_doubt",
            "contradicting_envelopes_leave_creates_in_doubt",
            "errors_in_other_words_leave_creates_in_doubt",
            "one_answer_in_two_envelopes_is_read",
            "members_twice_leave_creates_in_doubt",
            "a_complete_job_with_an_error_is_doubt",
            "harmless_spellings_of_an_answer_are_read",
            "records_of_megabytes_are_cut",
            "a_gzip_bomb_does_not_go_off",
        ],
    ),
    (
        "network",
        &[
            "a_refused_connection_is_told_once",
            "a_name_without_an_address_is_told_once",
            "a_proxy_that_refuses_is_named",
            "a_proxy_that_wants_credentials_says_so",
            "an_absent_proxy_is_named",
            "an_unusable_proxy_variable_is_an_error",
        ],
    ),
    (
        "tls",
        &[
            "a_certificate_of_an_unknown_issuer_ends_the_run_before_anything_is_sent",
            "a_certificate_for_another_name_ends_the_run_before_anything_is_sent",
            "a_certificate_that_fits_is_no_obstacle",
        ],
    ),
    (
        "redirect",
        &[
            "a_permanent_redirect_to_another_host_is_not_followed",
            "a_redirect_to_a_page_is_not_followed_and_leaves_creates_in_doubt",
            "a_redirect_to_another_instance_creates_nothing_there",
        ],
    ),
    (
        "counts",
        &[
            "a_count_that_is_too_small_leaves_creates_in_doubt",
            "a_count_that_is_too_large_leaves_creates_in_doubt",
            "too_many_ids_are_given_to_nobody",
            "no_ids_are_no_ids",
            "duplicate_ids_are_given_to_nobody",
            "ids_known_from_other_templates_are_given_to_nobody",
            "an_id_known_from_another_template_is_known_in_any_case",
            "an_id_twice_in_two_cases_is_given_to_nobody",
            "values_that_are_not_ids_are_not_recorded",
            "ids_beside_other_counts_are_told_as_they_were_said",
            "counts_of_any_size_are_no_panic",
        ],
    ),
    (
        "errors",
        &[
            "an_error_about_no_row_leaves_creates_in_doubt",
            "an_error_about_a_row_that_was_never_sent_leaves_creates_in_doubt",
            "an_error_without_any_identification_is_given_to_nobody",
            "an_error_that_contradicts_itself_is_given_to_nobody",
            "an_error_in_any_documented_form_finds_its_row",
            "rows_that_share_a_title_go_apart_once_an_error_fits_several",
        ],
    ),
    (
        "jobs",
        &[
            "a_job_that_ends_late_is_waited_for",
            "a_job_that_nobody_knows_leaves_creates_in_doubt",
            "a_job_that_never_ends_is_left_pending",
            "a_job_that_outlasts_one_run_is_settled_by_the_next",
            "a_job_that_fails_leaves_creates_in_doubt_and_updates_failed",
            "a_job_whose_questions_are_refused_is_left_pending_and_the_server_in_peace",
            "an_answer_about_another_job_is_no_answer",
            "a_job_id_that_would_lead_elsewhere_is_not_asked_for",
        ],
    ),
    (
        "limits",
        &[
            "after_429_the_server_is_left_alone_for_as_long_as_it_says",
            "a_429_for_ever_ends_the_run",
            "a_huge_retry_after_is_told_and_not_waited_for",
            "a_retry_after_in_a_distant_year_is_told_and_not_waited_for",
            "a_quota_that_comes_back_much_later_is_told_and_not_waited_for",
            "a_retry_after_may_be_a_date",
            "a_retry_after_that_is_nonsense_is_none",
            "a_reset_in_the_past_holds_nobody_up",
            "a_date_that_is_wrong_holds_nobody_up",
            "a_reset_in_the_distant_future_is_not_believed",
            "headers_that_are_no_numbers_are_none",
        ],
    ),
];

#[test]
fn the_list_of_cases_is_complete() {
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

/// How many there are, for those who want to cite it.
const COUNT: usize = 87;

fn tests_of(source: &str) -> Vec<&str> {
    let tests = source.split("#[test]\n").skip(1);
    tests.filter_map(|test| Some(test.split_once("fn ")?.1.split_once('(')?.0)).collect()
}
