//! Promise: whatever cannot be taken of a document is one line, which says where it is, what is wrong
//! and what to write instead.

use crate::support::folder::Folder;
use huaweicloud_codegen::Config;

/// The small document that is broken, with all that a document has.
const GOOD: &str = r##"
openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things/{id}:
    parameters:
      - $ref: "#/components/parameters/Page"
    put:
      operationId: ChangeThing
      x-idempotent: true
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/Thing"}}
      responses:
        "200":
          description: The thing
          content:
            application/json: {schema: {$ref: "#/components/schemas/Record"}}
        4XX:
          description: No
          content:
            application/json: {schema: {$ref: "#/components/schemas/Wrong"}}
components:
  parameters:
    Page: {name: page, in: query, schema: {type: integer, minimum: 1, maximum: 9}}
  schemas:
    Thing:
      type: object
      required: [name]
      properties:
        name: {type: string, minLength: 1, maxLength: 9, pattern: "^a", x-rule: must begin with a}
        size: {type: integer, format: int32}
        kind: {type: string, enum: [a, b]}
        owner: {allOf: [{$ref: "#/components/schemas/Owner"}], description: Whose}
        parts: {type: array, minItems: 1, maxItems: 2, items: {$ref: "#/components/schemas/Thing"}}
    Owner: {type: object, additionalProperties: {type: string}}
    Record:
      type: object
      properties:
        id: {type: string, x-proof: text}
        state: {type: string, x-extensible-enum: [x, y], x-enumDescriptions: {x: The first}}
    Wrong: {type: object, properties: {code: {type: string}}}
"##;

