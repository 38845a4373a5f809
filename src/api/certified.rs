//! Reads the answer to a request for a certificate (vendor-api.md section 6.3).

use serde_json::Value;

use super::bounds::excerpt;
use super::strict_json::parse;

/// The name of the envelope.
const ENVELOPE: &str = "APICertifyUser";

/// Whether the answer says that the certificate was issued; the error says why that is not certain.
pub fn read_certified(body: &[u8]) -> Result<(), String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err("the answer is empty".to_owned());
    }
    let value = parse(body).map_err(|_| format!("the answer is not JSON: {}", excerpt(body)))?;
    let has_errors = |value: &Value| {
        value
            .get("errors")
            .is_some_and(|errors| !errors.is_null() && errors.as_array().is_none_or(|all| !all.is_empty()))
    };
    let data = value.get("data").filter(|data| data.is_object()).unwrap_or(&value);
    let certificate = data.get(ENVELOPE).unwrap_or(data);
    if has_errors(&value) || has_errors(certificate) {
        return Err(format!("the answer also reports an error: {}", excerpt(body)));
    }
    let is_text =
        |name: &str| certificate.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    // The documentation names the template of the certificate, and takes its id for granted.
    let has_template = certificate.get("certificateTemplate").is_some_and(Value::is_object);
    if is_text("id") || has_template {
        Ok(())
    } else {
        Err(format!("the answer is JSON, but not the documented certificate: {}", excerpt(body)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_certificate_is_an_issue() {
        for body in [
            r#"{"data":{"APICertifyUser":{"id":"1"}}}"#,
            r#"{"APICertifyUser":{"id":"1"}}"#,
            r#"{"id":"1","errors":[]}"#,
            r#"{"data":{"APICertifyUser":{"certificateTemplate":{"id":"1"}}}}"#,
        ] {
            assert_eq!(read_certified(body.as_bytes()), Ok(()), "{body}");
        }
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"data":{"APICertifyUser":null}}"#,
            r#"{"data":{"APICertifyUser":{"id":""}}}"#,
            r#"{"data":{"APICertifyUser":{"id":"1"}},"errors":[{"message":"no"}]}"#,
            r#"{"id":"1","id":"2"}"#,
        ] {
            assert!(read_certified(body.as_bytes()).is_err(), "{body}");
        }
    }
}
