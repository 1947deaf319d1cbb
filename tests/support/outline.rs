//! An outline of the public API of code: its public items without function bodies and comments.

use proc_macro2::{Group, TokenStream, TokenTree};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use syn::{
    Attribute, Field, Fields, File, ImplItem, Item, Type, Visibility, parse_quote,
    punctuated::Punctuated, token::Comma, visit_mut, visit_mut::VisitMut,
};

/// The outline of a crate, file by file, with those of its generated code last. It has every public item: a
/// lint of the compiler finds those that cannot be reached.
pub fn of_crate(folder: &Path, generated: &[PathBuf]) -> String {
    let mut files = Vec::new();
    modules(&folder.join("src"), "lib", true, &mut files);
    files.extend(generated.iter().map(|path| (path.clone(), parse(path))));
    let mut outline = Outline::of(&files.iter().map(|(_, file)| file).collect::<Vec<_>>());
    let mut text = String::new();
    for (path, mut file) in files {
        outline.visit_file_mut(&mut file);
        let face = prettyplease::unparse(&file);
        if !face.trim().is_empty() {
            let name = path.strip_prefix(folder).ok().filter(|it| it.starts_with("src"));
            let name = name.unwrap_or(Path::new(path.file_name().unwrap())).display();
            text += &format!("// {name}\n{face}\n");
        }
    }
    text
}

/// Reads the file of a module and the modules that it declares, except the hidden ones.
fn modules(folder: &Path, name: &str, is_root: bool, files: &mut Vec<(PathBuf, File)>) {
    let inner = if is_root { folder.to_owned() } else { folder.join(name) };
    let file = folder.join(name).with_extension("rs");
    let path = if file.exists() { file } else { inner.join("mod.rs") };
    let file = parse(&path);
    let declared = file.items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() && !is_hidden(&module.attrs) => Some(module),
        _ => None,
    });
    let declared: Vec<_> = declared.map(|module| module.ident.to_string()).collect();
    files.push((path, file));
    declared.iter().for_each(|name| modules(&inner, name, false, files));
}

fn parse(path: &Path) -> File {
    let code = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    syn::parse_file(&code).unwrap()
}

/// Removes what is not public.
struct Outline {
    /// The public types, whose implementations of traits count.
    types: BTreeSet<String>,
}

impl Outline {
    fn of(files: &[&File]) -> Self {
        let mut types = Types(BTreeSet::new());
        files.iter().for_each(|file| types.visit_file_mut(&mut (*file).clone()));
        Self { types: types.0 }
    }

    fn items(&self, items: &mut Vec<Item>) {
        for item in items.iter_mut() {
            // A macro that declares a type is shown as that type.
            if let Item::Macro(call) = item
                && let Ok(declared) = call.mac.parse_body()
            {
                *item = declared;
            }
            // Of a macro, what it takes counts, not what it makes of that.
            if let Item::Macro(it) = item
                && it.ident.is_some()
            {
                it.mac.tokens = without_bodies(it.mac.tokens.clone());
            }
        }
        items.retain(|item| self.is_public(item));
    }

    fn is_public(&self, item: &Item) -> bool {
        let (attributes, is_public) = match item {
            Item::Const(it) => (&it.attrs, is_pub(&it.vis)),
            Item::Enum(it) => (&it.attrs, is_pub(&it.vis)),
            Item::Fn(it) => (&it.attrs, is_pub(&it.vis)),
            Item::Mod(it) => (&it.attrs, is_pub(&it.vis)),
            Item::Static(it) => (&it.attrs, is_pub(&it.vis)),
            Item::Struct(it) => (&it.attrs, is_pub(&it.vis)),
            Item::Trait(it) => (&it.attrs, is_pub(&it.vis)),
            Item::Type(it) => (&it.attrs, is_pub(&it.vis)),
            Item::Use(it) => (&it.attrs, is_pub(&it.vis)),
            Item::Impl(it) => (&it.attrs, self.types.contains(&name(&it.self_ty))),
            Item::Macro(it) => (&it.attrs, it.ident.is_none() || has(&it.attrs, "macro_export")),
            _ => return true,
        };
        is_public && !is_hidden(attributes)
    }
}

impl VisitMut for Outline {
    fn visit_file_mut(&mut self, file: &mut File) {
        file.attrs.clear();
        self.items(&mut file.items);
        visit_mut::visit_file_mut(self, file);
        file.items.retain(|item| !matches!(item, Item::Impl(it) if is_empty(it)));
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
            ImplItem::Fn(it) => !of_trait && is_pub(&it.vis) && !is_hidden(&it.attrs),
            ImplItem::Const(it) => of_trait || is_pub(&it.vis),
            _ => true,
        });
        visit_mut::visit_item_impl_mut(self, block);
    }

    fn visit_impl_item_const_mut(&mut self, constant: &mut syn::ImplItemConst) {
        constant.expr = parse_quote!(..);
        visit_mut::visit_impl_item_const_mut(self, constant);
    }

    fn visit_item_const_mut(&mut self, constant: &mut syn::ItemConst) {
        *constant.expr = parse_quote!(..);
        visit_mut::visit_item_const_mut(self, constant);
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

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        let kept = ["derive", "non_exhaustive", "must_use", "cfg", "macro_export"];
        attributes.retain(|attribute| kept.iter().any(|it| attribute.path().is_ident(it)));
        // Without its message, which may change.
        for attribute in attributes.iter_mut().filter(|it| it.path().is_ident("must_use")) {
            *attribute = parse_quote!(#[must_use]);
        }
    }
}

/// Collects the names of public types.
struct Types(BTreeSet<String>);

impl VisitMut for Types {
    fn visit_item_mut(&mut self, item: &mut Item) {
        if let Item::Macro(call) = item
            && let Ok(declared) = call.mac.parse_body()
        {
            *item = declared;
        }
        match item {
            Item::Enum(it) if is_pub(&it.vis) => drop(self.0.insert(it.ident.to_string())),
            Item::Struct(it) if is_pub(&it.vis) => drop(self.0.insert(it.ident.to_string())),
            _ => {}
        }
        visit_mut::visit_item_mut(self, item);
    }
}

/// The rules of a macro without their bodies.
fn without_bodies(rules: TokenStream) -> TokenStream {
    let mut is_body = false;
    let tokens = rules.into_iter().map(|token| match token {
        TokenTree::Group(group) if is_body => {
            is_body = false;
            TokenTree::Group(Group::new(group.delimiter(), TokenStream::new()))
        }
        token => {
            is_body |= token.to_string() == ">";
            token
        }
    });
    tokens.collect()
}

/// The last name of a type's path; of a reference, that of its target.
fn name(ty: &Type) -> String {
    match ty {
        Type::Path(path) => {
            path.path.segments.last().map_or(String::new(), |it| it.ident.to_string())
        }
        Type::Reference(it) => name(&it.elem),
        _ => String::new(),
    }
}

fn is_empty(block: &syn::ItemImpl) -> bool {
    block.trait_.is_none() && block.items.is_empty()
}

fn public(fields: &Punctuated<Field, Comma>) -> Punctuated<Field, Comma> {
    fields.iter().filter(|field| is_pub(&field.vis)).cloned().collect()
}

fn is_pub(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|it| it.path().is_ident(name))
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| match &it.meta {
        syn::Meta::List(list) if list.path.is_ident("doc") => list.tokens.to_string() == "hidden",
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        _ => false,
    })
}
