//! Who may import what, under which licences, and which foreign code may build us: kept by `cargo metadata`, by reading
//! the page's sources and GitHub's workflows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{cargo, output, root};

/// Which of our crates each of our crates may use (docs/ARCHITECTURE.md). Tests may use more.
const MAY_USE: &[(&str, &[&str])] = &[
    (
        "deskbell",
        &["deskbell-clock", "deskbell-desk", "deskbell-protocol"],
    ),
    (
        "deskbell-bench",
        &["deskbell-clock", "deskbell-gateway-program", "deskbell-socketio"],
    ),
    ("deskbell-clock", &[]),
    (
        "deskbell-desk",
        &["deskbell-clock", "deskbell-protocol", "deskbell-socketio"],
    ),
    ("deskbell-fault-proxy", &[]),
    (
        "deskbell-gateway",
        &[
            "deskbell-clock",
            "deskbell-protocol",
            "deskbell-socketio",
            "deskbell-store",
        ],
    ),
    ("deskbell-gateway-program", &["deskbell-protocol"]),
    ("deskbell-protocol", &[]),
    (
        "deskbell-soak",
        &[
            "deskbell-clock",
            "deskbell-desk",
            "deskbell-fault-proxy",
            "deskbell-gateway-program",
            "deskbell-protocol",
            "deskbell-socketio",
            "deskbell-throwaway-postgres",
        ],
    ),
    ("deskbell-socketio", &["deskbell-clock"]),
    ("deskbell-store", &["deskbell-clock", "deskbell-protocol"]),
    ("deskbell-throwaway-postgres", &[]),
    ("xtask", &["deskbell-clock"]),
];

/// Crates of others that stay in one room.
const ROOMS: &[(&str, &str)] = &[
    (
        "axum",
        "deskbell-bench deskbell-gateway deskbell-soak deskbell-socketio",
    ),
    ("keyring-core", "deskbell-desk"),
    ("ksni", "deskbell"),
    ("notify-rust", "deskbell"),
    ("rfd", "deskbell"),
    ("sqlx", "deskbell-bench deskbell-store"),
    ("tauri", "deskbell"),
    ("tokio-tungstenite", "deskbell-bench deskbell-socketio"),
];

/// Licences that let Deskbell be passed on as MIT OR Apache-2.0. One of each crate's alternatives must be all of these.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Checks all of it.
///
/// # Errors
/// Every rule that is broken, and by whom.
pub(crate) fn run() -> Result<()> {
    let printed = output(cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&printed)?;
    let mut faults = imports(&metadata)?;
    faults.extend(licences(&metadata)?);
    faults.extend(page_imports(&root().join("ui/src"))?);
    for workflow in fs::read_dir(root().join(".github/workflows"))? {
        let path = workflow?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        faults.extend(
            actions(&fs::read_to_string(&path)?)
                .iter()
                .map(|fault| format!("{name}: {fault}")),
        );
    }
    if faults.is_empty() {
        Ok(())
    } else {
        bail!("{}", faults.join("\n"))
    }
}

fn imports(metadata: &Value) -> Result<Vec<String>> {
    let rules: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut faults = Vec::new();
    for package in ours(metadata)? {
        let name = package["name"].as_str().context("a package without a name")?;
        let Some(allowed) = rules.get(name) else {
            faults.push(format!("{name} stands in no rule of crates/xtask/src/tidy.rs"));
            continue;
        };
        let used = package["dependencies"].as_array().context("no dependencies")?;
        for used in used
            .iter()
            .filter(|used| used["kind"].is_null())
            .filter_map(|used| used["name"].as_str())
        {
            if rules.contains_key(used) && !allowed.contains(&used) {
                faults.push(format!("{name} may not use {used}"));
            }
            let room = ROOMS.iter().find(|(guest, _)| *guest == used);
            if room.is_some_and(|(_, hosts)| !hosts.split(' ').any(|host| host == name)) {
                faults.push(format!("{name} may not use {used}, which stays in its own room"));
            }
        }
    }
    Ok(faults)
}

fn ours(metadata: &Value) -> Result<Vec<&Value>> {
    let members: BTreeSet<_> = metadata["workspace_members"]
        .as_array()
        .context("no members")?
        .iter()
        .map(Value::to_string)
        .collect();
    let packages = metadata["packages"].as_array().context("no packages")?;
    Ok(packages
        .iter()
        .filter(|package| members.contains(&package["id"].to_string()))
        .collect())
}

