//! The facts of the store of a shared state.

use std::sync::mpsc::channel;
use std::thread;

use super::machine::given;
use super::{PATIENCE, complaint};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::store::StateStore;
use crate::model::{StateAddress, StorageKind};
use crate::state::StoreLook;
use crate::view::doctor::{StoreFacts, StoreVariables};

/// The variables that are read for S3 (docs/shared-state.md).
const S3: [&str; 14] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_METADATA_ENDPOINT",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT",
    "AWS_ALLOW_HTTP",
];
/// Variables of S3's own tools that are not read.
const S3_NOT_READ: [&str; 3] = ["AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"];
/// The variables that are read for Azure (docs/shared-state.md).
const AZURE: [&str; 12] = [
    "AZURE_STORAGE_ACCOUNT_NAME",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_CLIENT_ID",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_USE_AZURE_CLI",
    "AZURE_STORAGE_USE_EMULATOR",
    "AZURE_STORAGE_ENDPOINT",
    "AZURE_ENDPOINT",
    "AZURITE_BLOB_STORAGE_URL",
];
/// The variables that are read for Terraform's HTTP protocol (docs/shared-state.md).
const HTTP: [&str; 7] = [
    "TF_HTTP_USERNAME",
    "TF_HTTP_PASSWORD",
    "TF_HTTP_LOCK_ADDRESS",
    "TF_HTTP_UNLOCK_ADDRESS",
    "TF_HTTP_LOCK_METHOD",
    "TF_HTTP_UNLOCK_METHOD",
    "TF_HTTP_UPDATE_METHOD",
];
/// Variables of Azure's own tools that are not read.
const AZURE_NOT_READ: [&str; 1] = ["AZURE_STORAGE_CONNECTION_STRING"];

/// What one look at the store shows, or trying it out; `None` for a file.
pub(super) fn facts(context: &Context, tries_out: bool) -> Option<StoreFacts> {
    let address = context.store.address()?;
    let (read, not_read): (&[&'static str], &[&'static str]) = match &address {
        StateAddress::Object(address) => match address.kind() {
            StorageKind::S3 => (&S3, &S3_NOT_READ),
            StorageKind::Azure => (&AZURE, &AZURE_NOT_READ),
        },
        StateAddress::Http(_) => (&HTTP, &[]),
    };
    let set = |names: &[&'static str]| names.iter().copied().filter(|name| given(name).is_some()).collect();
    Some(StoreFacts {
        address: address.to_string(),
        variables: StoreVariables { found: set(read), not_read: set(not_read) },
        look: look(&context.store, tries_out).map_err(|failure| complaint(&failure)),
        allows_unsafe: context.store.notice().is_some(),
    })
}

/// Looks, and does not wait longer than it takes a store to answer.
fn look(store: &StateStore, tries_out: bool) -> Result<StoreLook, Failure> {
    let (store, (answer, answered)) = (store.clone(), channel());
    let late = || {
        let limit = humantime::format_duration(PATIENCE);
        Failure::error(format!("the store does not answer within {limit}"))
    };
    let look = move || {
        // The receiver is gone if the wait was given up.
        let _ = answer.send(store.look(tries_out));
    };
    thread::Builder::new().spawn(look).map_err(|error| crate::cli::resources::no_thread(&error))?;
    match answered.recv_timeout(PATIENCE) {
        Ok(Some(look)) => Ok(look?),
        Ok(None) | Err(_) => Err(late()),
    }
}
