// Custom templates by REST, through the web BFF, without a browser.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { BASE, newAccount, newPaidAccount } from "./harness.mjs";

const DRAFT = { name: "Loud harbour", description: "For storms", design: { base: "swiss", colors: ["#102030", "#f0f0f0"], letterCase: "upper" } };

/** One call, and its answer: status, headers, text and JSON. */
async function send(account, method, path, { body, headers = {} } = {}) {
  const answer = await fetch(`${BASE}/api/v1${path}`, {
    method,
    headers: {
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(account && { Authorization: `Bearer ${account.accessToken}` }),
      ...headers,
    },
    body: typeof body === "object" ? JSON.stringify(body) : body,
  });
  const text = await answer.text();
  const type = answer.headers.get("content-type") ?? "";
  return { status: answer.status, headers: answer.headers, text, json: /json/.test(type) ? JSON.parse(text) : undefined };
}

/** An RFC 9457 problem, complete, that gives this reason. */
function assertProblem(answer, status, reason) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const { type, title, status: told, detail, code, reason: why, requestId } = answer.json;
  assert.deepEqual([type, told, why], [`urn:covergen:problem:${reason.toLowerCase().replaceAll("_", "-")}`, status, reason]);
  for (const text of [title, detail, code, requestId]) assert.ok(typeof text === "string" && text.length > 0, answer.text);
}

const make = (account, body = DRAFT) => send(account, "POST", "/templates/custom", { body });
const at = (id) => `/templates/custom/${id}`;

test("a template is made once per key, and answered with its tag", async () => {
  const account = await newPaidAccount("PRO_PLUS");
  const headers = { "Idempotency-Key": randomUUID() };
  const made = await send(account, "POST", "/templates/custom", { body: DRAFT, headers });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers.get("content-type"), "application/json");
  assert.equal(made.headers.get("etag"), '"v1"');
  assert.match(made.json.id, /^tpl_[0-9a-f]{32}$/);
  assert.deepEqual([made.json.name, made.json.version, made.json.isCustom], [DRAFT.name, 1, true]);
  assert.deepEqual(made.json.design.colors, DRAFT.design.colors);
  assert.equal(made.json.document, undefined, "the renderer's document is for services");
  const again = await send(account, "POST", "/templates/custom", { body: DRAFT, headers });
  assert.deepEqual([again.status, again.json.id], [201, made.json.id]);
  const other = await send(account, "POST", "/templates/custom", { body: { ...DRAFT, name: "Another" }, headers });
  assertProblem(other, 422, "IDEMPOTENCY_KEY_REUSED");

  const read = await send(account, "GET", at(made.json.id));
  assert.deepEqual([read.status, read.headers.get("etag")], [200, '"v1"']);
  assert.match(read.headers.get("cache-control"), /private/);
  const unchanged = await send(account, "GET", at(made.json.id), { headers: { "If-None-Match": '"v1"' } });
  assert.deepEqual([unchanged.status, unchanged.text], [304, ""]);
  const thumbnail = await fetch(BASE + made.json.thumbnailUrl, { headers: { Authorization: `Bearer ${account.accessToken}` } });
  assert.deepEqual([thumbnail.status, thumbnail.headers.get("content-type")], [200, "image/png"]);
});

test("a change that is based on an older version is refused", async () => {
  const account = await newPaidAccount("PRO_PLUS");
  const { id } = (await make(account)).json;
  const change = (body, headers, query = "") => send(account, "PATCH", at(id) + query, { body, headers });
  const changed = await change({ name: "Louder" }, { "If-Match": '"v1"' });
  assert.deepEqual([changed.status, changed.headers.get("etag"), changed.json.name], [200, '"v2"', "Louder"]);
  assert.deepEqual(changed.json.design.colors, DRAFT.design.colors, "what is absent stays");
  assertProblem(await change({ name: "Too late" }, { "If-Match": '"v1"' }), 412, "ETAG_MISMATCH");
  const any = await change({ name: "Loudest" }, { "If-Match": "*" });
  assert.deepEqual([any.status, any.json.version], [200, 3]);
  const masked = await change({ name: "Loudest of all", description: "not named" }, {}, "?updateMask=name");
  assert.deepEqual([masked.json.version, masked.json.name, masked.json.description], [4, "Loudest of all", DRAFT.description]);
  const same = await change({ name: "Loudest of all" });
  assert.deepEqual([same.status, same.headers.get("etag")], [200, '"v4"'], "a change that changes nothing is no version");
  assertProblem(await send(account, "DELETE", at(id), { headers: { "If-Match": '"v1"' } }), 412, "ETAG_MISMATCH");
});

