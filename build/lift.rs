//! A name for each type: schemas that stand within others become named ones, so that no two types
//! meet under a name that nobody chose.

use crate::build::document::{METHODS, Result, problem, requested, schemas_mut, text};
use crate::build::{constraints, names, schema};
use serde_json::{Map, Value, json};

/// Names every type.
pub(crate) fn lift(document: &mut Value) -> Result<()> {
    let requested = requested(document);
    let all = schemas_mut(document).map(std::mem::take).unwrap_or_default();
    let mut lifted = Lifted(all.iter().map(|(name, it)| (name.clone(), it.clone())).collect());
    for (name, mut schema) in all {
        let in_request = requested.contains(&format!("#/components/schemas/{name}"));
        lifted.parts(&mut schema, &name, in_request)?;
        lifted.0.insert(name, schema);
    }
    for (section, suffix) in
        [("parameters", ""), ("requestBodies", "Body"), ("responses", "Response")]
    {
        let part = document.pointer_mut(&format!("/components/{section}"));
        for (name, node) in part.and_then(Value::as_object_mut).into_iter().flatten() {
            lifted.holder(node, &format!("{name}{suffix}"), section != "responses")?;
        }
    }
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let mut id = String::new();
        for method in METHODS {
            let Some(operation) = item.get_mut(method) else { continue };
            id = names::pascal(text(operation, "operationId").unwrap_or_default());
            lifted.parameters(operation, &id)?;
            if let Some(body) = operation.get_mut("requestBody") {
                lifted.holder(body, &format!("{id}Body"), true)?;
            }
            let responses = operation["responses"].as_object_mut().into_iter().flatten();
            for (_, response) in responses {
                lifted.holder(response, &format!("{id}Response"), false)?;
            }
        }
        lifted.parameters(item, &id)?;
    }
    if lifted.0.is_empty() {
        return Ok(());
    }
    let Some(document) = document.as_object_mut() else { return Ok(()) };
    document.entry("components").or_insert_with(|| json!({}))["schemas"] = Value::Object(lifted.0);
    Ok(())
}

struct Lifted(Map<String, Value>);

impl Lifted {
    fn parameters(&mut self, holder: &mut Value, id: &str) -> Result<()> {
        let parameters = holder.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().try_for_each(|parameter| {
            let name = names::pascal(text(parameter, "name").unwrap_or_default());
            self.holder(parameter, &format!("{id}{name}"), true)
        })
    }

    /// A parameter, a body or a response.
    fn holder(&mut self, node: &mut Value, name: &str, in_request: bool) -> Result<()> {
        if let Some(schema) = node.get_mut("schema") {
            self.schema(schema, name, in_request)?;
        }
        let content = node.get_mut("content").and_then(Value::as_object_mut);
        content.into_iter().flatten().try_for_each(|(_, media)| {
            let Some(schema) = media.get_mut("schema") else { return Ok(()) };
            // An enum of a response is called like the field that has it. Here, there is none.
            let is_list = schema.get("items").is_some();
            let values = if is_list { &mut schema["items"] } else { &mut *schema };
            let is_enum = ["enum", "x-extensible-enum"].iter().any(|key| values.get(key).is_some());
            if !in_request && is_enum && values.get("title").is_none() {
                values["title"] = name.into();
            }
            self.schema(schema, name, in_request)
        })
    }

    fn schema(&mut self, schema: &mut Value, name: &str, in_request: bool) -> Result<()> {
        let name = text(schema, "title").unwrap_or(name);
        let name = names::type_name(name);
        self.parts(schema, &name, in_request)?;
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
        match self.0.insert(name.clone(), named.clone()) {
            Some(other) if other != named => problem(
                &format!("/components/schemas/{name}"),
                format!("two types become {name}"),
                "a title for one of them",
            ),
            _ => Ok(()),
        }
    }

    /// The schemas within a schema.
    fn parts(&mut self, schema: &mut Value, name: &str, in_request: bool) -> Result<()> {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (property, part) in properties.into_iter().flatten() {
            self.schema(part, &format!("{name}{}", names::pascal(property)), in_request)?;
        }
        for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
            if let Some(part) = schema.get_mut(key) {
                self.schema(part, &format!("{name}{suffix}"), in_request)?;
            }
        }
        Ok(())
    }
}