/// What is replaced by what, and the line.
const BROKEN: &[(&str, &str, &str)] = &[
    (
        "openapi: 3.0.3",
        "openapi: [",
        "line 4 column 1: did not find expected ',' or ']': write YAML, each key once",
    ),
    (
        "        size:",
        "        name: {type: string}\n        size:",
        "line 35 column 9: components.schemas.Thing.properties: duplicate entry with key \"name\": write YAML, each key once",
    ),
    (
        "info: {title: Things",
        "info: {title: A, title: Things",
        "line 3 column 7: info: duplicate entry with key \"title\": write YAML, each key once",
    ),
    (
        "        \"200\":",
        "        200:",
        "/paths//things/{id}/put/responses/200: the key 200 is no text: \"200\", in quotes",
    ),
    (
        "info: {title: Things, version: \"1\"}",
        "info: !x {title: Things, version: \"1\"}",
        "/info: the tag !x: the value without a tag",
    ),
    (
        "openapi: 3.0.3",
        "\topenapi: 3.0.3",
        "line 2 column 1: found character that cannot start any token: write YAML, each key once",
    ),
    (
        "title: Things",
        "title: *nothing",
        "line 3 column 15: unknown anchor: write YAML, each key once",
    ),
    (
        "openapi: 3.0.3",
        "openapi: 3.1.0",
        "/openapi: 3.1.0 is not OpenAPI 3.0: openapi: 3.0.3, in a document that is converted to it",
    ),
    (
        "openapi: 3.0.3",
        "swagger: \"2.0\"",
        "/swagger: '2.0' is not OpenAPI 3.0: openapi: 3.0.3, in a document that is converted to it",
    ),
    (
        "openapi: 3.0.3",
        "openapi: 3",
        "/openapi: 3 is not OpenAPI 3.0: openapi: 3.0.3, in a document that is converted to it",
    ),
    (
        "version: \"1\"",
        "version: 1",
        "/info/version: `1` does not fit: a text, in quotes if it looks like something else",
    ),
    ("version: \"1\"", "version: é", "/info/version: it is no printable ASCII: for example a date"),
    ("title: Things, ", "", "/info: there is no title: add title"),
    ("components:", "component:", "/component: no key of a document: components"),
    ("paths:", "path:", "/path: no key of a document: paths"),
    ("    put:\n", "    putt:\n", "/paths//things/{id}/putt: no key of a path: put"),
    (
        "      operationId: ChangeThing\n",
        "",
        "/paths//things/{id}/put: there is no operationId: add operationId",
    ),
    (
        "operationId: ChangeThing",
        "operationId: 7",
        "/paths//things/{id}/put/operationId: `7` does not fit: a text, in quotes if it looks like something else",
    ),
    (
        "operationId: ChangeThing",
        "operationID: ChangeThing",
        "/paths//things/{id}/put/operationID: no key of an operation: operationId",
    ),
    (
        "x-idempotent: true",
        "x-idempotant: true",
        "/paths//things/{id}/put/x-idempotant: no key of an operation: x-idempotent",
    ),
    (
        "x-idempotent: true",
        "x-idempotent: \"yes\"",
        "/paths//things/{id}/put/x-idempotent: `\"yes\"` does not fit: true or false",
    ),
    (
        "x-idempotent: true",
        "x-proof: text",
        "/paths//things/{id}/put/x-proof: no key of an operation: x-proof, of a schema",
    ),
    (
        "x-idempotent: true",
        "x-empty-response: error",
        "/paths//things/{id}/put/x-empty-response: it is no outcome: success",
    ),
    (
        "x-idempotent: true",
        "x-effect: 7",
        "/paths//things/{id}/put/x-effect: `7` does not fit: a text, in quotes if it looks like something else",
    ),
    (
        "x-idempotent: true",
        "x-effect: \" \"",
        "/paths//things/{id}/put/x-effect: it is not one line of text: what the call may have done, on one line",
    ),
    (
        "x-idempotent: true",
        "x-effect: \"it may be changed\\nor not\"",
        "/paths//things/{id}/put/x-effect: it is not one line of text: what the call may have done, on one line",
    ),
    (
        "x-idempotent: true",
        "x-effect: |\n        it may be changed",
        "/paths//things/{id}/put/x-effect: it is not one line of text: what the call may have done, on one line",
    ),
    (
        "    put:\n      operationId: ChangeThing\n      x-idempotent: true",
        "    get:\n      operationId: ShowThing\n      x-effect: it may be read",
        "/paths//things/{id}/get/x-effect: reading has no effect: remove it",
    ),
    (
        "      requestBody:",
        "      requestbody:",
        "/paths//things/{id}/put/requestbody: no key of an operation: requestBody",
    ),
    (
        "      responses:\n",
        "      response:\n",
        "/paths//things/{id}/put/response: no key of an operation: responses",
    ),
    (
        "description: The thing",
        "descripton: The thing",
        "/paths//things/{id}/put/responses/200/descripton: no key of a response: description",
    ),
    (
        "          description: The thing\n",
        "",
        "/paths//things/{id}/put/responses/200: there is no description: add description",
    ),
    (
        "    parameters:\n      - $ref: \"#/components/parameters/Page\"",
        "    parameters: {$ref: \"#/components/parameters/Page\"}",
        "/paths//things/{id}/parameters: a map is no list: a list",
    ),
    (
        "required: [name]",
        "requird: [name]",
        "/components/schemas/Thing/requird: no key of a schema: required",
    ),
    (
        "required: [name]",
        "required: name",
        "/components/schemas/Thing/required: `\"name\"` is no list: a list",
    ),
    (
        "required: [name]",
        "required: [name, name]",
        "/components/schemas/Thing/required: \"name\" stands twice: each once",
    ),
    (
        "required: [name]",
        "required: [nam]",
        "/components/schemas/Thing/required: there is no property nam: the name of a property",
    ),
    (
        "enum: [a, b]",
        "enum: a",
        "/components/schemas/Thing/properties/kind/enum: `\"a\"` is no list: a list",
    ),
    (
        "enum: [a, b]",
        "enum: []",
        "/components/schemas/Thing/properties/kind/enum: there is no value: some texts",
    ),
    (
        "enum: [a, b]",
        "enum: [a, 1]",
        "/components/schemas/Thing/properties/kind/enum: `1` is none of the texts: texts only",
    ),
    (
        "enum: [a, b]",
        "enum: [a, a]",
        "/components/schemas/Thing/properties/kind/enum: \"a\" stands twice: each once",
    ),
    (
        "enum: [a, b]",
        "enum: [a, null]",
        "/components/schemas/Thing/properties/kind/enum: `null` is none of the texts: texts only",
    ),
    (
        "enum: [a, b]",
        "enum: [in-queue, IN_QUEUE]",
        "/components/schemas/Thing/properties/kind/enum: IN_QUEUE and in-queue both become InQueue: leave one of them out, as the service knows no other name for it",
    ),
    (
        "minLength: 1",
        "minLength: one",
        "/components/schemas/Thing/properties/name/minLength: `\"one\"` does not fit: a whole number, 0 or more",
    ),
    (
        "minLength: 1",
        "minLength: -1",
        "/components/schemas/Thing/properties/name/minLength: `-1` does not fit: a whole number, 0 or more",
    ),
    (
        "minLength: 1",
        "minLenght: 1",
        "/components/schemas/Thing/properties/name/minLenght: no key of a schema: minLength",
    ),
    (
        "minLength: 1",
        "minLength: 10",
        "/components/schemas/Thing/properties/name/minLength: 10 is more than maxLength 9: at most 9",
    ),
    (
        "minLength: 1",
        "minimum: 1",
        "/components/schemas/Thing/properties/name/minimum: minimum is nothing of type string: remove it, or write another type",
    ),
    (
        "minLength: 1",
        "nullable: \"true\"",
        "/components/schemas/Thing/properties/name/nullable: `\"true\"` does not fit: true or false",
    ),
    (
        "pattern: \"^a\"",
        "pattern: \"^(a\"",
        "/components/schemas/Thing/properties/name/pattern: `^(a`: Unbalanced parenthesis: a regular expression of ECMAScript with the flag u",
    ),
    (
        "pattern: \"^a\"",
        "pattern: \"[b-a]\"",
        "/components/schemas/Thing/properties/name/pattern: `[b-a]`: Range values reversed, start char code is greater than end char code.: a regular expression of ECMAScript with the flag u",
    ),
    (
        "pattern: \"^a\"",
        "pattern: 7",
        "/components/schemas/Thing/properties/name/pattern: `7` does not fit: a text, in quotes if it looks like something else",
    ),
    (
        "schemas/Thing\"}}",
        "schemas/Thingg\"}}",
        "/paths//things/{id}/put/requestBody/content/application/json/schema: there is no #/components/schemas/Thingg: the name of one that there is",
    ),
    (
        "{schema: {$ref: \"#/components/schemas/Thing\"}}",
        "{schema: {$ref: \"other.yaml#/Thing\"}}",
        "/paths//things/{id}/put/requestBody/content/application/json/schema: other.yaml#/Thing names no schema of this document: #/components/schemas/NAME",
    ),
    (
        "{schema: {$ref: \"#/components/schemas/Thing\"}}",
        "{schema: {$ref: 7}}",
        "/paths//things/{id}/put/requestBody/content/application/json/schema: $ref is no text: #/components/schemas/NAME",
    ),
    (
        "{schema: {$ref: \"#/components/schemas/Thing\"}}",
        "{schema: {$ref: \"#/components/parameters/Page\"}}",
        "/paths//things/{id}/put/requestBody/content/application/json/schema: #/components/parameters/Page names no schema of this document: #/components/schemas/NAME",
    ),
    (
        "{schema: {$ref: \"#/components/schemas/Thing\"}}",
        "{schema: {$ref: \"#/components/schemas/Thing\", nullable: true}}",
        "/paths//things/{id}/put/requestBody/content/application/json/schema: nullable beside $ref counts for nothing: put the $ref into allOf",
    ),
    (
        "Owner: {type: object, additionalProperties: {type: string}}",
        "Owner: {$ref: \"#/components/schemas/Owner\"}",
        "/components/schemas/Owner: it refers to itself and to nothing else: a type of its own",
    ),
    (
        "Owner: {type: object, additionalProperties: {type: string}}",
        "Owner: {allOf: [{$ref: \"#/components/schemas/Owner\"}]}",
        "/components/schemas/Owner: it refers to itself and to nothing else: a type of its own",
    ),
    (
        "parameters:\n    Page: {name: page, in: query, schema: {type: integer, minimum: 1, maximum: 9}}",
        "parameters:\n    Page: {$ref: \"#/components/parameters/Page\"}",
        "/components/parameters/Page: it refers to itself and to nothing else: a type of its own",
    ),
    (
        "  /things/{id}:",
        "  things/{id}:",
        "/paths/things/{id}: a path begins with a slash: /things/{id}",
    ),
    (
        "  /things/{id}:",
        "  /things/{id:",
        "/paths//things/{id: its braces do not match: {name} for a parameter",
    ),
    (
        "  /things/{id}:",
        "  /things/id}:",
        "/paths//things/id}: its braces do not match: {name} for a parameter",
    ),
    (
        "  /things/{id}:",
        "  /things/{}:",
        "/paths//things/{}: its braces do not match: {name} for a parameter",
    ),
    (
        "  /things/{id}:",
        "  /things/{id}/{id}:",
        "/paths//things/{id}/{id}: {id} stands twice: two names",
    ),
    (
        "  /things/{id}:",
        "  /things//{id}:",
        "/paths//things//{id}: a segment of the path is empty: a path without double slashes",
    ),
    (
        "  /things/{id}:",
        "  /things/{id}/:",
        "/paths//things/{id}/: a segment of the path is empty: a path without double slashes",
    ),
    (
        "  /things/{id}:",
        "  \"/things/{id}?x=1\":",
        "/paths//things/{id}?x=1: '?' cannot stand in a path: a path without it",
    ),
    (
        "  /things/{id}:",
        "  /things:",
        "/paths//things/put/parameters/0 (id): the path has no {id}: in: query, or the parameter in the path",
    ),
    (
        "  /things/{id}:",
        "  /things/{id}/{name}:",
        "/paths//things/{id}/{name}/put/parameters: there is no parameter name, which is in the path: add {name: name, in: path, required: true, schema: …}",
    ),
    (
        "    put:\n",
        "    trace:\n",
        "/paths//things/{id}/trace: the client cannot send trace: another method",
    ),
    (
        "    put:\n",
        "    options:\n",
        "/paths//things/{id}/options: the client cannot send options: another method",
    ),
    (
        "paths:\n",
        "paths:\n  /empty: {}\n",
        "/paths//empty: it has no operation: add one, such as get",
    ),
    (
        "in: path, required: true",
        "in: path",
        "/paths//things/{id}/put/parameters/0 (id): a path parameter is always there: required: true",
    ),
    (
        "in: path, required: true",
        "in: path, required: false",
        "/paths//things/{id}/put/parameters/0 (id): a path parameter is always there: required: true",
    ),
    (
        "in: path, required: true",
        "in: query, required: true",
        "/paths//things/{id}/put/parameters: there is no parameter id, which is in the path: add {name: id, in: path, required: true, schema: …}",
    ),
    (
        "name: tags, in: query",
        "name: tags, in: header",
        "/paths//things/{id}/put/parameters/1 (tags): the client sends headers of its own only: in: query or in: path, or remove it",
    ),
    (
        "name: tags, in: query",
        "name: tags, in: cookie",
        "/paths//things/{id}/put/parameters/1 (tags): a parameter cannot be in `\"cookie\"`: in: path or in: query",
    ),
    (
        "name: tags, in: query",
        "name: tags, in: body",
        "/paths//things/{id}/put/parameters/1 (tags): a parameter cannot be in `\"body\"`: in: path or in: query",
    ),
    (
        "name: tags, in: query",
        "in: query",
        "/paths//things/{id}/put/parameters/1: there is no name: add name",
    ),
    (
        "name: tags, in: query",
        "name: tags",
        "/paths//things/{id}/put/parameters/1: there is no in: add in",
    ),
    (
        "name: tags, in: query",
        "name: Page, in: query",
        "/paths//things/{id}/put/parameters: Page and page both become page: leave one of them out, as the service knows no other name for it",
    ),
    (
        "name: tags, in: query",
        "name: Tags-, in: query, explode: false",
        "/paths//things/{id}/put/parameters/1 (Tags-): the client sends a list's name with each element: explode: true",
    ),
    (
        "name: tags, in: query",
        "name: tags, in: query, style: pipeDelimited",
        "/paths//things/{id}/put/parameters/1 (tags): the client has one style for the query: style: form",
    ),
    (
        "schema: {type: string}}",
        "style: label, schema: {type: string}}",
        "/paths//things/{id}/put/parameters/0 (id): the client has one style for the path: style: simple",
    ),
    (
        "schema: {type: string}}",
        "schema: {type: object}}",
        "/paths//things/{id}/put/parameters/0 (id)/schema: the type is no text, number or boolean: a type that can stand in a URL; in a query also an array of it",
    ),
    (
        "schema: {type: string}}",
        "schema: {type: array, items: {type: string}}}",
        "/paths//things/{id}/put/parameters/0 (id)/schema: the type is no text, number or boolean: a type that can stand in a URL; in a query also an array of it",
    ),
    (
        "schema: {type: string}}",
        "schema: {type: string, nullable: true}}",
        "/paths//things/{id}/put/parameters/0 (id)/schema: a URL holds no null: required: false, without nullable",
    ),
    (
        "schema: {type: string}}",
        "content: {text/plain: {}}}",
        "/paths//things/{id}/put/parameters/0 (id): it needs a schema, and no content: schema: {type: string}",
    ),
    (
        "schema: {type: string}}",
        "schema: {}}",
        "/paths//things/{id}/put/parameters/0 (id)/schema: the type is no text, number or boolean: a type that can stand in a URL; in a query also an array of it",
    ),
    (
        "items: {type: string}}}",
        "items: {type: object}}}",
        "/paths//things/{id}/put/parameters/1 (tags)/schema: the type is no text, number or boolean: a type that can stand in a URL; in a query also an array of it",
    ),
    (
        "schema: {type: array, items: {type: string}}",
        "schema: {type: array}",
        "/paths//things/{id}/put/parameters/1 (tags)/schema: there is no items: items: {type: string}, or what they are",
    ),
    (
        "      requestBody:\n        required: true\n",
        "      requestBody:\n",
        "/paths//things/{id}/put/requestBody: the client always sends a body: required: true",
    ),
    (
        "application/json: {schema: {$ref: \"#/components/schemas/Thing\"}}",
        "application/xml: {schema: {type: string}}",
        "/paths//things/{id}/put/requestBody/content/application/xml: the client cannot send it: application/json, application/x-www-form-urlencoded, application/octet-stream or text/plain; else leave the operation out",
    ),
    (
        "application/json: {schema: {$ref: \"#/components/schemas/Thing\"}}",
        "multipart/form-data: {schema: {type: object}}",
        "/paths//things/{id}/put/requestBody/content/multipart/form-data: the client cannot send it: application/json, application/x-www-form-urlencoded, application/octet-stream or text/plain; else leave the operation out",
    ),
    (
        "application/json: {schema: {$ref: \"#/components/schemas/Thing\"}}",
        "application/json: {}",
        "/paths//things/{id}/put/requestBody/content/application/json: there is no schema: schema: {type: object}",
    ),
    (
        "application/json: {schema: {$ref: \"#/components/schemas/Thing\"}}",
        "application/octet-stream: {schema: {type: string}}",
        "/paths//things/{id}/put/requestBody/content/application/octet-stream/schema: the type does not fit the content: an object for a form, string with format binary for bytes, a plain string for text",
    ),
    (
        "application/json: {schema: {$ref: \"#/components/schemas/Thing\"}}",
        "text/plain: {schema: {type: string, maxLength: 3}}",
        "/paths//things/{id}/put/requestBody/content/text/plain/schema: the type does not fit the content: an object for a form, string with format binary for bytes, a plain string for text",
    ),
    (
        "application/json: {schema: {$ref: \"#/components/schemas/Thing\"}}",
        "application/x-www-form-urlencoded: {schema: {type: string}}",
        "/paths//things/{id}/put/requestBody/content/application/x-www-form-urlencoded/schema: the type does not fit the content: an object for a form, string with format binary for bytes, a plain string for text",
    ),
    (
        "application/json: {schema: {$ref: \"#/components/schemas/Thing\"}}",
        "application/json: {schema: {type: object}, encoding: {a: {}}}",
        "/paths//things/{id}/put/requestBody/content/application/json/encoding: the client encodes in one way: remove it",
    ),
    (
        "application/json: {schema: {$ref: \"#/components/schemas/Thing\"}}",
        "application/json: {schema: {type: object}}\n          text/plain: {schema: {type: string}}",
        "/paths//things/{id}/put/requestBody/content: there is not exactly one: one content type",
    ),
    (
        "        \"200\":",
        "        \"20\":",
        "/paths//things/{id}/put/responses/20: it is no status of a response: a status of HTTP from \"200\", or 2XX, 4XX or 5XX",
    ),
    (
        "        \"200\":",
        "        \"299\":",
        "/paths//things/{id}/put/responses/299: it is no status of a response: a status of HTTP from \"200\", or 2XX, 4XX or 5XX",
    ),
    (
        "        \"200\":",
        "        default:",
        "/paths//things/{id}/put/responses/default: it is no status of a response: a status of HTTP from \"200\", or 2XX, 4XX or 5XX",
    ),
    (
        "        \"200\":",
        "        \"302\":",
        "/paths//things/{id}/put/responses: there is no success response: add \"200\"",
    ),
    (
        "        4XX:",
        "        4xx:",
        "/paths//things/{id}/put/responses/4xx: it is no status of a response: a status of HTTP from \"200\", or 2XX, 4XX or 5XX",
    ),
    (
        "        4XX:",
        "        \"201\":",
        "/paths//things/{id}/put/responses/201: the success responses are of more than one type: the same content for each success response",
    ),
    (
        "        4XX:",
        "        \"204\": {description: Nothing}\n        4XX:",
        "/paths//things/{id}/put/responses/204: the success responses are of more than one type: the same content for each success response",
    ),
    (
        "application/json: {schema: {$ref: \"#/components/schemas/Record\"}}",
        "application/json: {}",
        "/paths//things/{id}/put/responses/200/content/application/json: there is no schema: schema: {}, for any value",
    ),
    (
        "application/json: {schema: {$ref: \"#/components/schemas/Record\"}}",
        "\"*/*\": {schema: {$ref: \"#/components/schemas/Record\"}}",
        "/paths//things/{id}/put/responses/200/content/*/*/schema: the client reads types from JSON only: the content type application/json, or string with format binary for bytes",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: int}",
        "/components/schemas/Thing/properties/size/type: there is no type int: array, boolean, integer, number, object, string",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: [integer, string]}",
        "/components/schemas/Thing/properties/size/type: a list does not fit: a text, in quotes if it looks like something else",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: integer, format: int16}",
        "/components/schemas/Thing/properties/size/format: integer has no format int16: int32 or int64",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: integer, minimum: 1.5}",
        "/components/schemas/Thing/properties/size/minimum: 1.5 is no integer of 64 bits: an integer from -9223372036854775808 to 9223372036854775807",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: integer, minimum: 9, maximum: 1}",
        "/components/schemas/Thing/properties/size/minimum: 9 is more than maximum 1: at most 1",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: integer, format: int32, maximum: 2147483648}",
        "/components/schemas/Thing/properties/size/maximum: 2147483648 is beyond int32: format: int64",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: integer, exclusiveMinimum: true}",
        "/components/schemas/Thing/properties/size/exclusiveMinimum: there is no minimum: add minimum",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: integer, exclusiveMinimum: 1}",
        "/components/schemas/Thing/properties/size/exclusiveMinimum: `1` does not fit: true or false",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: integer, multipleOf: 2}",
        "/components/schemas/Thing/properties/size/multipleOf: the client does not check it: remove it, and say it in the description",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: integer, enum: [a]}",
        "/components/schemas/Thing/properties/size/enum: `\"a\"` is none of the integers: integers only",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: number, format: int32}",
        "/components/schemas/Thing/properties/size/format: number has no format int32: float or double",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: integer, x-rule: must be small}",
        "/components/schemas/Thing/properties/size/x-rule: there is no constraint: add what it says",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {maximum: 3}",
        "/components/schemas/Thing/properties/size: there is no type beside maximum: type: integer",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {properties: {a: {type: string}}}",
        "/components/schemas/Thing/properties/size: there is no type beside properties: type: object",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {oneOf: [{type: string}, {type: integer}]}",
        "/components/schemas/Thing/properties/size/oneOf: the client has no such types: the type, or {} for any value",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {anyOf: [{type: string}, {type: integer}]}",
        "/components/schemas/Thing/properties/size/anyOf: the client has no such types: the type, or {} for any value",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {not: {type: string}}",
        "/components/schemas/Thing/properties/size/not: the client has no such types: the type, or {} for any value",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {allOf: [{type: string}]}",
        "/components/schemas/Thing/properties/size/allOf: it adds nothing to a $ref: allOf: [$ref]",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: integer",
        "/components/schemas/Thing/properties/size: `\"integer\"` is no schema: a map of its keys",
    ),
    (
        "size: {type: integer, format: int32}",
        "Name: {type: string}",
        "/components/schemas/Thing/properties/name: name and Name both become name: leave one of them out, as the service knows no other name for it",
    ),
    (
        "size: {type: integer, format: int32}",
        "default: {type: object, properties: {name: {type: string}, Name: {type: string}}}",
        "/components/schemas/Thing/properties/default/properties/name: name and Name both become name: leave one of them out, as the service knows no other name for it",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: array, items: {type: string}, uniqueItems: true}",
        "/components/schemas/Thing/properties/size/uniqueItems: the client does not check it: remove it, and say it in the description",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: array, items: [{type: string}]}",
        "/components/schemas/Thing/properties/size/items: a list is no schema: a map of its keys",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: object, minProperties: 1}",
        "/components/schemas/Thing/properties/size/minProperties: the client does not check it: remove it, and say it in the description",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: string, x-extensible-enum: [a]}",
        "/components/schemas/Thing/properties/size/x-extensible-enum: this is of a request: enum",
    ),
    (
        "size: {type: integer, format: int32}",
        "size: {type: string, x-proof: text}",
        "/components/schemas/Thing/properties/size/x-proof: a request proves nothing: remove it",
    ),
    (
        "allOf: [{$ref: \"#/components/schemas/Owner\"}]",
        "allOf: [{$ref: \"#/components/schemas/Owner\"}, {$ref: \"#/components/schemas/Wrong\"}]",
        "/components/schemas/Thing/properties/owner/allOf: it is not exactly one schema: one $ref, or all the properties in one schema",
    ),
    (
        "allOf: [{$ref: \"#/components/schemas/Owner\"}]",
        "allOf: [{$ref: \"#/components/schemas/Owner\"}], maxLength: 3",
        "/components/schemas/Thing/properties/owner/maxLength: maxLength counts for nothing beside allOf: put it into the schema referred to",
    ),
    (
        "allOf: [{$ref: \"#/components/schemas/Owner\"}]",
        "allOf: [{$ref: \"#/components/schemas/Owner\"}], type: object",
        "/components/schemas/Thing/properties/owner/allOf: it adds nothing to a $ref: allOf: [$ref]",
    ),
    (
        "minItems: 1",
        "minItems: 3",
        "/components/schemas/Thing/properties/parts/minItems: 3 is more than maxItems 2: at most 2",
    ),
    (
        "additionalProperties: {type: string}",
        "additionalProperties: {type: text}",
        "/components/schemas/Owner/additionalProperties/type: there is no type text: array, boolean, integer, number, object, string",
    ),
    (
        "additionalProperties: {type: string}",
        "properties: {a: {type: string}}, additionalProperties: {type: string}",
        "/components/schemas/Owner/additionalProperties: a request has either documented fields or any: false, or no properties",
    ),
    (
        "x-proof: text",
        "x-proof: nmber",
        "/components/schemas/Record/properties/id/x-proof: `nmber` is no proof: number, text or present",
    ),
    (
        "{code: {type: string}}",
        "{code: {type: string, x-proof: text}}",
        "/components/schemas/Wrong/properties/code/x-proof: this proves nothing, because it is no field of a success response or of its result: mark such a field",
    ),
    (
        "state: {type: string",
        "result: {type: object}\n        state: {type: string",
        "/components/schemas/Record/properties/id/x-proof: this proves nothing, because it is no field of a success response or of its result: mark such a field",
    ),
    (
        "x-proof: text",
        "x-prof: text",
        "/components/schemas/Record/properties/id/x-prof: no key of a schema: x-proof",
    ),
    (
        "x-extensible-enum: [x, y]",
        "x-extensible-enum: [x, 1]",
        "/components/schemas/Record/properties/state/x-extensible-enum/1: `1` does not fit: a text, in quotes if it looks like something else",
    ),
    (
        "x-extensible-enum: [x, y]",
        "x-extensible-enums: [x, y]",
        "/components/schemas/Record/properties/state/x-extensible-enums: no key of a schema: x-extensible-enum",
    ),
    (
        "x-enumDescriptions: {x: The first}",
        "x-enumDescriptions: {z: The first}",
        "/components/schemas/Record/properties/state/x-enumDescriptions: there is no value z of this string: one of the values",
    ),
    (
        "    Wrong: {type",
        "    wrong: {type: string}\n    Wrong: {type",
        "/components/schemas/wrong: wrong and Wrong both become Wrong: another name for one of them",
    ),
];