test("versions are listed page by page, read and restored", async () => {
  const account = await newPaidAccount("PRO_PLUS");
  const { id } = (await make(account)).json;
  for (const name of ["Second", "Third"]) await send(account, "PATCH", at(id), { body: { name } });
  const page = (token = "") => send(account, "GET", `/templates/${id}/versions?pageSize=2&pageToken=${encodeURIComponent(token)}`);
  const first = (await page()).json;
  const second = (await page(first.nextPageToken)).json;
  assert.deepEqual([...first.versions, ...second.versions].map(({ version }) => version), [3, 2, 1]);
  assert.equal(second.nextPageToken, "");
  assert.equal((await send(account, "GET", `/templates/${id}/versions/1`)).json.name, DRAFT.name);
  assertProblem(await send(account, "GET", `/templates/${id}/versions/9`), 404, "TEMPLATE_VERSION_NOT_FOUND");

  const restore = (version, headers) => send(account, "POST", `${at(id)}/versions/${version}/restore`, { body: {}, headers });
  assertProblem(await restore(1, { "If-Match": '"v2"' }), 412, "ETAG_MISMATCH");
  const restored = await restore(1, { "If-Match": '"v3"' });
  assert.deepEqual([restored.status, restored.headers.get("etag"), restored.json.name], [200, '"v4"', DRAFT.name]);
  assertProblem(await restore(9), 404, "TEMPLATE_VERSION_NOT_FOUND");
});

test("a template goes out as a file and comes back as another template", async () => {
  const account = await newPaidAccount("PRO_PLUS");
  const made = (await make(account)).json;
  const file = await send(account, "GET", `${at(made.id)}/export`);
  assert.deepEqual([file.status, file.headers.get("content-type")], [200, "application/json"]);
  assert.equal(file.headers.get("content-disposition"), 'attachment; filename="loud-harbour.covergen.json"');
  assert.equal(file.headers.get("x-content-type-options"), "nosniff");
  assert.deepEqual([file.json.format, file.json.formatVersion, file.json.template.name], ["covergen.template", 1, DRAFT.name]);
  assert.ok(!file.text.includes(account.id) && !file.text.includes(made.id), "a file names nobody");

  const into = (body, whose = account) => send(whose, "POST", "/templates/custom/import", { body });
  const other = await newPaidAccount("PRO_PLUS");
  const imported = await into(file.text, other);
  assert.deepEqual([imported.status, imported.headers.get("etag")], [201, '"v1"']);
  assert.notEqual(imported.json.id, made.id);
  assert.deepEqual(imported.json.design, made.design);
  for (const [field, body] of [
    ["format", { ...file.json, format: "another" }],
    ["formatVersion", { ...file.json, formatVersion: 2 }],
    ["", "no JSON at all"],
  ]) {
    const refused = await into(body);
    assertProblem(refused, 400, field ? "INVALID_REQUEST" : "INVALID_VALUE");
    assert.equal(refused.json.violations[0].field, field);
  }
});

test("a template is deleted, and is gone", async () => {
  const account = await newPaidAccount("PRO_PLUS");
  const { id } = (await make(account)).json;
  const gone = await send(account, "DELETE", at(id), { headers: { "If-Match": '"v1"' } });
  assert.deepEqual([gone.status, gone.text], [204, ""]);
  for (const [method, path] of [["GET", at(id)], ["DELETE", at(id)], ["GET", `${at(id)}/export`]]) {
    assertProblem(await send(account, method, path), 404, "TEMPLATE_NOT_FOUND");
  }
  const { templates } = (await send(account, "GET", "/templates?mine=true")).json;
  assert.deepEqual(templates, []);
});

test("a design that cannot be drawn is told field by field", async () => {
  const account = await newPaidAccount("PRO_PLUS");
  const refused = await make(account, { name: "", design: { ...DRAFT.design, colors: ["red"], font: "comic" } });
  assertProblem(refused, 400, "INVALID_REQUEST");
  const fields = refused.json.violations.map(({ field }) => field);
  for (const field of ["name", "design.font"]) assert.ok(fields.includes(field), refused.text);
  assert.ok(fields.some((field) => field.startsWith("design.colors")), refused.text);
});

test("without the plan, the session or the workspace there is no way in", async () => {
  const owner = await newPaidAccount("PRO_PLUS");
  const { id } = (await make(owner)).json;
  const file = (await send(owner, "GET", `${at(id)}/export`)).text;
  const free = await newAccount();
  assertProblem(await make(free), 403, "TIER_REQUIRED");
  assertProblem(await send(free, "POST", "/templates/custom/import", { body: file }), 403, "TIER_REQUIRED");
  assertProblem(await make(await newPaidAccount("PRO")), 403, "TIER_REQUIRED");
  assertProblem(await make(undefined), 401, "UNAUTHENTICATED");
  // What is another workspace's does not exist, whatever is asked of it.
  const stranger = await newPaidAccount("PRO_PLUS");
  for (const [method, path, body] of [
    ["GET", at(id)],
    ["PATCH", at(id), { name: "Mine" }],
    ["DELETE", at(id)],
    ["GET", `${at(id)}/export`],
    ["GET", `/templates/${id}/versions`],
    ["POST", `${at(id)}/versions/1/restore`, {}],
  ]) {
    assertProblem(await send(stranger, method, path, { body }), 404, "TEMPLATE_NOT_FOUND");
  }
});
