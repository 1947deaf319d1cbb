//! Promise: a file of the library uses what stands below its layer, and files of its own layer without a
//! cycle. A module uses the modules that it declares. A name is imported from the module that defines it, or
//! from the `mod.rs` of its folder, not from the crate root.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};

/// From the top to the bottom.
const LAYERS: [&[&str]; 6] = [
    &["client"],
    &["credential"],
    &["pipeline"],
    &["auth"],
    &["codec"],
    &["region", "error", "service"],
];
/// What is for users and for generated code stands above all layers.
const TOP: [&str; 3] = ["lib", "include", "runtime"];
/// The code of each file, by its name without `.rs`: `auth/mod`.
type Tree = BTreeMap<String, String>;
type Names = Vec<String>;

fn layer(file: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&file.split('/').next().unwrap_or_default()))
}

/// Finds each path that begins with `crate`, `self` or `super`, and each file that is declared, as a path
/// from the crate root. Looks also where macros and attributes name them.
fn paths(code: TokenStream, module: &[String], found: &mut Vec<Names>) {
    let tokens: Vec<_> = code.into_iter().collect();
    let is = |at: Option<usize>, text: &str| {
        at.and_then(|at| tokens.get(at)).is_some_and(|token| token.to_string() == text)
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let begins = [(0, ":"), (1, ":")].iter().all(|(next, sign)| is(Some(at + 1 + next), sign));
        // `$crate` is of a macro's user. `pub(in crate::auth)` uses nothing.
        let begins = begins && !is(at.checked_sub(1), "$") && !(at == 1 && is(Some(0), "in"));
        match token {
            TokenTree::Ident(name)
                if begins && (name == "crate" || name == "super" || name == "self") =>
            {
                at = path(&tokens, at, Vec::new(), module, found);
                continue;
            }
            TokenTree::Ident(name) if is(at.checked_sub(1), "mod") && is(Some(at + 1), ";") => {
                found.push([module, &[name.to_string()]].concat());
            }
            TokenTree::Group(group) => {
                let is_module = is(at.checked_sub(2), "mod");
                let inner = is_module.then(|| tokens[at - 1].to_string());
                paths(group.stream(), &[module, inner.as_slice()].concat(), found);
            }
            _ => {}
        }
        at += 1;
    }
}

/// Reads a path, and each path of its groups. Gives where it ends.
fn path(
    tokens: &[TokenTree],
    at: usize,
    mut written: Names,
    module: &[String],
    found: &mut Vec<Names>,
) -> usize {
    if let TokenTree::Group(group) = &tokens[at] {
        let inner: Vec<_> = group.stream().into_iter().collect();
        for part in inner.split(|it| it.to_string() == ",").filter(|part| !part.is_empty()) {
            path(part, 0, written.clone(), module, found);
        }
        return at + 1;
    }
    written.push(tokens[at].to_string());
    let colons = tokens.iter().skip(at + 1).take_while(|it| it.to_string() == ":").count();
    let goes_on = tokens.get(at + 3).is_some_and(|next| match next {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        next => matches!(next, TokenTree::Ident(_)),
    });
    if colons == 2 && goes_on {
        return path(tokens, at + 3, written, module, found);
    }
    let mut absolute = module.to_vec();
    for (depth, name) in written.into_iter().enumerate() {
        match &*name {
            "crate" => absolute.clear(),
            "super" => drop(absolute.pop()),
            // In a group, it stands for the path before the group.
            "self" => {}
            _ => absolute.extend((depth > 0).then_some(name)),
        }
    }
    found.push(absolute);
    at + 1
}

/// What is wrong with a tree, and which file uses which.
fn check(tree: &Tree) -> (Vec<String>, BTreeSet<(&str, &str)>) {
    let module = |file: &str| -> Names {
        let parts = file.split('/').filter(|part| !["mod", "lib"].contains(part));
        parts.map(str::to_owned).collect()
    };
    let files: BTreeMap<_, _> = tree.keys().map(|file| (module(file), file.as_str())).collect();
    let (mut problems, mut uses) = (Vec::new(), BTreeSet::new());
    for (file, code) in tree.iter().filter(|(file, _)| !TOP.contains(&file.as_str())) {
        let mut found = Vec::new();
        paths(code.parse().unwrap(), &module(file), &mut found);
        for path in found {
            let holders = (0..=path.len()).rev().filter_map(|length| files.get(&path[..length]));
            let used = *holders.into_iter().next().unwrap();
            let wrong = match (layer(file), layer(used)) {
                _ if TOP.contains(&used) => "stands above all layers: name what defines it",
                (None, _) | (_, None) => "one of them is in no layer",
                (Some(own), Some(other)) if other < own => "stands above it",
                _ => {
                    uses.extend((used != file).then_some((file.as_str(), used)));
                    continue;
                }
            };
            problems.push(format!("{file} uses {}: {wrong}", path.join("::")));
        }
    }
    // Whoever uses nothing of the rest, or is not used by it, is in no cycle.
    let mut cycle: BTreeSet<_> = uses.iter().collect();
    let mut length = 0;
    while length != cycle.len() {
        length = cycle.len();
        let (users, used): (BTreeSet<_>, BTreeSet<_>) = cycle.iter().copied().copied().unzip();
        cycle.retain(|(a, b)| used.contains(a) && users.contains(b));
    }
    problems.extend((!cycle.is_empty()).then(|| format!("a cycle: {cycle:?}")));
    (problems, uses)
}

