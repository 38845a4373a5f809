//! The learner who logs in at `/helium`, and how that server behaves where the documentation leaves it open.

/// The learner of the sandbox.
#[derive(Clone)]
pub struct Learner {
    /// The email address of the login.
    pub email: String,
    /// The password.
    pub password: String,
    /// The user's id.
    pub user_id: String,
    /// The role; only `STUDENT` can see certificates.
    pub role: String,
    /// The custom fields of the profile that choose the audience, each slug with its value.
    pub custom_fields: Vec<(String, String)>,
}

impl Learner {
    /// The learner's id where none is given.
    pub const USER_ID: &str = "0b5e7c1e-0000-4000-8000-00000000a5e1";
    /// The email address where none is given.
    pub const EMAIL: &str = "observer@example.com";
    /// The password where none is given.
    pub const PASSWORD: &str = "sandbox-observer";
}

impl Default for Learner {
    fn default() -> Self {
        Self {
            email: Self::EMAIL.to_owned(),
            password: Self::PASSWORD.to_owned(),
            user_id: Self::USER_ID.to_owned(),
            role: "STUDENT".to_owned(),
            custom_fields: Vec::new(),
        }
    }
}

/// What a certificate shows of an edited template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CertificateView {
    /// The template as it is.
    #[default]
    Now,
    /// The template as it was when the certificate was issued.
    AtIssue,
}

/// How `/helium` behaves where the documentation leaves it open (vendor-api.md section 6.2).
#[derive(Clone, Copy, Debug)]
pub struct HeliumQuirks {
    /// What a certificate shows of an edited template.
    pub view: CertificateView,
    /// Whether the properties of a list count once for each of its items.
    pub lists_count: bool,
    /// The most points that a query may cost.
    pub max_points: u64,
    /// Whether the login answers with the token alone, as text.
    pub plain_login: bool,
    /// Whether the argument `query` chooses certificates by title; else it is ignored.
    pub searches: bool,
    /// How many requests a token is good for; `None` for any number.
    pub token_uses: Option<u32>,
}

impl Default for HeliumQuirks {
    fn default() -> Self {
        Self {
            view: CertificateView::Now,
            lists_count: false,
            max_points: 1000,
            plain_login: false,
            searches: true,
            token_uses: None,
        }
    }
}
