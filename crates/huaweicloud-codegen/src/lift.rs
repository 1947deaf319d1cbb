//! A name for each type: schemas that stand within others become named ones, so that no two types
//! meet under a name that nobody chose.

use crate::document::{METHODS, Result, problem, requested, schemas_mut, text};
use crate::{constraints, names, schema};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Where each named type stands in the document as it was written.
pub(crate) type Places = BTreeMap<String, String>;

/// Names every type. Some have a name and a place already.
pub(crate) fn lift(document: &mut Value, mut places: Places) -> Result<Places> {
    let requested = requested(document);
    let all = schemas_mut(document).map(std::mem::take).unwrap_or_default();
    for name in all.keys() {
        places.entry(name.clone()).or_insert_with(|| format!("/components/schemas/{name}"));
    }
    let mut lifted = Lifted { all: all.clone(), places };
    for (name, mut schema) in all {
        let in_request = requested.contains(&format!("#/components/schemas/{name}"));
        let place = lifted.places.get(&name).cloned().unwrap_or_default();
        lifted.parts(&mut schema, &name, &place, in_request)?;
        lifted.all.insert(name, schema);
    }
    for (section, suffix) in
        [("parameters", "Parameter"), ("requestBodies", "Body"), ("responses", "Response")]
    {
        let place = format!("/components/{section}");
        let part = document.pointer_mut(&place);
        for (name, node) in part.and_then(Value::as_object_mut).into_iter().flatten() {
            let place = format!("{place}/{name}");
            lifted.holder(node, &format!("{name}{suffix}"), &place, section != "responses")?;
        }
    }
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let (mut id, of_path) = (String::new(), format!("/paths/{path}"));
        for method in METHODS {
            let Some(operation) = item.get_mut(method) else { continue };
            let place = format!("{of_path}/{method}");
            id = names::pascal(text(operation, "operationId").unwrap_or_default());
            lifted.parameters(operation, &id, &place)?;
            if let Some(body) = operation.get_mut("requestBody") {
                lifted.holder(body, &format!("{id}Body"), &format!("{place}/requestBody"), true)?;
            }
            let responses = operation["responses"].as_object_mut().into_iter().flatten();
            for (status, response) in responses {
                let place = format!("{place}/responses/{status}");
                let status = Some(status).filter(|it| !it.starts_with('2'));
                let name = format!("{id}Response{}", status.map_or("", String::as_str));
                lifted.holder(response, &name, &place, false)?;
            }
        }
        lifted.parameters(item, &id, &of_path)?;
    }
    if lifted.all.is_empty() {
        return Ok(lifted.places);
    }
    let Some(document) = document.as_object_mut() else { return Ok(lifted.places) };
    document.entry("components").or_insert_with(|| json!({}))["schemas"] =
        Value::Object(lifted.all);
    Ok(lifted.places)
}

struct Lifted {
    all: Map<String, Value>,
    places: Places,
}

impl Lifted {
    fn parameters(&mut self, holder: &mut Value, id: &str, place: &str) -> Result<()> {
        let parameters = holder.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().enumerate().try_for_each(|(at, parameter)| {
            let name = text(parameter, "name").unwrap_or_default();
            let place = format!("{place}/parameters/{at} ({name})");
            self.holder(parameter, &format!("{id}{}", names::pascal(name)), &place, true)
        })
    }

    /// A parameter, a body or a response.
    fn holder(
        &mut self,
        node: &mut Value,
        name: &str,
        place: &str,
        in_request: bool,
    ) -> Result<()> {
        if let Some(schema) = node.get_mut("schema") {
            self.schema(schema, name, &format!("{place}/schema"), in_request)?;
        }
        let content = node.get_mut("content").and_then(Value::as_object_mut);
        content.into_iter().flatten().try_for_each(|(kind, media)| {
            let Some(schema) = media.get_mut("schema") else { return Ok(()) };
            // An enum of a response is called like the field that has it. Here, there is none.
            let is_list = schema.get("items").is_some();
            let values = if is_list { &mut schema["items"] } else { &mut *schema };
            let is_enum = ["enum", "x-extensible-enum"].iter().any(|key| values.get(key).is_some());
            if !in_request && is_enum && values.get("title").is_none() {
                values["title"] = name.into();
            }
            self.schema(schema, name, &format!("{place}/content/{kind}/schema"), in_request)
        })
    }

    fn schema(
        &mut self,
        schema: &mut Value,
        name: &str,
        place: &str,
        in_request: bool,
    ) -> Result<()> {
        let name = text(schema, "title").unwrap_or(name);
        let name = names::type_name(name);
        self.parts(schema, &name, place, in_request)?;
        let is_type = schema::is_struct(schema)
            || in_request && (schema.get("enum").is_some() || constraints::is_constrained(schema));
        if !is_type {
            return Ok(());
        }
        let mut named = schema.take();
        let mut reference =
            json!({ "allOf": [{ "$ref": format!("#/components/schemas/{name}") }] });
        for key in ["nullable", "description"] {
            if let Some(value) = named.get(key) {
                reference[key] = value.clone();
            }
        }
        if let Some(map) = named.as_object_mut() {
            map.remove("nullable");
        }
        *schema = reference;
        let other = self.places.insert(name.clone(), place.to_owned()).unwrap_or_default();
        match self.all.insert(name.clone(), named.clone()) {
            Some(it) if it != named => {
                let wrong = format!("this type and the one at {other} both become {name}");
                problem(place, wrong, "a title for one of them")
            }
            _ => Ok(()),
        }
    }

    /// The schemas within a schema.
    fn parts(
        &mut self,
        schema: &mut Value,
        name: &str,
        place: &str,
        in_request: bool,
    ) -> Result<()> {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (property, part) in properties.into_iter().flatten() {
            let (name, place) = (
                format!("{name}{}", names::pascal(property)),
                format!("{place}/properties/{property}"),
            );
            self.schema(part, &name, &place, in_request)?;
        }
        for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
            if let Some(part) = schema.get_mut(key) {
                let place = format!("{place}/{key}");
                self.schema(part, &format!("{name}{suffix}"), &place, in_request)?;
            }
        }
        Ok(())
    }
}
