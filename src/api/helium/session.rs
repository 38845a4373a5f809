//! The observer's login, and the pace of its queries. The token is kept in memory only; where the server no longer
//! accepts it, the observer logs in again, once for each query.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use super::answer::{HeliumAnswer, outcome};
use super::query::CERTIFICATES;
use super::{AskHelium, Asks, CertificateQuery, HeliumError};
use crate::api::bounds::{excerpt, fits_in_a_path};
use crate::api::{Answer, Throttle};
use crate::model::{ObserverPassword, SecretText};

/// Who logs in.
#[derive(Clone)]
pub struct Login {
    /// The email address.
    pub email: String,
    /// The password.
    pub password: ObserverPassword,
    /// The id that the user must have, if it is known.
    pub user_id: Option<String>,
}

/// A learner at one server.
pub struct Session<'t, T> {
    transport: &'t T,
    login: Login,
    token: Option<SecretText>,
    user_id: Option<String>,
    throttle: Throttle,
    began: Instant,
    waits: &'t dyn Fn(Duration),
}

/// The longest wait that the server may ask for.
const MAX_WAIT: Duration = Duration::from_secs(600);
/// How often a request is sent again because the server asked to wait.
const MAX_WAITS: u32 = 5;
/// How often a request is sent again because the server failed.
const MAX_FAILURES: u32 = 2;
/// Shorter waits are not worth telling.
const TOLD_WAIT: Duration = Duration::from_secs(3);

impl<'t, T: AskHelium> Session<'t, T> {
    /// A session that has not begun. `waits` is told of every long wait.
    pub fn new(
        transport: &'t T,
        login: Login,
        requests_per_minute: u32,
        waits: &'t dyn Fn(Duration),
    ) -> Self {
        let throttle = Throttle::new(requests_per_minute);
        Self { transport, login, token: None, user_id: None, throttle, began: Instant::now(), waits }
    }

    /// The id of the user, if the login said it.
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Asks for certificates, and logs in where that is necessary.
    async fn query(&mut self, body: &Value) -> Result<Map<String, Value>, HeliumError> {
        let mut is_renewed = false;
        loop {
            let token = match self.token.clone() {
                Some(token) => token,
                None => self.log_in().await?,
            };
            match self.send(body, Some(&token)).await? {
                HeliumAnswer::Data(data) => return Ok(data),
                HeliumAnswer::NotLoggedIn(messages) if is_renewed => {
                    return Err(HeliumError::TokenRefused(messages));
                }
                HeliumAnswer::NotLoggedIn(_) => {
                    is_renewed = true;
                    self.token = None;
                }
                HeliumAnswer::Failed(HeliumError::Key(_)) if !is_renewed => {
                    is_renewed = true;
                    self.token = None;
                }
                other => return Err(error_of(other, "the certificates of the observer")),
            }
        }
    }

    async fn log_in(&mut self) -> Result<SecretText, HeliumError> {
        let mut answered = self.send(&self.login_body(true), None).await?;
        if let HeliumAnswer::Errors(messages) = &answered
            && says_plain_text(messages)
        {
            // The schema of 2023 has a plain text in the place of the object.
            answered = self.send(&self.login_body(false), None).await?;
        }
        let data = match answered {
            HeliumAnswer::Data(data) => data,
            HeliumAnswer::NotLoggedIn(messages)
            | HeliumAnswer::Errors(messages)
            | HeliumAnswer::TooCostly(messages) => {
                return Err(HeliumError::Login { email: self.login.email.clone(), messages });
            }
            other => return Err(error_of(other, "the observer's login")),
        };
        let (token, user_id) = login_of(data.get("Login")).ok_or_else(|| HeliumError::Login {
            email: self.login.email.clone(),
            messages: vec!["the answer has no token".to_owned()],
        })?;
        let token = SecretText::new(token, "(the observer's token)");
        self.check_user(user_id, &token)?;
        self.token = Some(token.clone());
        Ok(token)
    }

    fn login_body(&self, as_object: bool) -> Value {
        let fields = if as_object { " { token user { id } }" } else { "" };
        json!({
            "query": format!(
                "mutation Login($email: String!, $password: String!) {{ Login(email: $email, password: \
                 $password){fields} }}"
            ),
            "variables": { "email": self.login.email, "password": self.login.password.secret().expose() },
        })
    }

    fn check_user(&mut self, actual: Option<String>, token: &SecretText) -> Result<(), HeliumError> {
        if let (Some(actual), Some(configured)) = (&actual, &self.login.user_id)
            && !actual.trim().eq_ignore_ascii_case(configured.trim())
        {
            let actual = excerpt(self.redacted(actual, Some(token)).as_bytes());
            let email = self.login.email.clone();
            return Err(HeliumError::OtherUser { email, actual, configured: configured.clone() });
        }
        // It becomes a part of an address, and of a question to a person.
        self.user_id = actual.filter(|id| fits_in_a_path(id));
        Ok(())
    }

