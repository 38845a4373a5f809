//! Tests of lines that cannot be read or that `validate` would refuse.

use super::*;

#[test]
fn files_are_refused_with_every_error() {
    assert_eq!(file_errors(""), ["1:1 the file is empty"]);
    let required = "are required; the file has id, resourcetyp, title. Columns may be separated by commas, \
                        semicolons, tabs or |";
    assert_eq!(
        file_errors("id,resource_typ,title\n"),
        [format!("1:1 the columns resourcetype and resourceid {required}")]
    );
    assert_eq!(file_errors("id,ID,resourcetype,resourceid\n"), ["1:4 the column id is there twice"]);
    assert_eq!(read_templates(Path::new("a"), &b"id,\xff\n"[..], now()).unwrap_err()[0].place.column, 4);
    let workbook =
        read_templates(Path::new("a"), &b"PK\x03\x04\x14[Content_Types].xml"[..], now()).unwrap_err();
    assert!(workbook[0].message.contains(".xlsx"), "{workbook:?}");
}

#[test]
fn lines_are_named_and_others_go_on() {
    let csv = format!(
        "title,id,resourcetype,resourceid,deleted,statusgroup,updatedat\n\
             x,nonsense,course,{COURSE},,,\n\
             x,{A},course,{COURSE},x,,\n\
             x,{A},course,{COURSE},,archived,\n\
             x,{A},course,{COURSE},,a,1/1/2020 0:00\n\
             x,,course,{COURSE},,a,\n\
             x,{A},course,,,a,\n\
             x,{A},,{COURSE},,a,\n\
             x,{A},course,{COURSE},,a,,more\n\
             x,{B},course,{B},f,a,2027-01-15 08:00:00 UTC\n"
    );
    let table = table(&csv);
    let expected = [
        (2, 3, "\"nonsense\" is not a template id"),
        (3, 84, "\"x\" in the column deleted is neither true nor false"),
        (4, 85, "\"archived\" is not a statusgroup"),
        (5, 87, "\"1/1/2020 0:00\" in the column updatedat cannot be read as a time"),
        (6, 3, "the id of this template is missing"),
        (7, 47, "the resourceid of this template is missing"),
        (8, 40, "the resourcetype of this template is missing"),
        (9, 3, "this line has 8 fields and the header has 7"),
    ];
    let wrong = wrong(&table);
    assert_eq!(wrong.len(), expected.len(), "{wrong:#?}");
    for (found, (line, column, message)) in wrong.iter().zip(expected) {
        assert!(found.starts_with(&format!("{line}:{column} {message}")), "{found}");
    }
    assert_eq!(table.unreadable.len(), expected.len());
    assert_eq!(self::lines(&table), [10]);
}

#[test]
fn files_that_are_cut_off_are_noticed() {
    let header = "id,resourcetype,resourceid,title,statusgroup\n";
    let cut = table(&format!("{header}{A},course,{COURSE},Clo"));
    assert_eq!(wrong(&cut), ["2:1 this line has 4 fields and the header has 5, and the file ends here"]);
    let open = table(&format!("{header}{A},course,{COURSE},\"Cloud,a\n{B},course,{B},x,a\n"));
    assert_eq!(wrong(&open), ["2:1 a quote is opened in this line and never closed"]);
    assert!(table(&format!("{header}{A},course,{COURSE},5\" disk,a\n")).findings.is_empty());
}

#[test]
fn two_lines_of_one_id_must_agree() {
    let header = "title,id,resourcetype,resourceid\n";
    let csv = format!("{header}x,{A},course,{COURSE}\ny,{A},course,{COURSE}\n");
    assert_eq!(wrong(&table(&csv)), [format!("3:3 line 2 says something else of the id {A}")]);
    let alone = document([("a", in_doubt("x", None))]);
    assert_eq!(finding(&csv, &alone), stays(StaysInDoubt::Unreadable { seen_at: at_line(2) }));
    let repeated = table(&format!("{header}x,{A},course,{COURSE}\nx,{A},course,{COURSE}\n"));
    assert_eq!((repeated.templates.len(), repeated.findings.len()), (1, 0));
    for lines in [["a", "d"], ["d", "a"]] {
        let lines = lines.map(|group| format!("x,{A},course,{COURSE},{group}\n")).concat();
        let table = table(&format!("title,id,resourcetype,resourceid,statusgroup\n{lines}"));
        assert_eq!(wrong(&table), [format!("3:3 line 2 says something else of the id {A}")]);
        assert_eq!(unreadable(&table), [2, 3]);
    }
}

