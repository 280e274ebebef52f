// The running platform, through every client: `covergen up` behind its web BFF.
import assert from "node:assert/strict";
import { test } from "node:test";

const COVERS = "covergen.cover.v1.CoverService";
const TEMPLATES = "covergen.template.v1.TemplateService";
const USERS = "covergen.user.v1.UserService";
const CANCELLED = 1;
const SIZES = [{ width: 640, height: 360 }, { width: 360, height: 640 }];
/** Takes a while. */
const LONG = { title: "A long one", variants: 8, sizes: [{ preset: "youtube" }], formats: ["png"] };

export function cases({ client, call, token }) {
  const headers = { authorization: `Bearer ${token}` };
  // Over XMLHttpRequest binary answers are handed out whole, at their end.
  const text = client === "grpc_web";
  const ask = (rpc, request, more) => call({ rpc, request, headers, text, ...more });
  const generate = async (request) => {
    const { messages, fault } = await ask(`${COVERS}/Generate`, request);
    assert.equal(fault, undefined);
    return messages[0].taskId;
  };

  test("templates are listed without an account", async () => {
    const { messages, fault } = await call({ rpc: `${TEMPLATES}/ListTemplates`, request: { pageSize: 3 } });
    assert.equal(fault, undefined);
    assert.equal(messages[0].templates.length, 3);
    assert.ok(messages[0].nextPageToken);
  });

  test("the quota is the caller's own", async () => {
    const { messages, fault } = await ask(`${USERS}/GetQuota`, { userId: "me" });
    assert.equal(fault, undefined);
    assert.equal(messages[0].limit, 50);
    const anonymous = await ask(`${USERS}/GetQuota`, { userId: "me" }, { headers: {} });
    assert.equal(anonymous.fault.code, 16);
  });

  test("a preview is a picture", async () => {
    const request = { title: "Through the wire", sizes: SIZES, accept: "image/png" };
    const { messages, fault } = await ask(`${COVERS}/Preview`, request);
    assert.equal(fault, undefined);
    assert.equal(messages[0].contentType, "image/png");
    assert.equal(Buffer.from(messages[0].data, "base64").toString("latin1", 1, 4), "PNG");
  });

  test("everything that is wrong with a request is told at once", async () => {
    const request = { title: "", variants: 9, sizes: SIZES };
    const { messages, fault } = await ask(`${COVERS}/Generate`, request);
    assert.deepEqual(messages, []);
    assert.equal(fault.code, 3);
    assert.ok(fault.reason);
    assert.deepEqual(fault.violations.map((violation) => violation.field).sort(), ["title", "variants"]);
  });

  test("what is not there is not found", async () => {
    const { fault } = await ask(`${COVERS}/WatchTask`, { taskId: "tsk_none" }, { streams: true });
    assert.ok([3, 5].includes(fault.code), JSON.stringify(fault));
    assert.ok(fault.reason);
  });

  test("a generation is watched to its end", async () => {
    // Long enough that the watch begins before it ends.
    const sizes = [...SIZES, ...LONG.sizes];
    const taskId = await generate({ title: "Watched", sizes, formats: ["png"] });
    const { messages, fault } = await ask(`${COVERS}/WatchTask`, { taskId }, { streams: true });
    assert.equal(fault, undefined);
    const versions = messages.map((task) => BigInt(task.version ?? 0));
    assert.ok(versions.length > 1, JSON.stringify(messages));
    assert.ok(versions.every((version, at) => at === 0 || version > versions[at - 1]));
    const last = messages.at(-1);
    assert.equal(last.status, "SUCCEEDED");
    assert.equal(last.covers[0].images.length, sizes.length);
  });

  test("a deadline ends the watch, not the work", async () => {
    const taskId = await generate(LONG);
    const { fault } = await ask(`${COVERS}/WatchTask`, { taskId }, { streams: true, timeoutMs: 30 });
    assert.equal(fault.code, 4);
    const again = await ask(`${COVERS}/WatchTask`, { taskId }, { streams: true });
    assert.equal(again.messages.at(-1).status, "SUCCEEDED");
  });

  // The Rust side looks for what the collector was told of it.
  test("who leaves in the middle of a stream is gone", async () => {
    const taskId = await generate(LONG);
    const { messages, fault } = await ask(`${COVERS}/WatchTask`, { taskId }, { streams: true, leaveAfter: 1 });
    // What had come with the first is told, too.
    assert.ok(messages.length >= 1 && messages.every((task) => task.status !== "SUCCEEDED"));
    assert.equal(fault.code, CANCELLED);
  });

  test("another origin gets nowhere", async () => {
    const before = await ask(`${USERS}/GetQuota`, { userId: "me" });
    const request = { title: "Foreign", sizes: SIZES };
    const { messages, fault } = await call({ rpc: `${COVERS}/Generate`, request, headers, text }, "foreign");
    assert.deepEqual(messages, []);
    assert.ok(fault.code > 0);
    const after = await ask(`${USERS}/GetQuota`, { userId: "me" });
    assert.equal(after.messages[0].remaining, before.messages[0].remaining);
  });
}
