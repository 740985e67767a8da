//! The browser of the browser tests.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{command, progress};

/// Names under which distributions install it.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Path of a Chromium; installs Debian's package when there is none and we may.
///
/// # Errors
/// When there is none and it cannot be installed.
pub fn find_or_install() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        let path = PathBuf::from(path);
        if !path.is_file() {
            bail!("CHROMIUM names {}, which is not there", path.display());
        }
        return Ok(path);
    }
    if let Some(path) = find() {
        return Ok(path);
    }
    if !nix::unistd::geteuid().is_root() || !Path::new("/usr/bin/apt-get").is_file() {
        bail!(
            "the browser tests need Chromium: install your distribution's package `chromium` \
             (Debian: `apt-get install chromium`), or name one in the environment variable CHROMIUM"
        );
    }
    let step = progress::step("install Debian's package chromium");
    let install = || -> Result<()> {
        for arguments in [
            &["update", "-q"][..],
            &["install", "-q", "-y", "--no-install-recommends", "chromium"],
        ] {
            let mut apt = command::program("apt-get");
            apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
            command::run(&step, &apt)?;
        }
        Ok(())
    };
    install().context(
        "Chromium could not be installed; install the package `chromium`, or name one in CHROMIUM",
    )?;
    let path = find().context("apt-get installed chromium, yet it is not in PATH")?;
    step.done();
    Ok(path)
}

fn find() -> Option<PathBuf> {
    NAMES.iter().find_map(|name| command::which(name))
}
