//! What processes hold in memory, shared pages counted once.

use std::collections::BTreeMap;

/// Proportional set size of these processes and all their descendants, in MiB; `None` where the
/// system does not tell.
pub fn proportional_mib(roots: &[u32]) -> Option<f64> {
    let parents = parents()?;
    let mut total = 0_u64;
    let mut found = false;
    for pid in parents
        .keys()
        .copied()
        .filter(|pid| belongs(*pid, roots, &parents))
    {
        // A process may end in between.
        if let Some(kib) = proportional_kib(pid) {
            total += kib;
            found = true;
        }
    }
    found.then(|| total as f64 / 1024.0)
}

fn belongs(pid: u32, roots: &[u32], parents: &BTreeMap<u32, u32>) -> bool {
    let mut at = pid;
    // Ids that are used again could close a circle; no family is that deep.
    for _ in 0..64 {
        if roots.contains(&at) {
            return true;
        }
        match parents.get(&at) {
            Some(&parent) if parent > 1 => at = parent,
            _ => return false,
        }
    }
    false
}

/// Every process' parent.
fn parents() -> Option<BTreeMap<u32, u32>> {
    let entries = std::fs::read_dir("/proc").ok()?;
    let mut parents = BTreeMap::new();
    for entry in entries.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        if let Some(parent) = std::fs::read_to_string(entry.path().join("stat"))
            .ok()
            .and_then(|it| parent(&it))
        {
            parents.insert(pid, parent);
        }
    }
    Some(parents)
}

/// The parent in a `stat` line. The name in parentheses may hold anything.
fn parent(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

fn proportional_kib(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_hides_no_parent() {
        assert_eq!(parent("12 (a) b) S 7 12 12"), Some(7));
        assert_eq!(parent("12"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_memory() {
        assert!(proportional_mib(&[std::process::id()]).unwrap() > 0.1);
    }
}
