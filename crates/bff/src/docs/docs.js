"use strict";
// Shows the openapi.json beside the page. Everything from the document is set as text, never as
// markup, so nothing in a comment can become part of the page.

const VERBS = ["get", "post", "put", "patch", "delete"];
const byId = (id) => document.getElementById(id);

/** Makes an element with attributes and children. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") for (const [event, run] of Object.entries(value)) element.addEventListener(event, run);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Text in which `backticks` become code. */
function prose(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

class Docs {
  constructor(document_) {
    this.document = document_;
    this.groups = new Map();
    for (const [path, item] of Object.entries(document_.paths)) {
      for (const verb of VERBS) {
        if (!item[verb]) continue;
        const operation = { path, verb, ...item[verb] };
        const tag = operation.tags?.[0] ?? "Other";
        if (!this.groups.has(tag)) this.groups.set(tag, []);
        this.groups.get(tag).push(operation);
      }
    }
    this.groups = new Map([...this.groups].sort(([a], [b]) => a.localeCompare(b)));
  }

  /** Follows one reference. */
  resolve(value) {
    if (!value?.$ref) return value ?? {};
    return value.$ref.slice(2).split("/").reduce((at, step) => at?.[step], this.document) ?? {};
  }

  /** A schema's type in a few words. */
  type(schema) {
    if (schema?.$ref) return schema.$ref.split("/").pop();
    if (schema?.type === "array") return `${this.type(schema.items)}[]`;
    if (schema?.additionalProperties && schema.type === "object") return `map of ${this.type(schema.additionalProperties)}`;
    return schema?.format ? `${schema.type} (${schema.format})` : (schema?.type ?? "any");
  }

  /** A schema's bounds in a few words. */
  bounds(schema) {
    const parts = [];
    const range = (low, high, unit) => {
      if (low !== undefined && high !== undefined) parts.push(`${low} to ${high}${unit}`);
      else if (low !== undefined) parts.push(`at least ${low}${unit}`);
      else if (high !== undefined) parts.push(`at most ${high}${unit}`);
    };
    range(schema.minimum, schema.maximum, "");
    range(schema.minLength, schema.maxLength, " characters");
    range(schema.minItems, schema.maxItems, " items");
    const choices = schema.enum ?? schema.items?.enum ?? this.resolve(schema).enum ?? this.resolve(schema.items ?? {}).enum;
    if (choices) parts.push(choices.filter((choice) => !String(choice).endsWith("_UNSPECIFIED")).join(" · "));
    if (schema.pattern) parts.push(`matches ${schema.pattern}`);
    return parts.join("; ");
  }

  row(name, schema, required, place, description) {
    const about = [description ?? schema.description, this.bounds(schema)].filter(Boolean).join(" — ");
    return make("tr", {},
      make("td", {}, make("code", {}, name), required ? make("span", { class: "required" }, " required") : null),
      make("td", { class: "type" }, place ? `${place} · ${this.type(schema)}` : this.type(schema)),
      make("td", {}, prose(about)));
  }

  table(rows) {
    const head = ["Name", "Type", "About"].map((text) => make("th", { scope: "col" }, text));
    return make("table", {}, make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows));
  }

  /** The fields of a message, one level open, deeper ones folded away. */
  fields(schema, depth = 0) {
    const whole = this.resolve(schema);
    if (whole.type === "array") return this.fields(whole.items, depth);
    const properties = Object.entries(whole.properties ?? {});
    if (!properties.length) return make("p", { class: "nothing" }, "No fields.");
    const rows = properties.map(([name, property]) => this.row(name, property, whole.required?.includes(name)));
    const nested = depth > 3 ? [] : properties
      .map(([name, property]) => [name, property.items ?? property.additionalProperties ?? property])
      .filter(([, property]) => property?.$ref && this.resolve(property).properties)
      .map(([name, property]) => this.fold(`${name}: ${this.type(property)}`, () => this.fields(property, depth + 1)));
    return make("div", {}, this.table(rows), nested);
  }

  /** Details whose content is made when first opened. */
  fold(title, content, open = false) {
    const details = make("details", { open }, make("summary", {}, title));
    const fill = () => { if (details.open && details.childElementCount === 1) details.append(content()); };
    details.addEventListener("toggle", fill);
    fill();
    return details;
  }

  parameters(operation) {
    return (operation.parameters ?? []).map((parameter) => this.resolve(parameter));
  }

  operation(operation) {
    const parameters = this.parameters(operation);
    const body = operation.requestBody?.content?.["application/json"];
    const marks = [operation.security?.length === 0 ? "Public" : "Signed in"];
    if (operation["x-rate-class"]) marks.push(`Rate class: ${operation["x-rate-class"]}`);
    const description = operation.description && operation.description !== `${operation.summary}.` && operation.description !== operation.summary ? operation.description : null;
    return make("section", { class: "operation", id: operation.operationId, "aria-labelledby": `${operation.operationId}-title` },
      make("h3", { id: `${operation.operationId}-title` }, operation.summary || operation.operationId),
      make("p", { class: "route" }, make("span", { class: `verb ${operation.verb}` }, operation.verb), operation.path),
      make("ul", { class: "marks" }, marks.map((mark) => make("li", {}, mark))),
      description ? make("p", {}, prose(description)) : null,
      parameters.length ? this.fold("Parameters", () => this.table(parameters.map((parameter) =>
        this.row(parameter.name, parameter.schema ?? {}, parameter.required, parameter.in, parameter.description))), true) : null,
      body ? this.fold("Request body", () => make("div", {}, this.fields(body.schema), this.example(body.example))) : null,
      this.responses(operation),
      this.fold("Try it", () => new Attempt(operation, parameters, body).form));
  }

  responses(operation) {
    return Object.entries(operation.responses)
      .filter(([status]) => status.startsWith("2"))
      .map(([status, response]) => this.fold(`Answer ${status}`, () => {
        const content = Object.entries(response.content ?? {});
        if (!content.length) return make("p", { class: "nothing" }, "No content.");
        const [type, media] = content[0];
        return make("div", {}, make("p", { class: "type" }, content.map(([name]) => name).join(", ")),
          media.schema ? this.fields(media.schema) : make("p", { class: "nothing" }, `The bytes, as ${type}.`),
          this.example(media.example));
      }));
  }

  example(example) {
    return example === undefined ? null : make("pre", { tabindex: 0 }, JSON.stringify(example, null, 2));
  }

  show(wanted = "") {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (operation) => {
      const text = `${operation.path} ${operation.verb} ${operation.summary} ${operation.tags?.join(" ")}`.toLowerCase();
      return words.every((word) => text.includes(word));
    };
    const nav = [], main = [];
    for (const [tag, operations] of this.groups) {
      const found = operations.filter(fits);
      if (!found.length) continue;
      nav.push(make("h2", {}, tag), make("ul", {}, found.map((operation) => make("li", {},
        make("a", { href: `#${operation.operationId}` }, make("span", { class: `verb ${operation.verb}` }, operation.verb), operation.summary || operation.path)))));
      main.push(make("h2", { class: "tag" }, tag), found.map((operation) => this.operation(operation)));
    }
    if (!main.length) main.push(make("p", { class: "nothing", role: "status" }, "No operation has all of these words."));
    const { title, description } = this.document.info;
    byId("nav").replaceChildren(...nav);
    byId("operations").replaceChildren(make("h1", {}, title), make("p", { class: "lead" }, prose(description)), ...main.flat());
  }
}