    /// Sends a request until it is answered with something else than a request to wait.
    async fn send(&mut self, body: &Value, token: Option<&SecretText>) -> Result<HeliumAnswer, HeliumError> {
        let (mut waits, mut failures) = (0, 0);
        loop {
            let ready = self.throttle.ready_at(self.began.elapsed());
            self.wait_until(ready).await?;
            let ticket = self.throttle.take(self.began.elapsed());
            let answer = self.transport.ask(body.to_string().into_bytes(), token).await;
            let now = self.began.elapsed();
            match &answer {
                Answer::Response(response) => self.throttle.observe(now, ticket, &response.rate),
                _ => self.throttle.request_lost(),
            }
            match outcome(&answer, &|text| self.redacted(text, token)) {
                HeliumAnswer::Wait(wait) if waits < MAX_WAITS => {
                    waits += 1;
                    self.throttle.pause(now, wait);
                }
                HeliumAnswer::Wait(wait) => {
                    return Err(HeliumError::RateLimited(humantime::format_duration(wait).to_string()));
                }
                HeliumAnswer::Busy(_) if failures < MAX_FAILURES => {
                    failures += 1;
                    sleep(Duration::from_secs(1) * failures).await;
                }
                HeliumAnswer::Busy(error) => return Err(error),
                outcome => return Ok(outcome),
            }
        }
    }

    async fn wait_until(&self, at: Duration) -> Result<(), HeliumError> {
        let wait = at.saturating_sub(self.began.elapsed());
        if wait > MAX_WAIT {
            let wait = Duration::from_secs(wait.as_secs());
            return Err(HeliumError::RateLimited(humantime::format_duration(wait).to_string()));
        }
        if wait >= TOLD_WAIT {
            (self.waits)(wait);
        }
        sleep_until(self.began + at).await;
        Ok(())
    }

    /// A text of the server without the password and the token: it may repeat what it was sent.
    fn redacted(&self, text: &str, token: Option<&SecretText>) -> String {
        let secrets = token.into_iter().chain([self.login.password.secret()]);
        secrets.fold(text.to_owned(), |text, secret| secret.redacted(&text).unwrap_or(text))
    }
}

fn error_of(outcome: HeliumAnswer, what: &'static str) -> HeliumError {
    match outcome {
        HeliumAnswer::Errors(messages) => HeliumError::Errors { what, messages },
        HeliumAnswer::NotLoggedIn(messages) => HeliumError::TokenRefused(messages),
        HeliumAnswer::TooCostly(messages) => HeliumError::TooCostly(messages),
        HeliumAnswer::Failed(error) | HeliumAnswer::Busy(error) => error,
        HeliumAnswer::Data(_) | HeliumAnswer::Wait(_) => {
            HeliumError::Unreadable("it is not what was asked for".to_owned())
        }
    }
}

/// Whether errors say that the login is a text without properties.
fn says_plain_text(messages: &[String]) -> bool {
    let text = messages.join(" ").to_lowercase();
    ["selection", "subfield", "scalar", "cannot query field"].iter().any(|word| text.contains(word))
}

/// The token and the user's id: the login is an object, or the token alone.
fn login_of(login: Option<&Value>) -> Option<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let login = login?;
    let user = login.get("user").and_then(|user| user.get("id")).and_then(text);
    let token = text(login).or_else(|| login.get("token").and_then(text))?;
    Some((token, user))
}

impl<T: AskHelium> Session<'_, T> {
    /// The certificate fields of the academy, as far as they are shown.
    pub async fn certificate_fields(&mut self) -> Result<Vec<Map<String, Value>>, HeliumError> {
        const FIELDS: &str = "UserCertificateFields";
        let body = json!({ "query": format!("query {{ {FIELDS} {{ id label type }} }}") });
        objects(self.query(&body).await?.remove(FIELDS))
    }
}

/// The objects of a list.
fn objects(list: Option<Value>) -> Result<Vec<Map<String, Value>>, HeliumError> {
    let unreadable = |why: &str| HeliumError::Unreadable(why.to_owned());
    let Some(Value::Array(items)) = list else {
        return Err(unreadable("it has no list of what was asked for"));
    };
    let object = |item| match item {
        Value::Object(members) => Ok(members),
        _ => Err(unreadable("an item of it is not an object")),
    };
    items.into_iter().map(object).collect()
}

impl<T: AskHelium> Asks for Session<'_, T> {
    async fn certificates(
        &mut self,
        query: &CertificateQuery,
    ) -> Result<Vec<Map<String, Value>>, HeliumError> {
        objects(self.query(&query.body()).await?.remove(CERTIFICATES))
    }
}
