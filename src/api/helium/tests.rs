//! Tests with an academy in memory, which counts points in either way, and with servers that misbehave.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, ready};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::api::{Answer, HttpResponse, RateHeaders};
use crate::model::{LABEL_FIELDS, ObserverPassword, SecretText, TEMPLATE_FIELDS};

/// Runs a future to its end, in time that passes at once.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

mod reading {
    use super::*;

    /// Certificates, and how a server counts what is asked of them.
    #[derive(Debug)]
    struct Academy {
        certificates: Vec<Map<String, Value>>,
        lists_count: bool,
        searches: bool,
        /// What each query cost.
        costs: Vec<u64>,
    }

    fn certificate(number: usize, labels: usize) -> Map<String, Value> {
        let label = |field: usize| {
            let members =
                LABEL_FIELDS.iter().map(|one| (one.name.to_owned(), json!(format!("{} {field}", one.name))));
            Value::Object(members.collect())
        };
        let mut template: Map<String, Value> = TEMPLATE_FIELDS
            .iter()
            .map(|field| (field.name.to_owned(), json!(format!("{} {number}", field.name))))
            .collect();
        template.insert("id".to_owned(), json!(format!("template {number}")));
        template.insert("labels".to_owned(), (0..labels).map(label).collect());
        let mut members: Map<String, Value> =
            CertificateQuery::CERTIFICATE.iter().map(|name| ((*name).to_owned(), json!(number))).collect();
        members.insert("id".to_owned(), json!(format!("certificate {number}")));
        members.insert("certificateTemplate".to_owned(), Value::Object(template));
        members
    }

    fn properties(value: &Value) -> u64 {
        match value {
            Value::Object(members) => members.values().map(|member| 1 + properties(member)).sum(),
            Value::Array(items) => items.iter().map(properties).sum(),
            _ => 0,
        }
    }

    /// What a query asks for of a certificate.
    fn selected(query: &CertificateQuery, held: &Map<String, Value>) -> Map<String, Value> {
        let pick = |of: &Map<String, Value>, names: &[&str]| -> Map<String, Value> {
            names.iter().map(|name| ((*name).to_owned(), of[*name].clone())).collect()
        };
        let mut shown = pick(held, &query.certificate);
        shown.insert("id".to_owned(), held["id"].clone());
        let template = held["certificateTemplate"].as_object().unwrap();
        let mut within = pick(template, &query.template);
        if !query.labels.is_empty() {
            let labels = template["labels"].as_array().unwrap().iter();
            let labels = labels.map(|label| Value::Object(pick(label.as_object().unwrap(), &query.labels)));
            within.insert("labels".to_owned(), labels.collect());
        }
        if !within.is_empty() {
            shown.insert("certificateTemplate".to_owned(), Value::Object(within));
        }
        shown
    }