fn licences(metadata: &Value) -> Result<Vec<String>> {
    let packages = metadata["packages"].as_array().context("no packages")?;
    let fault = |package: &Value| {
        let licence = package["license"].as_str().unwrap_or_default();
        (!is_permitted(licence)).then(|| {
            format!(
                "{} has the licence {licence:?}, which is not on the list",
                package["name"]
            )
        })
    };
    Ok(packages.iter().filter_map(fault).collect())
}

/// Whether an SPDX expression can be met by [`LICENCES`] alone. Understands what crates write: `A OR B`, `A AND B`,
/// `(A OR B) AND C`, the old `A/B`, and `A WITH exception` (an exception only permits more).
fn is_permitted(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let conjunctions = split_outside_parentheses(&expression, " AND ");
    if conjunctions.len() > 1 && split_outside_parentheses(&expression, " OR ").len() == 1 {
        return conjunctions.iter().all(|part| is_permitted(part));
    }
    split_outside_parentheses(&expression, " OR ").iter().any(|part| {
        let part = part.trim();
        if let Some(inner) = part.strip_prefix('(').and_then(|part| part.strip_suffix(')')) {
            return is_permitted(inner);
        }
        if part.contains(" AND ") {
            return split_outside_parentheses(part, " AND ")
                .iter()
                .all(|part| is_permitted(part));
        }
        LICENCES.contains(&part.split(" WITH ").next().unwrap_or_default().trim())
    })
}

fn split_outside_parentheses<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_i32, 0);
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 && at >= from && text[at..].starts_with(separator) {
            parts.push(&text[from..at]);
            from = at + separator.len();
        }
    }
    parts.push(&text[from..]);
    parts
}

/// Only `ui/src/lib/ipc` may know that there is a Tauri shell.
fn page_imports(folder: &Path) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for file in sources(folder)? {
        let inside = file.strip_prefix(folder)?;
        let is_ipc = inside.starts_with("lib/ipc");
        if !is_ipc && fs::read_to_string(&file)?.contains("@tauri-apps/") {
            faults.push(format!(
                "ui/src/{} may not import @tauri-apps: only lib/ipc may",
                inside.display()
            ));
        }
    }
    Ok(faults)
}

/// An action of others is named by the commit that was looked at, and a workflow says what it may do.
fn actions(workflow: &str) -> Vec<String> {
    let mut faults: Vec<_> = workflow
        .lines()
        .filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("uses: "))
        .filter(|action| {
            let (_, version) = action.split_once('@').unwrap_or((action, ""));
            let commit = version.split(" # ").next().unwrap_or_default();
            commit.len() != 40 || !commit.bytes().all(|digit| digit.is_ascii_hexdigit())
        })
        .map(|action| format!("{action} is no commit, and may become another"))
        .collect();
    if !workflow.lines().any(|line| line == "permissions:") {
        faults.push("it does not limit its own permissions".to_owned());
    }
    faults
}

fn sources(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path
            .extension()
            .is_some_and(|kind| kind == "ts" || kind == "svelte")
        {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn licences_are_read_as_spdx_means_them() {
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_permitted(good), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR Apache-2.0) AND LGPL-2.1",
            "LGPL-3.0-only OR AGPL-3.0",
        ] {
            assert!(!is_permitted(bad), "{bad}");
        }
    }

    #[test]
    fn an_action_that_may_change_is_found() {
        let pinned = "permissions:\n  contents: read\n    steps:\n      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5";
        assert_eq!(actions(pinned), [""; 0]);
        assert_eq!(
            actions("permissions:\n      - uses: actions/checkout@v5").len(),
            1
        );
        assert_eq!(actions("permissions:\n        uses: actions/checkout").len(), 1);
        assert_eq!(actions("jobs:\n").len(), 1);
    }

    #[test]
    fn a_desk_that_names_tauri_is_found() {
        let uses = |name: &str, used: &[&str]| {
            let used: Vec<_> = used
                .iter()
                .map(|used| json!({"name": used, "kind": null}))
                .collect();
            json!({"workspace_members": ["x"], "packages": [{"id": "x", "name": name, "dependencies": used}]})
        };
        assert_eq!(
            imports(&uses("deskbell-desk", &["deskbell-clock", "serde"])).unwrap(),
            [""; 0]
        );
        assert_eq!(imports(&uses("deskbell-desk", &["tauri"])).unwrap().len(), 1);
        assert_eq!(
            imports(&uses("deskbell-clock", &["deskbell-protocol"]))
                .unwrap()
                .len(),
            1
        );
        assert_eq!(imports(&uses("deskbell-new", &[])).unwrap().len(), 1);
    }
}
