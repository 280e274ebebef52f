// Writes the TypeScript types of the mobile REST from its OpenAPI document:
//
//   node gen/types.mjs DOCUMENT OUTPUT
//
// Every schema becomes a type, every operation an entry of `Operations`, so
// that a call which the document does not hold is a type error.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const [documentPath, outputPath] = process.argv.slice(2);
if (!outputPath) throw new Error("usage: node gen/types.mjs DOCUMENT OUTPUT");
const document = JSON.parse(readFileSync(documentPath, "utf8"));

const VERBS = ["get", "put", "post", "patch", "delete"];
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** `Appeal.State` and `covergen.auth.v1.Account` as names of types. */
function typeName(schemaName) {
  return schemaName
    .split(".")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}

/** What a `$ref` points at, and whatever is no `$ref` as it is. */
function resolved(node) {
  if (!node?.$ref) return node;
  const [, , section, name] = node.$ref.split("/");
  const found = document.components[section]?.[name];
  if (!found) throw new Error(`${node.$ref} points nowhere`);
  return found;
}

function typeOf(schema) {
  if (!schema) return "unknown";
  if (schema.$ref) return typeName(schema.$ref.split("/").at(-1));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  for (const key of ["oneOf", "anyOf"]) if (schema[key]) return schema[key].map(typeOf).join(" | ");
  if (schema.allOf) return schema.allOf.map(typeOf).join(" & ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(" | ");
  switch (schema.type) {
    case "string":
      return "string";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array": {
      const item = typeOf(schema.items);
      return IDENTIFIER.test(item) ? `${item}[]` : `Array<${item}>`;
    }
    case "object":
      return objectOf(schema);
    default:
      return "unknown";
  }
}

function objectOf(schema) {
  if (schema.properties) return `{ ${membersOf(schema).join(" ")} }`;
  if (typeof schema.additionalProperties === "object") return `Record<string, ${typeOf(schema.additionalProperties)}>`;
  return "Record<string, unknown>";
}

function membersOf(schema) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(
    ([name, type]) => `${key(name)}${required.has(name) ? "" : "?"}: ${typeOf(type)};`,
  );
}

function key(name) {
  return IDENTIFIER.test(name) ? name : JSON.stringify(name);
}

function comment(text, indent = "") {
  return text ? [`${indent}/** ${text.replace(/\s+/g, " ").replaceAll("*/", "* /")} */`] : [];
}

function declaration([name, schema]) {
  const lines = comment(schema.description);
  if (schema.type !== "object" || !schema.properties) {
    return [...lines, `export type ${typeName(name)} = ${typeOf(schema)};`, ""];
  }
  const required = new Set(schema.required ?? []);
  lines.push(`export interface ${typeName(name)} {`);
  for (const [member, type] of Object.entries(schema.properties)) {
    lines.push(...comment(type.description, "  "));
    lines.push(`  ${key(member)}${required.has(member) ? "" : "?"}: ${typeOf(type)};`);
  }
  return [...lines, "}", ""];
}

/** The type of a JSON body; other bodies are handed on as they are. */
function contentType(content) {
  if (!content) return "undefined";
  const json = content["application/json"];
  return json ? typeOf(json.schema) : "Blob";
}

/** What is sent: a PATCH in JSON names the fields that change, and no others. */
function bodyType(verb, content) {
  const type = contentType(content);
  return verb === "patch" && content?.["application/json"] ? `Partial<${type}>` : type;
}

function operation(path, verb, { summary, parameters = [], requestBody, responses }) {
  const all = parameters.map(resolved);
  const of = (place) => {
    const members = all.filter((parameter) => parameter.in === place);
    const lines = members.map(({ name, required, schema }) => `${key(name)}${required ? "" : "?"}: ${typeOf(schema)};`);
    return lines.length > 0 ? `{ ${lines.join(" ")} }` : "undefined";
  };
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith("2")) ?? [];
  return [
    ...comment(summary, "  "),
    `  ${JSON.stringify(`${verb.toUpperCase()} ${path}`)}: {`,
    `    path: ${of("path")};`,
    `    query: ${of("query")};`,
    `    body: ${bodyType(verb, resolved(requestBody)?.content)};`,
    `    answer: ${contentType(resolved(success)?.content)};`,
    "  };",
  ];
}

const operations = Object.entries(document.paths)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .flatMap(([path, item]) => VERBS.filter((verb) => item[verb]).map((verb) => operation(path, verb, item[verb])));

const lines = [
  "// Generated from bff/mobile/openapi.json by gen/types.mjs; not to be edited.",
  "",
  ...Object.entries(document.components.schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(declaration),
  "/** Every operation, by verb and path. */",
  "export interface Operations {",
  ...operations.flat(),
  "}",
  "",
];
mkdirSync(dirname(outputPath), { recursive: true });
writeFileSync(outputPath, lines.join("\n"));
