//! What lies in `migrations/`, `crates/*/sql` and `components/*/src/store`, in the order in which
//! it is applied.

use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::fingerprint::hex;
use crate::project::{self, Project};

/// Directories under `migrations/` that are no modules.
const COMMON: [&str; 2] = ["shared", "each"];

/// A file of SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// As recorded: unique within its module.
    pub name: String,
    pub sql: String,
    pub checksum: String,
}

impl File {
    /// A file by what is recorded of it.
    pub fn new(name: String, sql: String) -> File {
        let checksum = hex(&Sha256::digest(sql.as_bytes()));
        File {
            name,
            sql,
            checksum,
        }
    }

    /// Whether the file asks to run outside of a transaction.
    pub fn without_transaction(&self) -> bool {
        self.sql
            .lines()
            .next()
            .is_some_and(|line| line.trim() == "-- no-transaction")
    }
}

/// One module's files, or those of `shared`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    pub name: String,
    /// Numbered, applied once: those that every module gets.
    pub each: Vec<File>,
    /// Applied again when they change: those that every module gets.
    pub each_functions: Vec<File>,
    /// Numbered, applied once: its own.
    pub migrations: Vec<File>,
    /// Applied again when they change: its own.
    pub functions: Vec<File>,
}

/// Everything there is to apply: `shared` first, then the modules by name.
pub fn read(project: &Project) -> Result<Vec<Module>> {
    let migrations = project.path("migrations");
    let mut modules = vec![Module {
        name: "shared".into(),
        each: Vec::new(),
        each_functions: Vec::new(),
        migrations: numbered(&migrations.join("shared"), "", None)?,
        functions: functions(&migrations.join("shared/functions"), "functions/", None)?,
    }];
    for name in project::directories(&migrations)? {
        if COMMON.contains(&name.as_str()) {
            continue;
        }
        check_name(&name)?;
        let mut each_functions = Vec::new();
        for library in project::directories(&project.path("crates"))? {
            let directory = project.path("crates").join(&library).join("sql");
            each_functions.extend(functions(&directory, &format!("{library}/"), Some(&name))?);
        }
        modules.push(Module {
            each: numbered(&migrations.join("each"), "each/", Some(&name))?,
            each_functions,
            migrations: numbered(&migrations.join(&name), "", Some(&name))?,
            functions: functions(
                &project.path("components").join(&name).join("src/store"),
                "store/",
                Some(&name),
            )?,
            name,
        });
    }
    Ok(modules)
}

/// A module's name becomes a schema and part of a role.
fn check_name(name: &str) -> Result<()> {
    let fine = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !fine {
        bail!("migrations/{name}: a module's name is of lower-case letters, digits and _");
    }
    Ok(())
}

fn numbered(directory: &Path, prefix: &str, schema: Option<&str>) -> Result<Vec<File>> {
    let files = sql(directory, prefix, schema)?;
    check_numbers(&files).with_context(|| format!("in {}", directory.display()))?;
    Ok(files)
}

fn functions(directory: &Path, prefix: &str, schema: Option<&str>) -> Result<Vec<File>> {
    sql(directory, prefix, schema)
}

fn sql(directory: &Path, prefix: &str, schema: Option<&str>) -> Result<Vec<File>> {
    let names = project::files(directory)?
        .into_iter()
        .filter(|name| name.ends_with(".sql"));
    names
        .map(|name| {
            let text = project::read(&directory.join(&name))?;
            Ok(File::new(format!("{prefix}{name}"), fill(&text, schema)))
        })
        .collect()
}

/// Puts the module's name where a file for all modules says `{{schema}}`.
fn fill(text: &str, schema: Option<&str>) -> String {
    schema.map_or_else(
        || text.to_owned(),
        |schema| text.replace("{{schema}}", schema),
    )
}

/// Two files with one number have no order: each was written without knowing of the other.
fn check_numbers(files: &[File]) -> Result<()> {
    let mut last = None;
    for file in files {
        let name = file.name.rsplit('/').next().unwrap_or_default();
        let number = name
            .split_once('_')
            .map(|(number, _)| number)
            .unwrap_or_default();
        if number.len() != 4 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            bail!("{name} is not named NNNN_what.sql");
        }
        if last == Some(number) {
            bail!(
                "two migrations have the number {number}; the one that came later takes the next"
            );
        }
        last = Some(number);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, file: &str, text: &str) {
        let path = root.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn files_come_in_the_order_of_their_application() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "migrations/shared/0001_base.sql", "s1");
        write(root.path(), "migrations/shared/functions/now.sql", "f");
        write(
            root.path(),
            "migrations/each/0001_events.sql",
            "create table \"{{schema}}\".outbox ()",
        );
        write(root.path(), "migrations/order/0002_b.sql", "b");
        write(
            root.path(),
            "migrations/order/0001_a.sql",
            "-- no-transaction\na",
        );
        write(root.path(), "migrations/account/0001_a.sql", "a");
        write(
            root.path(),
            "crates/events/sql/publish.sql",
            "{{schema}}.publish",
        );
        write(root.path(), "components/order/src/store/place.sql", "place");
        write(root.path(), "components/order/src/store/place.rs", "no sql");
        let modules = read(&Project {
            root: root.path().to_owned(),
        })
        .unwrap();
        let names: Vec<_> = modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(names, ["shared", "account", "order"]);
        assert_eq!(modules[0].functions[0].name, "functions/now.sql");
        let order = &modules[2];
        assert_eq!(order.each[0].sql, "create table \"order\".outbox ()");
        assert_eq!(order.each[0].name, "each/0001_events.sql");
        assert_eq!(order.each_functions[0].sql, "order.publish");
        assert_eq!(order.each_functions[0].name, "events/publish.sql");
        let numbered: Vec<_> = order
            .migrations
            .iter()
            .map(|file| file.name.as_str())
            .collect();
        assert_eq!(numbered, ["0001_a.sql", "0002_b.sql"]);
        assert!(
            order.migrations[0].without_transaction() && !order.migrations[1].without_transaction()
        );
        assert_eq!(order.functions.len(), 1);
    }

    #[test]
    fn checksums_follow_the_text_that_is_applied() {
        let file = |text, schema| File::new("x".into(), fill(text, schema)).checksum;
        assert_eq!(file("{{schema}}", Some("order")), file("order", None));
        assert_ne!(
            file("{{schema}}", Some("order")),
            file("{{schema}}", Some("account"))
        );
    }

    #[test]
    fn numbers_are_four_digits_and_unique() {
        let files = |names: &[&str]| {
            names
                .iter()
                .map(|name| File::new((*name).into(), String::new()))
                .collect::<Vec<_>>()
        };
        assert!(check_numbers(&files(&["0001_a.sql", "0002_b.sql"])).is_ok());
        assert!(
            check_numbers(&files(&["0001_a.sql", "0001_b.sql"]))
                .unwrap_err()
                .to_string()
                .contains("0001")
        );
        assert!(check_numbers(&files(&["1_a.sql"])).is_err());
        assert!(check_numbers(&files(&["first.sql"])).is_err());
    }

    #[test]
    fn a_module_that_cannot_be_a_schema_is_refused() {
        assert!(check_name("order").is_ok());
        assert!(check_name("Order").is_err());
        assert!(check_name("1st").is_err());
    }
}