/// Each line counts once, and none is an existing or deleted template.
#[test]
fn contradicted_ids_count_for_nothing() {
    let count = |lines: &[(&str, &str)]| {
        let lines = lines.iter().map(|(title, group)| format!("{title},{A},course,{COURSE},{group}\n"));
        let text = format!("title,id,resourcetype,resourceid,statusgroup\n{}", lines.collect::<String>());
        let table = table(&text);
        assert!(!table.findings.is_empty(), "{text}");
        let unreadable = unreadable(&table);
        (unreadable, table.templates.len(), table.deleted.len())
    };
    for (lines, unreadable) in [
        (&[("x", "a"), ("y", "a")][..], &[2, 3][..]),
        (&[("x", "a"), ("y", "a"), ("z", "a")], &[2, 3, 4]),
        (&[("x", "a"), ("y", "a"), ("y", "a"), ("z", "d")], &[2, 3, 4, 5]),
        (&[("x", "a"), ("x", "d")], &[2, 3]),
        (&[("x", "d"), ("x", "a")], &[2, 3]),
        (&[("x", "d"), ("x", "a"), ("y", "a")], &[2, 3, 4]),
        // A line that repeats the first one adds nothing, as usual.
        (&[("x", "a"), ("y", "a"), ("x", "a")], &[2, 3]),
        (&[("x", "d"), ("x", "a"), ("x", "d")], &[2, 3]),
    ] {
        assert_eq!(count(lines), (unreadable.to_vec(), 0, 0), "{lines:?}");
    }
}

/// Old spreadsheets end lines with a carriage return alone, so everything is in line 1.
#[test]
fn lines_without_numbers_of_their_own_count() {
    let lines = format!("x,{A},course,{COURSE}\ry,{A},course,{COURSE}\rz,{A},course,{B}\r");
    let table = table(&format!("title,id,resourcetype,resourceid\r{lines}"));
    assert_eq!((table.unreadable.len(), table.templates.len()), (3, 0));
    let resources: Vec<&str> =
        table.unreadable.iter().map(|line| line.resource.resource_id.as_str()).collect();
    assert_eq!(resources, [COURSE, COURSE, B]);
    let header = "id,resourcetype,resourceid,usercustomfieldslug,usercustomfieldvalue";
    let table = self::table(&format!("{header}\r{A},course,{COURSE},,\r{B},course,{COURSE},,\r"));
    assert_eq!((wrong(&table).len(), table.templates.len()), (1, 2));
}

/// Templates that certctl would refuse in YAML, or that cannot exist, are not adopted.
#[test]
fn templates_that_validate_refuses_are_named() {
    let mut lines = String::new();
    let columns = "expirationdate,expirationdays,asset,recertificationaction,recertificationactionurl,\
                       recertificationautoreset,usercustomfieldvalue";
    for (number, cells) in [
        "2027-12-31,365,,,,,",
        ",0,,,,,",
        ",,nowhere,,,,",
        ",,,actionUrl,,f,",
        ",,,,,t,",
        ",,,,,f,emea ",
        ",365,www.a.example,actionUrl,https://a.example,0,emea",
    ]
    .into_iter()
    .enumerate()
    {
        let slug = if cells.contains("emea") { "region" } else { "" };
        let id = &A[..35];
        lines.push_str(&format!("{id}{number},course,{COURSE},x,{slug},{cells}\n"));
    }
    let table = table(&format!("id,resourcetype,resourceid,title,usercustomfieldslug,{columns}\n{lines}"));
    let expected = [
        "2:96 certctl would not accept this template: expirationDate and expirationDays are both set",
        "3:86 certctl would not accept this template: expirationDays must be at least 1",
        "4:87 certctl would not accept this template: asset must be an absolute address",
        "5:88 certctl would not accept this template: recertificationActionUrl is required beside",
        "6:90 certctl would not accept this template: recertificationAutoReset is allowed only beside",
        "7:98 the usercustomfieldvalue of this template has blanks at its ends",
    ];
    let wrong = wrong(&table);
    assert_eq!(wrong.len(), expected.len(), "{wrong:#?}");
    for (found, expected) in wrong.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
    assert_eq!(self::lines(&table), [8]);
}

