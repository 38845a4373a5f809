//! The commands for a state on shared storage: our own, and the tools of the storage's vendor where two versions are joined.

use std::path::{Path, PathBuf};

use super::{WayBackCommands, word};
use crate::model::{Advice, StateAddress, StorageKind};
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
        vec![
            download(address, &in_place),
            self.merge_files(&in_place, file),
            upload(&in_place, address),
            format!("rm {}", word(&in_place)),
        ]
    }
}

fn upload(file: &Path, address: &StateAddress) -> String {
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

fn download(address: &StateAddress, file: &Path) -> String {
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
