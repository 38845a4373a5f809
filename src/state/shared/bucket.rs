//! Objects in a bucket of S3 or a container of Azure, by the crate `object_store`. Its own repetition of requests is off:
//! it would repeat writes under a condition.

use std::sync::Arc;

use futures_util::StreamExt as _;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, S3ConditionalPut};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::path::Path;
use object_store::{
    BackoffConfig, GetOptions, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload,
    RetryConfig, UpdateVersion,
};

use super::connection::{AnsweredAt, Connection};
use super::objects::{ObjectError, Objects, StoredObject, Tag};
use super::request_failure::object_error;
use crate::model::{ObjectAddress, StorageKind, is_on_this_machine};
use crate::state::request_thread::RequestThread;

/// A bucket or container.
#[derive(Debug)]
pub(super) struct Bucket {
    kind: StorageKind,
    store: Arc<dyn ObjectStore>,
    thread: RequestThread,
}

impl Bucket {
    /// Prepares connections. Credentials and endpoints are those of the environment variables.
    pub(super) fn of(address: &ObjectAddress) -> Result<Self, String> {
        let kind = address.kind();
        let connection = Connection::new(kind, endpoint_is_here(kind))
            .map_err(|_| "HTTPS cannot be set up on this machine".to_owned())?;
        let retry =
            RetryConfig { max_retries: 0, backoff: BackoffConfig::default(), ..RetryConfig::default() };
        let store: Arc<dyn ObjectStore> = match kind {
            StorageKind::S3 => Arc::new(
                s3_from_environment()
                    .with_bucket_name(address.container())
                    .with_conditional_put(S3ConditionalPut::ETagMatch)
                    .with_retry(retry)
                    .with_http_connector(connection)
                    .build()
                    .map_err(|error| not_configured(&error, kind))?,
            ),
            StorageKind::Azure => Arc::new(
                MicrosoftAzureBuilder::from_env()
                    .with_container_name(address.container())
                    .with_retry(retry)
                    .with_http_connector(connection)
                    .build()
                    .map_err(|error| not_configured(&error, kind))?,
            ),
        };
        let thread =
            RequestThread::start().map_err(|error| format!("a thread cannot be started: {error}"))?;
        Ok(Self { kind, store, thread })
    }

    fn run<T: Send + 'static>(
        &self,
        request: impl Future<Output = Result<T, ObjectError>> + Send + 'static,
    ) -> Result<T, ObjectError> {
        self.thread
            .run(request)
            .unwrap_or_else(|| Err(ObjectError::Unclear(RequestThread::HAS_ENDED.to_owned())))
    }

    fn put(&self, key: &str, mode: PutMode, bytes: &[u8]) -> Result<Tag, ObjectError> {
        let (store, path, kind) = (self.store.clone(), path(key)?, self.kind);
        let payload = PutPayload::from(bytes.to_vec());
        self.run(async move {
            let put = store.put_opts(&path, payload, PutOptions::from(mode)).await;
            let put = put.map_err(|error| object_error(&error, kind))?;
            put.e_tag.map(Tag).ok_or_else(no_tag)
        })
    }
}

impl Objects for Bucket {
    fn get(&self, key: &str) -> Result<Option<StoredObject>, ObjectError> {
        let (store, path, kind) = (self.store.clone(), path(key)?, self.kind);
        self.run(async move {
            let got = match store.get_opts(&path, GetOptions::default()).await {
                Ok(got) => got,
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(object_error(&error, kind)),
            };
            let tag = got.meta.e_tag.clone().map(Tag).ok_or_else(no_tag)?;
            let written = got.meta.last_modified.timestamp();
            let age = got.extensions.get::<AnsweredAt>().map(|answered| answered.0.saturating_sub(written));
            let bytes = got.bytes().await.map_err(|error| object_error(&error, kind))?;
            Ok(Some(StoredObject { bytes: bytes.to_vec(), tag, age }))
        })
    }

    fn tag(&self, key: &str) -> Result<Option<Tag>, ObjectError> {
        let (store, path, kind) = (self.store.clone(), path(key)?, self.kind);
        self.run(async move {
            match store.get_opts(&path, GetOptions { head: true, ..GetOptions::default() }).await {
                Ok(got) => got.meta.e_tag.map(Tag).ok_or_else(no_tag).map(Some),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(object_error(&error, kind)),
            }
        })
    }

    fn create(&self, key: &str, bytes: &[u8]) -> Result<Tag, ObjectError> {
        self.put(key, PutMode::Create, bytes)
    }

    fn replace(&self, key: &str, tag: &Tag, bytes: &[u8]) -> Result<Tag, ObjectError> {
        let version = UpdateVersion { e_tag: Some(tag.0.clone()), version: None };
        self.put(key, PutMode::Update(version), bytes)
    }

    fn remove(&self, key: &str) -> Result<(), ObjectError> {
        let (store, path, kind) = (self.store.clone(), path(key)?, self.kind);
        self.run(async move {
            match store.delete(&path).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(object_error(&error, kind)),
            }
        })
    }

    fn list(&self, folder: &str, after: &str) -> Result<Vec<String>, ObjectError> {
        let (store, kind) = (self.store.clone(), self.kind);
        let (folder, after) = (path(folder)?, path(after)?);
        self.run(async move {
            let mut listed = store.list_with_offset(Some(&folder), &after);
            let mut keys = Vec::new();
            while let Some(object) = listed.next().await {
                keys.push(object.map_err(|error| object_error(&error, kind))?.location.to_string());
            }
            keys.sort();
            Ok(keys)
        })
    }
}

/// The settings of the environment variables. An empty one, as pipelines leave it, counts as missing.
fn s3_from_environment() -> AmazonS3Builder {
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        let key = name.starts_with("AWS_").then(|| name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>())?;
        (!value.is_empty()).then_some((key.ok()?, value))
    });
    variables.fold(AmazonS3Builder::new(), |builder, (key, value)| builder.with_config(key, value))
}

fn path(key: &str) -> Result<Path, ObjectError> {
    Path::parse(key).map_err(|_| ObjectError::Rejected("its name cannot be one of an object".to_owned()))
}

fn no_tag() -> ObjectError {
    ObjectError::Rejected(
        "the store names no version (ETag) of its objects, so certctl cannot compare and swap them"
            .to_owned(),
    )
}

/// Whether the endpoint that the environment names is on this machine: requests to it go through no proxy.
fn endpoint_is_here(kind: StorageKind) -> bool {
    let names: &[&str] = match kind {
        StorageKind::S3 => &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"],
        StorageKind::Azure => &["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT", "AZURITE_BLOB_STORAGE_URL"],
    };
    names.iter().find_map(|name| std::env::var(name).ok()).is_some_and(|url| is_on_this_machine(&url))
}

/// Why the library cannot be set up. Its own words may repeat the value of a variable.
fn not_configured(error: &object_store::Error, kind: StorageKind) -> String {
    let said = error.to_string();
    let missing = |what: &str| said.to_lowercase().contains(what);
    match kind {
        StorageKind::S3 if missing("missing secret") || missing("missing access") => {
            "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set: set both".to_owned()
        }
        StorageKind::Azure if missing("account must be specified") || missing("missing account") => {
            "no storage account is named: set AZURE_STORAGE_ACCOUNT_NAME".to_owned()
        }
        StorageKind::S3 => "a variable that begins with AWS_ has a value that cannot be used".to_owned(),
        StorageKind::Azure => "a variable that begins with AZURE_ has a value that cannot be used".to_owned(),
    }
}