/** A request made from this page. */
class Attempt {
  constructor(operation, parameters, body) {
    this.operation = operation;
    this.inputs = parameters.map((parameter) => ({ parameter, input: make("input", { id: `${operation.operationId}-${parameter.name}` }) }));
    this.body = body ? make("textarea", { "aria-label": "Request body", spellcheck: "false" }) : null;
    if (this.body) this.body.value = JSON.stringify(body.example ?? {}, null, 2);
    this.output = make("div", { role: "status" });
    this.button = make("button", { type: "submit" }, "Send");
    this.form = make("form", { class: "try", on: { submit: (event) => { event.preventDefault(); this.send(); } } },
      this.inputs.map(({ parameter, input }) => make("div", { class: "field" }, make("label", { for: input.id }, parameter.name), input)),
      this.body, make("div", {}, this.button), this.output);
  }

  request() {
    let path = this.operation.path;
    const query = new URLSearchParams();
    const headers = new Headers({ accept: "application/json, */*;q=0.5" });
    for (const { parameter, input } of this.inputs) {
      if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (!input.value) continue;
      else if (parameter.in === "query") query.append(parameter.name, input.value);
      else headers.set(parameter.name, input.value);
    }
    const token = byId("token").value.trim();
    if (token) headers.set("authorization", `Bearer ${token}`);
    const csrf = document.cookie.split("; ").find((cookie) => cookie.startsWith("covergen_csrf="));
    if (csrf) headers.set("x-csrf-token", csrf.slice("covergen_csrf=".length));
    if (this.body) headers.set("content-type", "application/json");
    if (Object.keys(this.operation.responses).some((status) => this.operation.responses[status].content?.["text/event-stream"])) {
      headers.set("accept", "text/event-stream");
    }
    const search = query.size ? `?${query}` : "";
    return [path + search, { method: this.operation.verb.toUpperCase(), headers, body: this.body?.value }];
  }

  async send() {
    this.button.disabled = true;
    const [path, options] = this.request();
    try {
      const response = await fetch(path, options);
      await this.show(response);
    } catch (error) {
      this.output.replaceChildren(make("pre", {}, `No answer: ${error.message}`));
    } finally {
      this.button.disabled = false;
    }
  }

  async show(response) {
    const type = response.headers.get("content-type") ?? "";
    const title = make("p", { class: "type" }, `${response.status} ${response.statusText} · ${type || "no content"}`);
    if (type.startsWith("image/")) {
      const picture = make("img", { alt: "The answer", width: "480" });
      picture.src = URL.createObjectURL(await response.blob());
      this.output.replaceChildren(title, picture);
      return;
    }
    const text = await response.text();
    let shown = text;
    if (type.includes("json") && !type.includes("ndjson")) {
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { shown = text; }
    }
    this.output.replaceChildren(title, make("pre", { tabindex: 0 }, shown));
  }
}

async function start() {
  const state = byId("state");
  try {
    const response = await fetch("openapi.json");
    if (!response.ok) throw new Error(`status ${response.status}`);
    const docs = new Docs(await response.json());
    byId("title").textContent = docs.document.info.title;
    document.title = docs.document.info.title;
    docs.show();
    byId("search").addEventListener("input", (event) => docs.show(event.target.value));
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  } catch (error) {
    state.textContent = `The document could not be read: ${error.message}`;
  }
}

start();
