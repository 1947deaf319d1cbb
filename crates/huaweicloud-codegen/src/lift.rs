//! Names every type: a schema within another one becomes a named one. Otherwise the generator would choose
//! the names, and two types could have the same. The constraints of responses are removed on the way.

use crate::document::{
    Result, fields_mut, is_struct, list_mut, operations_mut, place_of, problem, requested,
    schemas_mut, text,
};
use crate::open::{Enums, extensible_format, open};
use crate::{constraints, names};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt::Display};

/// Where each named type stands in the document as it was written.
pub(crate) type Places = BTreeMap<String, String>;

/// Names every type. Those that were copied have a place already. Returns the enums of the responses.
pub(crate) fn lift(document: &mut Value, copied: Places) -> Result<Enums> {
    let requested = requested(document);
    let all = schemas_mut(document).map(std::mem::take).unwrap_or_default();
    let named = all.keys().map(|name| (name.clone(), place_of(name)));
    let places = named.chain(copied).collect();
    let mut lifted = Lifted { all: all.clone(), places, enums: Enums::new() };
    for (name, mut schema) in all {
        let place = lifted.places.get(&name).cloned().unwrap_or_default();
        let at = At::new(name.clone(), place, requested.contains(&name));
        lifted.within(&mut schema, &at)?;
        lifted.all.insert(name, schema);
    }
    for (section, suffix) in
        [("parameters", "Parameter"), ("requestBodies", "Body"), ("responses", "Response")]
    {
        for (name, node) in fields_mut(&mut document["components"], section) {
            let place = format!("/components/{section}/{name}");
            let name = format!("{name}{suffix}");
            lifted.holder(node, At::new(name, place, section != "responses"))?;
        }
    }
    for (path, method, operation) in operations_mut(document) {
        let id = names::pascal(text(operation, "operationId").unwrap_or_default());
        lifted.operation(operation, &id, &format!("/paths/{path}/{method}"))?;
    }
    lifted.check_enums()?;
    if let Some(schemas) = schemas_mut(document) {
        *schemas = lifted.all;
    }
    Ok(lifted.enums)
}

/// Where a schema stands, and what it is called.
struct At {
    /// The name of the type.
    name: String,
    /// The nearest field or named part around it, after which an enum of a response is called.
    field: String,
    place: String,
    in_request: bool,
}

impl At {
    fn new(name: String, place: String, in_request: bool) -> Self {
        Self { field: name.clone(), name, place, in_request }
    }

    fn part(&self, suffix: &str, field: &str, key: impl Display) -> Self {
        Self {
            name: format!("{}{suffix}", self.name),
            field: field.to_owned(),
            place: format!("{}/{key}", self.place),
            in_request: self.in_request,
        }
    }
}

struct Lifted {
    all: Map<String, Value>,
    places: Places,
    enums: Enums,
}

impl Lifted {
    fn operation(&mut self, operation: &mut Value, id: &str, place: &str) -> Result<()> {
        for (at, parameter) in list_mut(operation, "parameters").enumerate() {
            let name = text(parameter, "name").unwrap_or_default();
            let place = format!("{place}/parameters/{at} ({name})");
            let name = format!("{id}{}", names::pascal(name));
            self.holder(parameter, At::new(name, place, true))?;
        }
        if let Some(body) = operation.get_mut("requestBody") {
            self.holder(body, At::new(format!("{id}Body"), format!("{place}/requestBody"), true))?;
        }
        for (status, response) in fields_mut(operation, "responses") {
            let suffix = if status.starts_with('2') { "" } else { status };
            let (name, place) =
                (format!("{id}Response{suffix}"), format!("{place}/responses/{status}"));
            self.holder(response, At::new(name, place, false))?;
        }
        Ok(())
    }

    /// A parameter, a body or a response.
    fn holder(&mut self, node: &mut Value, at: At) -> Result<()> {
        if let Some(schema) = node.get_mut("schema") {
            self.schema(schema, at.part("", &at.name, "schema"))?;
        }
        for (kind, media) in fields_mut(node, "content") {
            if let Some(schema) = media.get_mut("schema") {
                self.schema(schema, at.part("", &at.name, format!("content/{kind}/schema")))?;
            }
        }
        Ok(())
    }

    /// A schema without a name. If it is a type of its own, a reference takes its place.
    fn schema(&mut self, schema: &mut Value, at: At) -> Result<()> {
        let name = names::type_name(text(schema, "title").unwrap_or(&at.name));
        let at = At { name: name.clone(), ..at };
        self.within(schema, &at)?;
        let is_type = is_struct(schema)
            || at.in_request
                && (schema.get("enum").is_some() || constraints::is_constrained(schema));
        if !is_type {
            return Ok(());
        }
        let mut named = schema.take();
        *schema = json!({ "allOf": [{ "$ref": format!("#{}", place_of(&name)) }] });
        let description = named.get("description").cloned();
        let nullable = named.as_object_mut().and_then(|it| it.remove("nullable"));
        for (key, value) in [("description", description), ("nullable", nullable)] {
            value.into_iter().for_each(|value| schema[key] = value);
        }
        let other = self.places.insert(name.clone(), at.place.clone()).unwrap_or_default();
        match self.all.insert(name.clone(), named.clone()) {
            Some(it) if it != named => {
                let wrong = format!("this type and the one at {other} both become {name}");
                problem(at.place, wrong, "a title for one of them")
            }
            _ => Ok(()),
        }
    }

    /// The schemas within a schema; and what a response need not obey.
    fn within(&mut self, schema: &mut Value, at: &At) -> Result<()> {
        for (property, part) in fields_mut(schema, "properties") {
            let place = format!("properties/{property}");
            self.schema(part, at.part(&names::pascal(property), property, place))?;
        }
        for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
            if let Some(part) = schema.get_mut(key) {
                self.schema(part, at.part(suffix, &at.field, key))?;
            }
        }
        if at.in_request {
            constraints::plain(schema);
            return Ok(());
        }
        open(schema, &at.field, &at.place, &mut self.enums)
    }

    /// An enum may be called like no other type.
    fn check_enums(&self) -> Result<()> {
        for (name, it) in &self.enums {
            let is_itself = |schema: &Value| schema["format"] == extensible_format(name);
            if self.all.get(name).is_some_and(|schema| !is_itself(schema)) {
                let other = self.places.get(name).map_or("another type", String::as_str);
                let wrong = format!("this enum and {other} both become {name}");
                return problem(&it.place, wrong, "a title for the enum");
            }
        }
        Ok(())
    }
}
