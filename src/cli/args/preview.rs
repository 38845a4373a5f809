//! The flags of `certctl preview`.

use std::path::PathBuf;

use clap::Args;

use super::number::scale;

#[derive(Debug, Args)]
pub(in crate::cli) struct PreviewArgs {
    /// The templates to draw: keys or globs; all if not given.
    #[arg(value_name = "KEY")]
    pub(in crate::cli) keys: Vec<String>,
    /// Write SVG files and a page with all of them, index.html, into DIR.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Write PNG files, too.
    #[arg(long, requires = "out")]
    pub(in crate::cli) png: bool,
    /// How many pixels of a PNG one pixel of the sheet is; without it, the longer side is at most 1600 pixels.
    #[arg(long, value_name = "N", requires = "png", allow_negative_numbers = true, value_parser = scale)]
    pub(in crate::cli) scale: Option<f64>,
    /// Draw PNGs with the fonts in DIR before those of the system.
    #[arg(long, value_name = "DIR", requires = "png")]
    pub(in crate::cli) fonts: Option<PathBuf>,
    /// Draw on the background images in DIR: each has the name at the end of its template's asset.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) assets: Option<PathBuf>,
}
