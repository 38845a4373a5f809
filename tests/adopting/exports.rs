//! The vendor's reporting tables, written by hand.

use super::*;

pub(crate) const FIELD: &str = "00000000-0000-4000-8000-0000000000f1";

/// One template on the server.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) number: u32,
    pub(crate) title: String,
    pub(crate) days: &'static str,
    pub(crate) status: &'static str,
    pub(crate) updated_at: String,
}

impl Shown {
    /// The template with this number, last changed just now.
    pub(crate) fn number(number: u32) -> Self {
        Self {
            id: format!("8f14e45f-ceea-467f-a0e6-{number:012}"),
            number,
            title: format!("Title {number:03}"),
            days: "",
            status: "a",
            updated_at: jiff::Timestamp::now().to_string(),
        }
    }

    fn line(&self) -> String {
        let Self { id, number, title, days, status, updated_at } = self;
        let resource = Template::number(*number).resource;
        format!("{id},course,{resource},{title},,,{days},{status},{updated_at}\n")
    }
}

/// `certificatetemplates`.
pub(crate) fn templates(shown: &[Shown]) -> String {
    let lines: String = shown.iter().map(Shown::line).collect();
    format!(
        "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,expirationdays,statusgroup,updatedat\n{lines}"
    )
}

/// `certificatetemplatelabels` with these lines: the number of the template, x and y.
pub(crate) fn labels(lines: &[(u32, i32, i32)]) -> String {
    let line = |(number, x, y): &(u32, i32, i32)| {
        format!("{},{FIELD},{x},{y},12,#000000,left,a\n", Shown::number(*number).id)
    };
    let lines: String = lines.iter().map(line).collect();
    format!("certificatetemplateid,certificatefieldid,x,y,fontsize,fontcolor,textalign,statusgroup\n{lines}")
}