    impl Asks for Academy {
        fn certificates(
            &mut self,
            query: &CertificateQuery,
        ) -> impl Future<Output = Result<Vec<Map<String, Value>>, HeliumError>> {
            let search = query.search.as_deref().filter(|_| self.searches);
            let is_found = |held: &&Map<String, Value>| {
                search.is_none_or(|search| held["certificateTemplate"]["title"] == search)
            };
            let found: Vec<_> =
                self.certificates.iter().filter(is_found).map(|held| selected(query, held)).collect();
            let count = |held: &Map<String, Value>| properties(&Value::Object(held.clone()));
            let each = found.iter().map(count);
            let within: u64 = if self.lists_count { each.sum() } else { each.max().unwrap_or(0) };
            let cost = 1 + within;
            self.costs.push(cost);
            ready(if cost > 1000 {
                Err(HeliumError::TooCostly(vec![format!("{cost} points")]))
            } else {
                Ok(found)
            })
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        /// Whichever way points are counted: few refusals, and what was read is what is there.
        #[test]
        fn reads_what_is_there_within_the_points(
            labels in prop::collection::vec(0..14_usize, 0..120),
            lists_count: bool,
            searches: bool,
        ) {
            let certificates: Vec<_> =
                labels.iter().enumerate().map(|(number, labels)| certificate(number, *labels)).collect();
            let mut academy = Academy { certificates, lists_count, searches, costs: Vec::new() };
            let reading = run(read_certificates(&mut academy)).unwrap();
            let refusals = academy.costs.iter().filter(|cost| **cost > 1000).count();
            prop_assert!(refusals <= 3, "{:?}", academy.costs);
            if !lists_count {
                prop_assert!(refusals == 0 && academy.costs.len() <= 6, "{:?}", academy.costs);
            }
            prop_assert_eq!(reading.certificates.len(), academy.certificates.len());
            for (read, held) in reading.certificates.iter().zip(&academy.certificates) {
                let template = held["certificateTemplate"].as_object().unwrap();
                for (name, value) in read["certificateTemplate"].as_object().unwrap() {
                    let is_part = name == "labels" && !reading.whole.contains("labels");
                    prop_assert!(is_part || *value == template[name], "{}", name);
                }
            }
            // What one title chooses is always cheap enough.
            if !lists_count || searches {
                prop_assert_eq!(&reading.too_costly, &Vec::<&str>::new());
            }
            prop_assert!(reading.changed.is_empty());
        }
    }

    #[test]
    fn few_certificates_need_no_refusal() {
        for lists_count in [false, true] {
            let certificates = (0..6).map(|number| certificate(number, 7)).collect();
            let mut academy = Academy { certificates, lists_count, searches: false, costs: Vec::new() };
            let reading = run(read_certificates(&mut academy)).unwrap();
            assert_eq!(reading.too_costly, [""; 0]);
            assert!(academy.costs.iter().all(|cost| *cost < 1000), "{:?}", academy.costs);
        }
    }

    /// Lists certificates, and refuses every other query as too costly.
    struct Miserly(Academy);

    impl Asks for Miserly {
        async fn certificates(
            &mut self,
            query: &CertificateQuery,
        ) -> Result<Vec<Map<String, Value>>, HeliumError> {
            let shown = self.0.certificates(query).await;
            if query.is_empty() { shown } else { Err(HeliumError::TooCostly(Vec::new())) }
        }
    }

    #[test]
    fn a_server_refuses_three_times_at_most() {
        for count in [1, 6, 40, 120] {
            let certificates = (0..count).map(|number| certificate(number, 7)).collect();
            let academy = Academy { certificates, lists_count: false, searches: true, costs: Vec::new() };
            let mut miserly = Miserly(academy);
            let reading = run(read_certificates(&mut miserly)).unwrap();
            assert!(reading.whole.is_empty());
            assert!(miserly.0.costs.len() <= 1 + 3, "{count}: {:?}", miserly.0.costs);
        }
    }

    /// Shows a template without labels from the fifth query on.
    struct Edited(Academy);

    impl Asks for Edited {
        async fn certificates(
            &mut self,
            query: &CertificateQuery,
        ) -> Result<Vec<Map<String, Value>>, HeliumError> {
            if self.0.costs.len() == 4 {
                self.0.certificates[0]["certificateTemplate"]["labels"] = json!([]);
            }
            self.0.certificates(query).await
        }
    }

    #[test]
    fn certificates_that_change_meanwhile_are_named() {
        let certificates = (0..40).map(|number| certificate(number, 12)).collect();
        let mut edited =
            Edited(Academy { certificates, lists_count: true, searches: true, costs: Vec::new() });
        let reading = run(read_certificates(&mut edited)).unwrap();
        assert_eq!(reading.changed, ["certificate 0"]);
    }
}

mod session {
    use super::*;

    const PASSWORD: &str = "open sesame";
    const TOKEN: &str = "abcdef-0123456789";

