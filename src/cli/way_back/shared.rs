//! The commands for a state on shared storage: our own, and the tools of the storage's vendor where two versions are joined.

use std::path::{Path, PathBuf};

use super::{WayBackCommands, word};
use crate::model::{Advice, HttpAddress, ObjectAddress, StateAddress, StorageKind};
use crate::state::{How, SightingSource};

impl WayBackCommands<'_> {
    /// Returns the commands that bring the newer state back to this address.
    pub(super) fn bring_back_to(&self, address: &StateAddress) -> Vec<String> {
        let (SightingSource::Mark(file) | SightingSource::File(file)) = &self.setback.newest.origin else {
            return Vec::new();
        };
        if !matches!(self.setback.how, How::Forked | How::Unrelated) {
            return vec![self.output.command(&Advice::StatePush { file: file.clone() })];
        }
        let in_place = PathBuf::from("in-place.json");
        let download = match address {
            StateAddress::Object(address) => download(address, &in_place),
            StateAddress::Http(address) => read_by_curl(address, &in_place),
        };
        vec![
            download,
            self.merge_files(&in_place, file),
            self.upload(&in_place, address),
            format!("rm {}", word(&in_place)),
        ]
    }

    fn upload(&self, file: &Path, address: &StateAddress) -> String {
        match address {
            StateAddress::Object(address) => upload(file, address),
            // A document on a server is written under its lock alone.
            StateAddress::Http(_) => self.output.command(&Advice::StatePush { file: file.to_owned() }),
        }
    }
}

/// `state pull` refuses a state that is not the newest.
fn read_by_curl(address: &HttpAddress, file: &Path) -> String {
    format!(
        "curl -fsS -u \"$TF_HTTP_USERNAME:$TF_HTTP_PASSWORD\" {} -o {}",
        word(address.to_string()),
        word(file)
    )
}

fn upload(file: &Path, address: &ObjectAddress) -> String {
    match address.kind() {
        StorageKind::S3 => format!("aws s3 cp {} {}", word(file), word(address.to_string())),
        StorageKind::Azure => format!(
            "az storage blob upload --overwrite --file {} --container-name {} --name {}",
            word(file),
            word(address.container()),
            word(address.key())
        ),
    }
}

fn download(address: &ObjectAddress, file: &Path) -> String {
    match address.kind() {
        StorageKind::S3 => format!("aws s3 cp {} {}", word(address.to_string()), word(file)),
        StorageKind::Azure => format!(
            "az storage blob download --file {} --container-name {} --name {}",
            word(file),
            word(address.container()),
            word(address.key())
        ),
    }
}
