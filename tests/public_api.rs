//! Promise: the generated public face changes only with eyes open. A change of the document or of
//! the generator shows up here; `just accept` accepts it.

use expect_test::expect_file;
use quote::ToTokens;
use std::fs;
use syn::{Item, Visibility};

const GENERATED: [&str; 2] =
    [concat!(env!("OUT_DIR"), "/client.rs"), concat!(env!("OUT_DIR"), "/mock.rs")];

#[test]
fn the_generated_public_face_is_the_accepted_one() {
    let mut face = String::new();
    for path in GENERATED {
        let file = syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap();
        outline(&file.items, "", &mut face);
    }
    // The open enums are declared by a macro, whose call is their face.
    let enums = fs::read_to_string(concat!(env!("OUT_DIR"), "/enums.rs")).unwrap();
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in enums.split("crate::open_enum!").skip(1) {
        face += &format!("open enum {}\n", words(part));
    }
    expect_file!["public_api.txt"].assert_eq(&face);
}

/// One line for each thing that a user can name: types with their fields, functions with their
/// signatures, traits that types implement.
fn outline(items: &[Item], place: &str, face: &mut String) {
    let public = |visibility: &Visibility| matches!(visibility, Visibility::Public(_));
    for item in items {
        match item {
            Item::Mod(item) if public(&item.vis) => {
                let inner = item.content.as_ref().map(|(_, items)| items.as_slice());
                outline(inner.unwrap_or_default(), &format!("{place}{}::", item.ident), face);
            }
            Item::Struct(item) if public(&item.vis) => {
                *face += &format!("struct {place}{}{}\n", item.ident, text(&item.generics));
                for (position, field) in
                    item.fields.iter().enumerate().filter(|(_, field)| public(&field.vis))
                {
                    let name =
                        field.ident.as_ref().map_or(position.to_string(), ToString::to_string);
                    *face += &format!("  field {name}: {}\n", text(&field.ty));
                }
            }
            Item::Enum(item) if public(&item.vis) => {
                let variants: Vec<_> = item.variants.iter().map(|v| v.ident.to_string()).collect();
                *face += &format!("enum {place}{} {{ {} }}\n", item.ident, variants.join(", "));
            }
            Item::Trait(item) if public(&item.vis) => {
                *face += &format!("trait {place}{}\n", item.ident);
                for item in &item.items {
                    if let syn::TraitItem::Fn(function) = item {
                        *face += &format!("  {}\n", text(&function.sig));
                    }
                }
            }
            Item::Impl(item) => {
                let subject = text(&item.self_ty);
                match &item.trait_ {
                    Some((path, _)) => {
                        *face += &format!("impl {place}{subject}: {}\n", text(path));
                    }
                    None => {
                        for item in &item.items {
                            if let syn::ImplItem::Fn(function) = item
                                && public(&function.vis)
                            {
                                *face +=
                                    &format!("impl {place}{subject}: {}\n", text(&function.sig));
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// Tokens as a person would write them, without the paths of the standard library.
fn text(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for module in ["convert", "fmt", "num", "ops", "option", "result", "str", "string", "vec"] {
        text = text.replace(&format!(":: std :: {module} :: "), "");
    }
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" :", ":"),
        ("& ", "&"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}