    /// A server with these answers, one after the other.
    struct Scripted {
        answers: RefCell<VecDeque<Answer>>,
        /// The tokens and bodies of the requests.
        asked: RefCell<Vec<(Option<String>, String)>>,
    }

    impl AskHelium for Scripted {
        fn ask(&self, body: Vec<u8>, token: Option<&SecretText>) -> impl Future<Output = Answer> {
            let token = token.map(|token| token.expose().to_owned());
            self.asked.borrow_mut().push((token, String::from_utf8(body).unwrap()));
            ready(self.answers.borrow_mut().pop_front().unwrap())
        }
    }

    fn answer(status: u16, body: &str) -> Answer {
        let rate = RateHeaders::default();
        Answer::Response(HttpResponse { status, rate, location: None, body: Ok(body.as_bytes().to_vec()) })
    }

    fn data(value: &Value) -> Answer {
        answer(200, &json!({ "data": value }).to_string())
    }

    fn errors(message: &str) -> Answer {
        answer(200, &json!({ "errors": [{ "message": message }], "data": null }).to_string())
    }

    fn logged_in() -> Answer {
        data(&json!({ "Login": { "token": TOKEN, "user": { "id": "U-1" } } }))
    }

    fn certificates() -> Answer {
        data(&json!({ "UserCertificates": [{ "id": "c" }] }))
    }

    struct Asked {
        result: Result<Vec<Map<String, Value>>, HeliumError>,
        requests: Vec<(Option<String>, String)>,
        waited: Duration,
    }

    /// Asks for ids with these answers.
    fn ask(answers: impl IntoIterator<Item = Answer>) -> Asked {
        let transport = Scripted {
            answers: RefCell::new(answers.into_iter().collect()),
            asked: RefCell::new(Vec::new()),
        };
        let waited = Cell::new(Duration::ZERO);
        let waits = |wait: Duration| waited.set(waited.get() + wait);
        let password = ObserverPassword::new(PASSWORD).unwrap();
        let login = Login { email: "o@example.com".to_owned(), password, user_id: Some("u-1".to_owned()) };
        let result = run(async {
            let mut session = Session::new(&transport, login, 60_000, &waits);
            session.certificates(&CertificateQuery::default()).await
        });
        assert!(transport.answers.borrow().is_empty(), "{result:?}");
        Asked { result, requests: transport.asked.into_inner(), waited: waited.get() }
    }

    #[test]
    fn both_answers_to_a_login_are_read() {
        let plain = data(&json!({ "Login": TOKEN }));
        let refused =
            errors("Field \"Login\" must not have a selection since type \"String\" has no subfields.");
        for login in [vec![logged_in()], vec![plain.clone()], vec![refused, plain]] {
            let asked = ask(login.into_iter().chain([certificates()]));
            assert_eq!(asked.result.unwrap().len(), 1);
            assert_eq!(asked.requests.last().unwrap().0.as_deref(), Some(TOKEN));
            assert_eq!(asked.requests[0].0, None, "a login needs no token");
        }
    }

    #[test]
    fn an_expired_login_is_renewed_once() {
        for expired in [errors("Your session has expired"), answer(401, "")] {
            let first = [logged_in(), expired.clone(), logged_in(), certificates()];
            assert_eq!(ask(first).result.unwrap().len(), 1);
            let again = [logged_in(), expired.clone(), logged_in(), expired];
            assert!(ask(again).result.is_err());
        }
    }

    #[test]
    fn another_user_is_refused() {
        let other = data(&json!({ "Login": { "token": TOKEN, "user": { "id": "u-2" } } }));
        let asked = ask([other]);
        assert!(matches!(asked.result, Err(HeliumError::OtherUser { .. })), "{:?}", asked.result);
        assert_eq!(asked.requests.len(), 1, "nothing is read");
    }

