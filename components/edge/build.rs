//! Lists the migrations that this build was made with, by the names under which `shared.migration`
//! records them: `/readyz` compares.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Directories under `migrations/` that are no modules.
const COMMON: [&str; 2] = ["each", "shared"];

fn main() -> io::Result<()> {
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    let migrations = here.join("../../migrations");
    println!("cargo::rerun-if-changed={}", migrations.display());

    let mut names = prefixed("shared/", sql(&migrations.join("shared"))?);
    names.extend(prefixed(
        "shared/functions/",
        sql(&migrations.join("shared/functions"))?,
    ));
    let each = sql(&migrations.join("each"))?;
    for module in directories(&migrations)? {
        if !COMMON.contains(&module.as_str()) {
            names.extend(prefixed(&format!("{module}/each/"), each.clone()));
            names.extend(prefixed(
                &format!("{module}/"),
                sql(&migrations.join(&module))?,
            ));
        }
    }
    let list: String = names
        .iter()
        .map(|name| format!("    {name:?},\n"))
        .collect();
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    fs::write(out.join("migrations.rs"), format!("&[\n{list}]\n"))
}

fn prefixed(prefix: &str, names: Vec<String>) -> Vec<String> {
    names.iter().map(|name| format!("{prefix}{name}")).collect()
}

fn sql(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = entries(directory, |kind| kind.is_file())?;
    names.retain(|name| name.ends_with(".sql"));
    Ok(names)
}

fn directories(directory: &Path) -> io::Result<Vec<String>> {
    entries(directory, |kind| kind.is_dir())
}

fn entries(directory: &Path, wanted: impl Fn(fs::FileType) -> bool) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if wanted(entry.file_type()?) {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