/// With one of the two columns missing, the combination cannot be judged.
#[test]
fn columns_that_are_lacking_refuse_nothing() {
    let header = "id,resourcetype,resourceid,recertificationautoreset";
    assert_eq!(wrong(&table(&format!("{header}\n{A},course,{COURSE},t\n"))), [""; 0]);
}

#[test]
fn times_of_the_future_are_named() {
    for (time, column) in [("2027-01-16 08:05:01", Some(82)), ("2027-01-16 08:04:59", None)] {
        for header in ["updatedat", "createdat", "statusgroupupdatedat"] {
            let text = format!("id,resourcetype,resourceid,{header}\n{A},course,{COURSE},{time}\n");
            let found: Vec<usize> =
                table(&text).findings.iter().map(|finding| finding.place.column).collect();
            assert_eq!(found, column.map(|column| vec![column]).unwrap_or_default(), "{time}");
        }
    }
}

#[test]
fn two_templates_for_one_audience_are_named() {
    let header = "id,resourcetype,resourceid,usercustomfieldslug,usercustomfieldvalue";
    let lines = |audiences: [&str; 2]| {
        let lines = [(A, audiences[0]), (B, audiences[1])];
        let lines = lines.map(|(id, audience)| format!("{id},course,{COURSE},{audience}\n"));
        table(&format!("{header}\n{}", lines.concat()))
    };
    for same in [",", "team,x"] {
        let table = lines([same, same]);
        assert_eq!(wrong(&table).len(), 1);
        assert!(wrong(&table)[0].starts_with("3:1 line 2 has another template for course"), "{same}");
        assert_eq!(table.templates.len(), 2, "both are shown, so that a person can choose");
    }
    assert_eq!(wrong(&lines([",", "team,x"])), [""; 0]);
    assert_eq!(wrong(&lines(["team,x", "team,y"])), [""; 0]);
}

/// An unreadable line may be a second template of the course.
#[test]
fn unreadable_lines_block_their_resource() {
    let alone = document([("a", in_doubt("Cloud", None))]);
    let header = format!("{WHOLE},deleted\n");
    let good = format!("{A},course,{COURSE},Cloud,,,{LATER},\n");
    for bad in [
        format!("{B},course,{COURSE},Cloud,,,{LATER},1.0\n"),
        format!("{B},course,{COURSE},Cloud,,,01.01.2020 00:00,\n"),
        format!("{B},course,{COURSE},Cloud,team,,{LATER},\n"),
        format!("b,course,{COURSE},Cloud,,,{LATER},\n"),
    ] {
        let csv = [header.as_str(), &good, &bad].concat();
        assert_eq!(finding(&csv, &alone), stays(StaysInDoubt::Unreadable { seen_at: at_line(3) }), "{bad}");
        let wanted = desired([("a", attributes("Cloud", None))]);
        let found = adoptions(&table(&csv), &wanted, &document([]));
        assert_eq!(found.obstacles[&key("a")], Obstacle::Unreadable { seen_at: at_line(3) });
    }
    assert_eq!(finding(&[header, good].concat(), &alone), created());
}

fn unreadable(observation: &Observation) -> Vec<usize> {
    observation.unreadable.iter().filter_map(|seen| seen.seen_at.line()).collect()
}