    #[test]
    fn waits_are_those_that_the_server_asks_for() {
        let rate = RateHeaders { retry_after: Some(Duration::from_secs(32)), ..RateHeaders::default() };
        let busy =
            || Answer::Response(HttpResponse { status: 429, rate, location: None, body: Ok(b"{}".to_vec()) });
        let asked = ask([logged_in(), busy(), certificates()]);
        assert!(asked.result.is_ok() && asked.waited >= Duration::from_secs(31), "{:?}", asked.waited);
        let asked = ask([logged_in()].into_iter().chain((0..6).map(|_| busy())));
        assert!(matches!(asked.result, Err(HeliumError::RateLimited(_))), "{:?}", asked.result);
        let rate = RateHeaders {
            remaining: Some(0),
            reset_in: Some(Duration::from_secs(50)),
            ..RateHeaders::default()
        };
        let body = json!({ "data": { "Login": TOKEN } }).to_string().into_bytes();
        let last = Answer::Response(HttpResponse { status: 200, rate, location: None, body: Ok(body) });
        let asked = ask([last, certificates()]);
        assert!(asked.waited >= Duration::from_secs(49), "{:?}", asked.waited);
    }

    #[test]
    fn a_server_that_fails_is_asked_again() {
        let failed = || answer(502, "<html>Bad gateway</html>");
        assert!(ask([logged_in(), failed(), certificates()]).result.is_ok());
        let error = ask([logged_in(), failed(), failed(), failed()]).result.unwrap_err().to_string();
        assert!(error.contains("502") && error.contains("Bad gateway"), "{error}");
    }

    #[test]
    fn what_a_server_repeats_shows_no_secret() {
        let echo = format!("no {PASSWORD} {TOKEN} open+sesame");
        // The text that is shown ends within the secret.
        let [cut_password, cut_token] = [PASSWORD, TOKEN].map(|secret| format!("{:.<154} {secret}", ""));
        let other_user = data(&json!({ "Login": { "token": TOKEN, "user": { "id": &echo } } }));
        for answers in [
            vec![errors(&echo)],
            vec![answer(500, &echo), answer(500, &echo), answer(500, &echo)],
            vec![answer(200, &echo)],
            vec![answer(404, &echo)],
            vec![errors(&cut_password)],
            vec![answer(404, &cut_password)],
            vec![answer(200, &cut_password)],
            vec![logged_in(), errors(&cut_token)],
            vec![logged_in(), answer(404, &cut_token)],
            vec![other_user.clone()],
            vec![logged_in(), errors(&echo)],
            vec![logged_in(), answer(200, &echo)],
            vec![answer(200, &json!({ "Login": { "token": TOKEN } }).to_string())],
        ] {
            let knows_token = answers.len() == 2 || answers == [other_user.clone()];
            let error = ask(answers).result.unwrap_err().to_string();
            assert!(!error.contains("sesame") && !error.contains("open"), "{error}");
            assert!(!knows_token || !error.contains("abcdef"), "{error}");
        }
    }

    #[test]
    fn answers_without_certificates_are_errors() {
        for (body, words) in [
            ("", "empty"),
            ("<html><body>Sign in</body></html>", "not JSON"),
            ("[]", "not an object"),
            ("{}", "neither data nor errors"),
            (r#"{"data":{}}"#, "no list of what was asked for"),
            (r#"{"data":{"UserCertificates":{}}}"#, "no list of what was asked for"),
            (r#"{"data":{"UserCertificates":[1]}}"#, "not an object"),
            (r#"{"data":{"UserCertificates":[]},"data":{}}"#, "ambiguous"),
            (
                r#"{"data":{"UserCertificates":[]},"errors":[{"message":"half of it failed"}]}"#,
                "half of it failed",
            ),
            (r#"{"errors":"broken"}"#, "broken"),
        ] {
            let error = ask([logged_in(), answer(200, body)]).result.unwrap_err().to_string();
            assert!(error.contains(words), "{body}: {error}");
        }
        let error = ask([answer(403, "")]).result.unwrap_err().to_string();
        assert!(error.contains("CERTCTL_API_KEY"), "{error}");
    }
}
