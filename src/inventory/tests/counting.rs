//! The export of certificates, which is only counted.

use super::*;

fn counted(text: &str) -> LearnerCounts {
    count_learners(Path::new("certificates.csv"), text.as_bytes()).unwrap()
}

fn of(text: &str) -> [usize; 2] {
    let counts = counted(text);
    assert_eq!(counts.findings, []);
    [A, B].map(|template| counts.of(&id(template)))
}

#[test]
fn learners_are_counted_once() {
    let lines = format!("{A},ann,a\n{A},ann,a\n{A},ben,i\n{A},cid,d\n{B},ann,a\n,ann,a\n{C},x,d\n");
    assert_eq!(of(&format!("certificatetemplateid,userid,statusgroup\n{lines}")), [2, 1]);
    let other = lines.replace(',', ";").to_uppercase();
    assert_eq!(of(&format!("Certificate_Template_Id;user_id;Status Group\r\n{other}")), [2, 1]);
}

#[test]
fn certificates_are_counted_without_learners() {
    let counts = counted(&format!("id,templateid,deleted\n1,{A},f\n2,{A},false\n3,{A},t\n"));
    assert_eq!((counts.of(&id(A)), counts.shows_learners), (2, false));
}

#[test]
fn unreadable_lines_are_found() {
    let lines = "x,ann,a\n".repeat(200);
    let counts = counted(&format!(
        "certificatetemplateid,userid,statusgroup\n{A},ann,a\n{A},ben,gone\n{lines}{A},\"cid"
    ));
    assert_eq!(counts.of(&id(A)), 1);
    assert_eq!(counts.findings.len(), 101);
    assert_eq!(located(&counts.findings[0]).split(' ').next(), Some("3:42"));
    assert!(counts.findings[1].message.contains("is not a template id"), "{:?}", counts.findings[1]);
    assert_eq!(counts.findings[100].message, "102 more lines cannot be read");
}

#[test]
fn other_tables_are_refused() {
    for text in ["", "id,title\n", "\u{fffd}", "PK\u{3}\u{4}"] {
        let wrong = count_learners(Path::new("c.csv"), text.as_bytes()).unwrap_err();
        assert_eq!(wrong.len(), 1, "{text}");
    }
    let wide: Vec<u8> = "id,title".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(count_learners(Path::new("c.csv"), &wide[..]).unwrap_err()[0].message.contains("UTF-16"));
}

#[test]
fn lines_are_numbered_across_pieces() {
    let line = format!("{A},ann,{}\n", "x".repeat(1 << 20));
    let text = format!("certificatetemplateid,userid,note\n{}{A}x,ann,\n", line.repeat(20));
    let counts = counted(&text);
    assert_eq!((counts.of(&id(A)), located(&counts.findings[0]).split(' ').next()), (1, Some("22:1")));
}

proptest::proptest! {
    /// Any bytes are counted or refused, and each finding is inside the file.
    #[test]
    fn any_certificates_are_counted_or_refused(
        text in "(certificatetemplateid|userid|deleted|[,;\t\"\r\n]|sep=|8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a|t|.){0,40}"
    ) {
        let lines = text.lines().count() + 1;
        let findings = match count_learners(Path::new("c.csv"), text.as_bytes()) {
            Ok(counts) => counts.findings,
            Err(findings) => {
                proptest::prop_assert!(!findings.is_empty());
                findings
            }
        };
        proptest::prop_assert!(findings.iter().all(|finding| (1..=lines).contains(&finding.place.line)));
    }
}