fn read(folder: &Path, prefix: &str, tree: &mut Tree) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_stem().unwrap().to_str().unwrap());
        match path.is_dir() {
            true => read(&path, &format!("{name}/"), tree),
            false => drop(tree.insert(name, fs::read_to_string(path).unwrap())),
        }
    }
}

#[test]
fn each_file_uses_what_stands_below_it() {
    let mut tree = Tree::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut tree);
    let (problems, uses) = check(&tree);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(tree.len() > 40 && uses.len() > 100, "{} files, {} uses", tree.len(), uses.len());
    // What is corrected is an exception no more.
}

const GOOD: [(&str, &str); 10] = [
    ("lib", "mod error; mod region; mod auth; pub use client::Client; pub mod api {}"),
    ("runtime", "pub use crate::client::Client; pub use crate::error::Error;"),
    (
        "error",
        r##"//! Not a use: crate::client::Client.
            /* nor /* this */ crate::client::Client */
            pub struct Error<'a>(&'a str);
            const TEXTS: [&str; 2] = ["\" crate::client::Client", r#"" crate::client::Client"#];
            macro_rules! m { () => { $crate::__runtime::f() } }
            mod tests { use super::*; }"##,
    ),
    ("region", "use crate::error::{self, Error as E}; pub(in crate::client) fn f() {}"),
    ("auth/mod", "mod cache; mod secret; pub use self::cache::Cache;"),
    ("auth/cache", "use super::secret::Secret;"),
    ("auth/secret", "use super::super::region;"),
    ("pipeline/mod", "mod send; pub struct Pipeline;"),
    ("pipeline/send", "use crate::{auth::{cache::{self, Cache}, secret}, error::Error};"),
    ("client", "fn f() { crate::pipeline::send::f::<u8>(crate::auth::Cache) }"),
];

/// A file that takes the place of one of those, and what is wrong then.
const BROKEN: [(&str, &str, &str); 16] = [
    ("region", "use crate::Client;", "region uses Client: stands above all"),
    ("pipeline/send", "use crate::{error::{Error}, Client};", "send uses Client: stands above all"),
    ("auth/secret", "use super::super::Client;", "secret uses Client: stands above all"),
    ("region", "use crate::api::Client;", "region uses api::Client: stands above all"),
    ("region", "use crate::*;", "region uses : stands above all"),
    ("region", "use crate::runtime::f;", "region uses runtime::f: stands above all"),
    ("auth/cache", "use crate::client::C;", "cache uses client::C: stands above it"),
    ("auth/cache", "use crate::{error, client::{m::{b}}};", "client::m::b: stands above it"),
    ("auth/cache", "use super::super::pipeline::P;", "cache uses pipeline::P: stands above it"),
    ("error", "fn f() { for _ in crate::auth::f() {} }", "error uses auth::f: stands above it"),
    ("error", "mod tests { use crate::auth; }", "error uses auth: stands above it"),
    ("error", "#[derive(crate::auth::A)] struct S;", "error uses auth::A: stands above it"),
    ("error", "fn f() { vec![crate::auth::A] }", "error uses auth::A: stands above it"),
    ("other", "use crate::error::Error;", "one of them is in no layer"),
    ("auth/secret", "use crate::auth::cache::C;", r#"a cycle: {("auth/cache", "auth/secret"), ("#),
    ("auth/secret", "fn f() { super::f() }", r#"("auth/secret", "auth/mod")"#),
];

#[test]
fn a_good_tree_passes_and_broken_ones_do_not() {
    let good: Tree = GOOD.map(|(file, code)| (file.to_owned(), code.to_owned())).into();
    assert_eq!(check(&good).0, [""; 0]);
    for (file, code, expected) in BROKEN {
        let mut broken = good.clone();
        broken.insert(file.into(), code.into());
        let (problems, _) = check(&broken);
        assert!(problems.len() == 1 && problems[0].contains(expected), "{code}: {problems:?}");
    }
}
