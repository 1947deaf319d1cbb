//! Promise: the generated public API changes only on purpose. A change of the document or of the
//! generator shows up here; `just accept` accepts it.

use crate::support::path;
use expect_test::expect_file;
use std::fs;
use syn::{
    Field, Fields, ImplItem, Item, Visibility, punctuated::Punctuated, token::Comma, visit_mut,
    visit_mut::VisitMut,
};

#[test]
fn the_generated_public_api_is_the_accepted_one() {
    let api = ["client.rs", "client_mocks.rs"].map(|name| {
        let code = fs::read_to_string(format!("{}/{name}", env!("OUT_DIR"))).unwrap();
        let mut file = syn::parse_file(&code).unwrap();
        Outline.visit_file_mut(&mut file);
        format!("// {name}\n{}", prettyplease::unparse(&file))
    });
    expect_file![path("tests/public_api.txt")].assert_eq(&api.join("\n"));
}

/// Drops private items, function bodies, and all attributes but `derive`.
struct Outline;

impl Outline {
    fn items(&mut self, items: &mut Vec<Item>) {
        for item in items.iter_mut() {
            // A macro that declares a type is shown as that type.
            if let Item::Macro(call) = item
                && let Ok(declared) = call.mac.parse_body()
            {
                *item = declared;
            }
        }
        items.retain(|item| is_public(item) && !is_hidden(item));
    }
}

impl VisitMut for Outline {
    fn visit_file_mut(&mut self, file: &mut syn::File) {
        self.items(&mut file.items);
        visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            self.items(items);
        }
        visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
        let of_trait = block.trait_.is_some();
        block.items.retain(|item| match item {
            // The trait says which functions there are.
            ImplItem::Fn(function) => !of_trait && is_pub(&function.vis),
            _ => true,
        });
        visit_mut::visit_item_impl_mut(self, block);
    }

    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        match &mut item.fields {
            Fields::Named(fields) => fields.named = public(&fields.named),
            Fields::Unnamed(fields) => fields.unnamed = public(&fields.unnamed),
            Fields::Unit => {}
        }
        visit_mut::visit_item_struct_mut(self, item);
    }

    fn visit_block_mut(&mut self, body: &mut syn::Block) {
        body.stmts.clear();
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
        attributes.retain(|attribute| attribute.path().is_ident("derive"));
    }
}

fn public(fields: &Punctuated<Field, Comma>) -> Punctuated<Field, Comma> {
    fields.iter().filter(|field| is_pub(&field.vis)).cloned().collect()
}

fn is_public(item: &Item) -> bool {
    match item {
        Item::Const(it) => is_pub(&it.vis),
        Item::Enum(it) => is_pub(&it.vis),
        Item::Fn(it) => is_pub(&it.vis),
        Item::Mod(it) => is_pub(&it.vis),
        Item::Static(it) => is_pub(&it.vis),
        Item::Struct(it) => is_pub(&it.vis),
        Item::Trait(it) => is_pub(&it.vis),
        Item::Type(it) => is_pub(&it.vis),
        Item::Use(it) => is_pub(&it.vis),
        // The methods of an `impl` have a visibility of their own.
        _ => true,
    }
}

fn is_hidden(item: &Item) -> bool {
    matches!(item, Item::Static(it) if it.attrs.iter().any(|it| it.path().is_ident("doc")))
}

fn is_pub(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}