/// What generating from the good document says, of which a part is another one.
fn with(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old}");
    line(&GOOD.replacen(old, new, 1))
}

/// What generating from a document says.
fn line(text: &str) -> String {
    let folder = Folder::with(text);
    let config = Config::new(folder.0.join("openapi.yaml")).mocks(true).out_dir(&folder.0);
    let outcome = config.try_generate();
    outcome.map_or_else(|problems| problems.to_string(), |()| "accepted".into())
}

#[test]
fn the_document_that_is_broken_below_is_good() {
    assert_eq!(line(GOOD), "accepted");
}

#[test]
fn every_broken_document_is_one_line() {
    assert!(BROKEN.len() >= 100, "{}", BROKEN.len());
    let mut wrong = String::new();
    for (old, new, expected) in BROKEN {
        assert!(GOOD.contains(old), "{old}");
        let line = line(&GOOD.replacen(old, new, 1));
        if line != *expected {
            wrong += &format!("    ({old:?}, {new:?}, {line:?}),\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn each_error_response_may_be_of_another_type() {
    let more = "        \"401\": {description: Nothing}\n        5XX: {description: Text, content: {text/plain: {schema: {type: string}}}}\n        4XX:";
    assert_eq!(line(&GOOD.replacen("        4XX:", more, 1)), "accepted");
}

#[test]
fn a_type_may_be_of_requests_and_of_responses() {
    let shared = "thing: {$ref: \"#/components/schemas/Thing\"}\n        state: {type: string";
    let titled = "part: {title: Part, type: object, properties: {deep: {type: string, enum: [a], title: Deep}}}\n        size:";
    let text = GOOD.replacen("state: {type: string", shared, 1).replacen("size:", titled, 1);
    assert_eq!(line(&text), "accepted");
}

#[test]
fn a_header_that_the_client_sends_by_itself_is_no_problem() {
    for name in ["X-Auth-Token", "content-type", "Accept", "Authorization"] {
        let header = format!("name: {name}, in: header, required: true");
        assert_eq!(line(&GOOD.replacen("name: tags, in: query", &header, 1)), "accepted");
    }
}

#[test]
fn an_example_may_look_like_a_schema() {
    let schema = "{type: object, properties: {a: {x-proof: text}, A: {enum: [a, A]}}}";
    for key in ["example", "default"] {
        let size = format!("size: {{{key}: {schema}, type: ");
        assert_eq!(line(&GOOD.replacen("size: {type: ", &size, 1)), "accepted");
    }
}

#[test]
fn each_name_that_becomes_another_one_is_a_line() {
    let names = "Name: {type: string}\n        size: {type: string, enum: [c, C]}";
    let lines = line(&GOOD.replacen("size: {type: integer, format: int32}", names, 1));
    let places = ["name: name and Name", "size/enum: C and c"];
    assert_eq!(lines.lines().count(), 2, "{lines}");
    for place in places {
        let line = format!("/components/schemas/Thing/properties/{place} both become ");
        assert!(lines.contains(&line), "{lines}");
    }
}

#[test]
fn names_that_the_generated_code_needs_are_no_problem() {
    for name in [
        "result",
        "extra",
        "other",
        "client",
        "body2",
        "send",
        "type",
        "Move",
        "2faStatus",
        "info",
        "serde",
        "regex",
        "area_m²",
        "İd",
        "ⓐ_b",
        "कि",
    ] {
        for (old, new) in [
            ("operationId: ChangeThing", format!("operationId: {name}")),
            ("name: tags", format!("name: {name}")),
            ("kind: {type", format!("{name}: {{type")),
            ("enum: [a, b]", format!("enum: [a, {name}]")),
            ("x-extensible-enum: [x, y]", format!("x-extensible-enum: [x, {name}]")),
        ] {
            assert_eq!(line(&GOOD.replacen(old, &new, 1)), "accepted");
        }
    }
}

/// Each place of the good document where an extension may stand, and what is put there.
const EXTENSIBLE: &[(&str, &str, &str)] = &[
    ("a document", "openapi: 3.0.3", "openapi: 3.0.3\n{}"),
    ("an info", "{title: Things", "{{}, title: Things"),
    ("a map of names", "paths:\n", "paths:\n  {}\n"),
    ("a path", "    put:\n", "    {}\n    put:\n"),
    ("an operation", "      x-idempotent: true", "      x-idempotent: true\n      {}"),
    ("a parameter", "{name: tags", "{{}, name: tags"),
    ("a body", "        required: true\n", "        required: true\n        {}\n"),
    (
        "a media",
        "{schema: {$ref: \"#/components/schemas/Thing\"}}",
        "{{}, schema: {$ref: \"#/components/schemas/Thing\"}}",
    ),
    ("a map of names", "      responses:\n", "      responses:\n        {}\n"),
    ("a response", "description: The thing", "description: The thing\n          {}"),
    ("a components", "components:\n", "components:\n  {}\n"),
    ("a schema", "{type: string, minLength", "{{}, type: string, minLength"),
    ("a schema", "{type: integer, format", "{{}, type: integer, format"),
    ("a schema", "{type: integer, format: int32}", "{{}}"),
    ("a schema", "{allOf:", "{{}, allOf:"),
    ("a schema", "{type: array, minItems", "{{}, type: array, minItems"),
    ("a schema", "{type: object, additional", "{{}, type: object, additional"),
    ("a schema", "{type: string, x-proof", "{{}, type: string, x-proof"),
];

#[test]
fn extensions_of_others_are_accepted_everywhere() {
    let keys = [
        "x-nullable",
        "x-example",
        "x-examples",
        "x-enumNames",
        "x-enum-varnames",
        "x-enum-descriptions",
        "x-name",
        "x-type",
        "x-tags",
        "x-internal",
        "x-deprecated",
        "x-required",
        "x-proxy",
        "x-order",
        "x-go-name",
        "x-ms-enum",
        "x-rust-type",
        "x-codeSamples",
        "x-content-type",
        "x-dropshot-websocket",
        "x-dropshot-pagination",
        "x-amazon-apigateway-integration",
        "x-",
    ];
    for (_, old, new) in EXTENSIBLE {
        // As many lines as there are keys, or as many parts of one line.
        let indent = new.rsplit_once('\n').map_or("", |_| new.split("{}").next().unwrap());
        let indent = indent.rsplit('\n').next().unwrap();
        let between = if new.contains("{{}") { ", ".into() } else { format!("\n{indent}") };
        let fields = "{type: object, properties: {a: {x-proof: text}, A: {enum: [a, A]}}}";
        for value in ["{any: [1]}", "true", fields] {
            let all = keys.map(|key| format!("{key}: {value}")).join(&between);
            let new = new.replace("{}", &all);
            assert_eq!(with(old, &new), "accepted", "{new}");
        }
    }
}

#[test]
fn an_extension_that_is_nearly_ours_is_one_line_everywhere() {
    for (key, ours, of) in [
        ("x-idempotnt", "x-idempotent", "an operation"),
        ("x-idempotant", "x-idempotent", "an operation"),
        ("x-idempotency", "x-idempotent", "an operation"),
        ("x-efect", "x-effect", "an operation"),
        ("x-effects", "x-effect", "an operation"),
        ("x-prof", "x-proof", "a schema"),
        ("x-porof", "x-proof", "a schema"),
        ("x-rules", "x-rule", "a schema"),
        ("x-extensible-enums", "x-extensible-enum", "a schema"),
        ("x-extensibleEnum", "x-extensible-enum", "a schema"),
        ("x-enumDescription", "x-enumDescriptions", "a schema"),
    ] {
        for (place, old, new) in EXTENSIBLE {
            let line = with(old, &new.replace("{}", &format!("{key}: true")));
            let of = if *place == of { String::new() } else { format!(", of {of}") };
            let expected = format!("/{key}: no key of {place}: {ours}{of}");
            assert!(line.ends_with(&expected), "{line} {expected}");
            assert_eq!(line.lines().count(), 1, "{line}");
        }
    }
    // A property is no extension.
    assert_eq!(with("size:", "x-idempotnt:"), "accepted");
}

fn good_as_json() -> serde_json::Value {
    yaml_serde::from_str(GOOD).unwrap()
}

#[test]
fn json_is_read_as_json() {
    let compact = good_as_json().to_string();
    let pretty = serde_json::to_string_pretty(&good_as_json()).unwrap();
    assert_eq!(line(&format!("{compact} # YAML too")), "accepted");
    for text in [&compact, &pretty, &format!("\n\t {compact}\n")] {
        assert_eq!(line(text), "accepted");
        assert_eq!(line(&format!("\u{feff}{text}")), "accepted");
        // As most tools write a character beyond the first 65,536, and a slash.
        let escaped = text.replacen("The thing", r"\ud83d\ude80 \u0041 \/ \b", 1);
        assert_eq!(line(&escaped), "accepted");
    }
    assert_eq!(line(&format!("\u{feff}{GOOD}")), "accepted");
    assert_eq!(line(&format!("\u{feff}{}", GOOD.replace('\n', "\r\n"))), "accepted");
    assert_eq!(line(&format!("\u{feff}{}", pretty.replace('\n', "\r\n"))), "accepted");
    assert_eq!(line(&format!("\u{feff}{}", GOOD.trim_start())), "accepted");
    let with = |old: &str, new: &str| {
        assert!(pretty.contains(old), "{old}");
        line(&pretty.replacen(old, new, 1))
    };
    assert_eq!(
        with(r#""title": "Things","#, r#""title": "Things", "title": "A","#),
        "line 93 column 30: duplicate entry with key \"title\": write JSON, each key once"
    );
    let cases = [
        ("\"title\": \"Things\",", "\"title\": \"Things\"", "expected `,` or `}`"),
        ("\"Things\"", r#""\ud83d""#, "unexpected end of hex escape"),
        ("\"Things\"", "\"\u{1}\"", "control character"),
        ("\"1\"", "1", "`1` does not fit"),
    ];
    for (old, new, expected) in cases {
        let line = with(old, new);
        assert!(line.contains(expected), "{line}");
        assert!(line.starts_with("line ") || line.starts_with("/info"), "{line}");
        assert_eq!(line.lines().count(), 1, "{line}");
    }
}

#[test]
fn of_another_version_nothing_else_is_said() {
    for (version, shown) in [
        ("openapi: 3.1.0", "/openapi: 3.1.0 is"),
        ("openapi: \"3.1.1\"", "/openapi: 3.1.1 is"),
        ("openapi: 3.1", "/openapi: 3.1 is"),
        ("openapi: 3.2.0", "/openapi: 3.2.0 is"),
        ("openapi: 3.0", "/openapi: 3.0 is"),
        ("openapi: 4.0.0", "/openapi: 4.0.0 is"),
        ("openapi: [3]", "/openapi: - 3 is"),
        ("openapi: null", "/openapi: null is"),
        ("swagger: \"2.0\"", "/swagger: '2.0' is"),
        ("swagger: 2.0", "/swagger: 2.0 is"),
        ("swaggerVersion: \"1.2\"", "/openapi: there is no version: openapi: 3.0.3"),
        ("OpenAPI: 3.0.3", "/openapi: there is no version: openapi: 3.0.3"),
        ("x-a: 1", "/openapi: there is no version: openapi: 3.0.3"),
    ] {
        // With much that OpenAPI 3.0 does not have.
        let text = GOOD.replacen("openapi: 3.0.3", version, 1).replacen(
            "paths:",
            "jsonSchemaDialect: x\nwebhooks: {}\nhost: a\nbasePath: /\ndefinitions: {7: {type: [string, 'null']}}\npaths:",
            1,
        );
        let line = line(&text);
        assert!(line.starts_with(shown), "{line}");
        assert!(
            line.ends_with("openapi: 3.0.3, in a document that is converted to it")
                || line == shown
        );
        assert_eq!(line.lines().count(), 1, "{line}");
    }
    for text in ["", "[]", "a", "{}", "# nothing"] {
        assert_eq!(line(text), "/openapi: there is no version: openapi: 3.0.3");
    }
}

#[test]
fn a_parameter_of_an_operation_overrides_the_one_of_its_path() {
    let page = "\"#/components/parameters/Page\"";
    for own in [
        "{name: page, in: query, required: true, schema: {type: integer, maximum: 5}}",
        "{name: page, in: query, schema: {type: array, items: {type: string}}}",
        "{$ref: \"#/components/parameters/Page\"}",
    ] {
        let text = GOOD.replacen("- {name: tags", &format!("- {own}\n        - {{name: tags"), 1);
        assert_eq!(line(&text), "accepted", "{own}");
        // The one of the path is still that of another operation.
        let other = "    get: {operationId: ShowThing, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {\"200\": {description: Yes}}}\n    put:";
        let text = text.replacen("    put:", other, 1);
        let inline = "{name: page, in: query, schema: {type: integer, minimum: 3}}";
        let text = text.replacen(&format!("$ref: {page}"), inline, 1);
        assert_eq!(line(&text), "accepted", "{own}");
    }
    // A path parameter too.
    let id = "- {name: id, in: path, required: true, schema: {type: string, maxLength: 3}}";
    let text = GOOD.replacen("      - $ref", &format!("      {id}\n      - $ref"), 1);
    assert_eq!(line(&text), "accepted");
    // Twice in one list, in two places, and in two spellings, both are sent.
    for other in ["{name: tags, in: query", "{name: id, in: query", "{name: Page, in: query"] {
        let line = with(
            "- {name: tags",
            &format!("- {other}, schema: {{type: string}}}}\n        - {{name: tags"),
        );
        let sent = "leave one of them out, as the service knows no other name for it";
        assert!(line.ends_with(sent), "{line}");
    }
}

#[test]
fn the_advice_about_a_missing_type_is_the_type() {
    for (keys, kind) in [
        ("enum: [a, b]", "string"),
        ("enum: [null, a]", "string"),
        ("enum: [\"1\"]", "string"),
        ("enum: [1, 2]", "integer"),
        ("enum: [1.5]", "number"),
        ("enum: [true]", "boolean"),
        ("format: date-time", "string"),
        ("format: password", "string"),
        ("format: int64", "integer"),
        ("format: double", "number"),
        ("minimum: 1", "integer"),
        ("minimum: 0.5", "number"),
        ("multipleOf: 0.01", "number"),
        ("pattern: \"^a\"", "string"),
        ("maxLength: 3", "string"),
        ("items: {type: string}", "array"),
        ("maxItems: 3", "array"),
        ("required: [a]", "object"),
        ("properties: {a: {type: string}}", "object"),
        ("additionalProperties: {type: string}", "object"),
        ("additionalProperties: true", "object"),
    ] {
        let key = keys.split(':').next().unwrap();
        let expected = format!(
            "/components/schemas/Thing/properties/size: there is no type beside {key}: type: {kind}"
        );
        assert_eq!(with("{type: integer, format: int32}", &format!("{{{keys}}}")), expected);
    }
}

#[test]
fn deep_nesting_is_one_line_in_milliseconds() {
    let many = 100_000;
    let in_schema = |inner: &str| GOOD.replacen("{type: integer, format: int32}", inner, 1);
    let mut texts = vec![
        in_schema(&"{items: ".repeat(many)),
        in_schema(&"[\n        ".repeat(many)),
        in_schema(&("[".repeat(many) + &"]".repeat(many))),
        in_schema(&format!("{{example: {}{}}}", "[".repeat(200), "]".repeat(200))),
        format!("{GOOD}\n\nx-deep: {}", "- ".repeat(many)),
        format!("{GOOD}\nx-deep:\n  {}", "- ".repeat(many)),
        format!("{GOOD}\nx-deep:\n  {}", "? ".repeat(many)),
        GOOD.replacen("\"^a\"", &format!("\"{}\"", "(".repeat(many)), 1),
        GOOD.replacen("\"^a\"", &format!("\"{}a{}\"", "(".repeat(many), ")".repeat(many)), 1),
        GOOD.replacen("\"^a\"", &format!("\"{}\"", "[".repeat(many)), 1),
    ];
    for open in [
        "[", "{", "[[", "{[", "[ ", "[{a: ", "[&a ", "[!a ", "[? ", "[?", "{? ", "{a: ", "{a: \n",
        "{\"a\":", "{\"a\":[",
    ] {
        texts.push(open.repeat(many));
        texts.push(format!("openapi: {}", open.repeat(many)));
    }
    for text in &texts {
        // Without a bound this takes most of a minute for each.
        let line = line(text);
        let start = &text[text.len() / 2..][..20];
        assert_eq!(line.lines().count(), 1, "{start}");
        assert!(!line.starts_with("accepted"), "{start}");
    }
    // Brackets of a text open nothing.
    for text in ["'[[[['", "'((((['", "'{{{{'", "'a[a{'", "|-\n            a[a[\n"] {
        let text = text.replace('[', &"[".repeat(many / 10));
        let text = GOOD.replacen("description: The thing", &format!("description: {text}"), 1);
        assert_eq!(line(&text), "accepted");
    }
}

#[test]
fn a_number_that_is_too_large_is_one_line_about_it() {
    let range = "an integer from -9223372036854775808 to 9223372036854775807";
    for (number, expected) in [
        ("18446744073709551616", "18446744073709551616 has more than 64 bits"),
        ("-9223372036854775809", "-9223372036854775809 has more than 64 bits"),
        (
            "170141183460469231731687303715884105728",
            "170141183460469231731687303715884105728 has more than 64 bits",
        ),
        ("9223372036854775808", "9223372036854775808 is no integer of 64 bits"),
        ("1e40", "1e+40 is no integer of 64 bits"),
        ("0.5", "0.5 is no integer of 64 bits"),
    ] {
        let new = format!("{{type: integer, maximum: {number}}}");
        let line = with("{type: integer, format: int32}", &new);
        let smaller = "an integer of 64 bits, or for type number a decimal such as 1.5e20";
        let instead = if expected.contains("more than") { smaller } else { range };
        assert!(line.ends_with(&format!(": {expected}: {instead}")), "{line}");
    }
    let number = "{type: number, maximum: 1.8446744073709552e19}";
    assert_eq!(with("{type: integer, format: int32}", number), "accepted");
    let mut json = good_as_json().to_string();
    json = json.replacen("\"maximum\":9", "\"maximum\":18446744073709551616", 1);
    let line = line(&json);
    assert!(line.ends_with(&format!("is no integer of 64 bits: {range}")), "{line}");
}

/// What generating says of the good document with another pattern, in quotes of JSON.
fn with_pattern(pattern: &str) -> String {
    with("\"^a\"", &serde_json::Value::from(pattern).to_string())
}

#[test]
fn a_pattern_that_ecmascript_does_not_have_is_one_line() {
    let escape =
        "an escape of ECMAScript with the flag u; no backslash before a character like - or _";
    let itself = r"\ before each of {}[]*+? that stands for itself";
    let literal = r"the pattern without the slashes around it; \/ for a slash of the text";
    for (pattern, instead) in [
        (r"\Aa", "^ for the start"),
        (r"a\z", "$ for the end"),
        (r"a\Z", "$ for the end"),
        (r"\h+", escape),
        (r"\R", escape),
        (r"\Qa\E", escape),
        (r"\x{41}", escape),
        (r"a\-b", escape),
        (r"\_\@", escape),
        (r"\1", escape),
        (r"\01", escape),
        ("[[:alpha:]]", "the characters, such as [A-Za-z]"),
        ("[[:alpha:]_]+", "the characters, such as [A-Za-z]"),
        ("[^[:^digit:]]", "the characters, such as [A-Za-z]"),
        ("/^a$/", literal),
        ("/^a$/i", literal),
        (r"/^\/a[/]$/gu", literal),
        ("a++", itself),
        ("[]a]", itself),
        ("{a}", itself),
        ("a{,5}", "a number of times such as {2}, {2,} or {0,2}"),
        ("a{2,1}", "a number of times such as {2}, {2,} or {0,2}"),
        (r"[\w-.]", r"\- for a hyphen that stands for itself"),
        ("(?P<n>a)", "a group of ECMAScript: (…), (?:…) or (?<name>…)"),
        ("(?>a)", "a group of ECMAScript: (…), (?:…) or (?<name>…)"),
        ("(?i)a", "a group of ECMAScript: (…), (?:…) or (?<name>…)"),
        ("(?#a)", "a group of ECMAScript: (…), (?:…) or (?<name>…)"),
        (r"\pL", r"a property of ECMAScript, such as \p{L}"),
        (r"\p{IsGreek}", r"a property of ECMAScript, such as \p{L}"),
        (r"\p{Block=Greek}", r"a property of ECMAScript, such as \p{L}"),
        ("^*", "a regular expression of ECMAScript with the flag u"),
        (r"\k<n>", "a regular expression of ECMAScript with the flag u"),
    ] {
        let line = with_pattern(pattern);
        let start = format!("/components/schemas/Thing/properties/name/pattern: `{pattern}`: ");
        assert!(line.starts_with(&start) && line.ends_with(&format!(": {instead}")), "{line}");
        assert_eq!(line.lines().count(), 1, "{line}");
    }
}

#[test]
fn a_pattern_that_cannot_be_matched_in_linear_time_is_one_line() {
    let around = "looking around cannot be matched in linear time here: (?=…) or (?!…) right after ^, (?<=…) or (?<!…) right before $";
    let other = r"the client cannot match this in linear time: \u{…} for such a character, another property, a group without a reference to it";
    for (pattern, expected) in [
        (r"^(a+)\1$", other),
        (r"(?<n>a)\k<n>", other),
        ("a(?=b)", around),
        ("(?!a)b", around),
        ("^a(?!b)c$", around),
        ("^((?!ab).)*$", around),
        ("^(?!a)b|c", around),
        ("(?<!a)b", around),
        ("^(?=a(?!b))", around),
        ("^a(?<=b)c$", around),
        ("^(a(?<=b)$)", around),
        (r"\ud83d\ude80", other),
        (r"\ud83d", other),
        (r"[\0-\x1f]", other),
        (r"[\b]", other),
        ("(?i:a)", "the client has no flags for a group: [Aa] for both cases"),
        ("a(?m-s:.)", "the client has no flags for a group: [Aa] for both cases"),
        (r"^\p{L}{1,1000}$", "this is too large: minLength and maxLength"),
        ("^((a{1000}){1000}){1000}$", "this is too large: minLength and maxLength"),
    ] {
        let start = "/components/schemas/Thing/properties/name/pattern: ";
        assert_eq!(with_pattern(pattern), format!("{start}`{pattern}`: {expected}"));
    }
}

#[test]
fn ordinary_patterns_are_accepted() {
    for pattern in [
        "^(a+)+$",
        "^(a|a)*$",
        "^[a-z0-9]+(-[a-z0-9]+)*$",
        r"^(?!-)[a-z-]{1,63}(?<!-)$",
        r"^(?=.*[a-z])(?=.*\d)(?!.*\s).{8,}$",
        r"^([0-9a-f]{8})-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$",
        r"^\p{Lu}[\p{L}\p{N} _-]*$",
        r"^[^\s@]+@[^\s@]+\.[^\s@]+$",
        r"^\d{4}-\d{2}-\d{2}T[\d:]+(\.\d+)?(Z|[+-]\d{2}:\d{2})$",
        r"^https?:\/\/[\w.\-]+(:\d+)?(\/.*)?$",
        r"^/a/b$",
        r"^\/a\/$",
        "",
    ] {
        assert_eq!(with_pattern(pattern), "accepted", "{pattern}");
    }
}

#[test]
fn a_pattern_of_a_response_is_valid_and_no_more() {
    let with_pattern = |pattern: &str| {
        let new = format!("{{type: string, pattern: {}, x-proof", serde_json::Value::from(pattern));
        with("{type: string, x-proof", &new)
    };
    for pattern in [r"^(a+)\1$", "^a(?=b)", r"^\p{L}{1,1000}$", r"[\0]"] {
        assert_eq!(with_pattern(pattern), "accepted", "{pattern}");
    }
    for pattern in [r"\A", "/^a$/", "[[:alpha:]]"] {
        let line = with_pattern(pattern);
        assert!(line.starts_with("/components/schemas/Record/properties/id/pattern: "), "{line}");
    }
}
