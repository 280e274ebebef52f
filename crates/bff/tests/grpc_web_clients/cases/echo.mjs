// What every client must find at a BFF, against a service that does as it is told.
import assert from "node:assert/strict";
import { test } from "node:test";

const SERVICE = "covergen.echo.v1.EchoService";
/** The clients that know the text encoding, and the one that sees a stream's
    messages one by one in it alone. */
const KNOW_TEXT = ["grpc_web", "protobuf_ts"];
const CANCELLED = 1;

export function cases({ client, call, counts }) {
  const encodings = KNOW_TEXT.includes(client) ? [false, true] : [false];
  // Over XMLHttpRequest binary answers are handed out whole, at their end.
  const streamsInText = client === "grpc_web";
  const echo = (name, more) => call({ rpc: `${SERVICE}/${name}`, ...more });
  const counted = async () => (await fetch(counts)).json();
  const eventuallyIdle = async () => {
    const deadline = Date.now() + 20_000;
    while ((await counted()).open > 0) {
      assert.ok(Date.now() < deadline, "the backend works on for nobody");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  for (const text of encodings) {
    const how = text ? "text" : "binary";

    test(`${how}: a unary call`, async () => {
      const request = { text: "grüße 大", words: ["a", "b"] };
      const { messages, fault } = await echo("Echo", { request, text });
      assert.equal(fault, undefined);
      assert.equal(messages.length, 1);
      assert.equal(messages[0].text, request.text);
      assert.deepEqual(messages[0].words, request.words);
    });

    test(`${how}: an answer of half a megabyte`, async () => {
      const long = "ä".repeat(262_144);
      const { messages, fault } = await echo("Echo", { request: { text: long }, text });
      assert.equal(fault, undefined);
      assert.equal(messages[0].text, long);
    });

    test(`${how}: a stream, in order`, async () => {
      const { messages, fault, trailers } = await echo("Watch", { request: { count: 40 }, streams: true, text });
      assert.equal(fault, undefined);
      assert.deepEqual(messages.map((tick) => tick.version), Array.from({ length: 40 }, (_, at) => at + 1));
      assert.equal(trailers["x-ended"], "well");
    });

    test(`${how}: trailers after a message`, async () => {
      const { trailers } = await echo("Echo", { request: { text: "a" }, text });
      assert.equal(trailers["x-ended"], "well");
    });

    test(`${how}: a refusal with its details, in trailers alone`, async () => {
      const request = { code: 3, reason: "TOO_ODD", message: "zu größe 大", field: "a.b" };
      const { messages, fault } = await echo("Fail", { request, text });
      assert.deepEqual(messages, []);
      assert.deepEqual(fault, {
        code: 3,
        message: request.message,
        reason: "TOO_ODD",
        violations: [{ field: "a.b", description: "is wrong" }],
      });
    });

    test(`${how}: a stream that is refused before it begins`, async () => {
      const { messages, fault } = await echo("Watch", { request: { failAfter: -1 }, streams: true, text });
      assert.deepEqual(messages, []);
      assert.equal(fault.code, 5);
      assert.equal(fault.message, "no such thing to watch");
    });

    test(`${how}: a stream that fails after two messages`, async () => {
      const request = { count: 9, failAfter: 2 };
      const { messages, fault } = await echo("Watch", { request, streams: true, text });
      assert.deepEqual(messages.map((tick) => tick.version), [1, 2]);
      assert.equal(fault.code, 10);
      assert.equal(fault.message, "It went wrong.");
      assert.equal(fault.reason, "WENT_WRONG");
    });

    test(`${how}: an RPC that is not offered`, async () => {
      const before = await counted();
      const { fault } = await echo("Internal", { text });
      assert.equal(fault.code, 12);
      assert.equal(fault.reason, "NO_SUCH_RPC");
      assert.equal((await counted()).calls, before.calls);
    });

    test(`${how}: credentials in metadata`, async () => {
      const anonymous = await echo("Whoami", { text });
      assert.equal(anonymous.fault.code, 16);
      assert.equal(anonymous.fault.reason, "SIGN_IN");
      const known = await echo("Whoami", { headers: { authorization: "Bearer user-ada" }, text });
      assert.equal(known.fault, undefined);
      assert.equal(known.messages[0].entries.authorization, "Bearer internal-ada");
    });

    test(`${how}: a deadline ends a unary call here and there`, async () => {
      const { fault } = await echo("Slow", { request: { hang: true }, timeoutMs: 300, text });
      assert.equal(fault.code, 4);
      await eventuallyIdle();
    });

    test(`${how}: a deadline ends a stream here and there`, async () => {
      const request = { count: 2, hang: true };
      const { fault } = await echo("Watch", { request, streams: true, timeoutMs: 300, text });
      assert.equal(fault.code, 4);
      await eventuallyIdle();
    });

    if (!streamsInText || text) {
      test(`${how}: who leaves in the middle of a stream is not worked for`, async () => {
        const request = { count: 3, hang: true };
        const { messages, fault } = await echo("Watch", { request, streams: true, leaveAfter: 3, text });
        assert.deepEqual(messages.map((tick) => tick.version), [1, 2, 3]);
        assert.equal(fault.code, CANCELLED);
        await eventuallyIdle();
      });
    }

    test(`${how}: another origin gets nowhere`, async () => {
      const before = await counted();
      const { messages, fault } = await call({ rpc: `${SERVICE}/Echo`, text }, "foreign");
      assert.deepEqual(messages, []);
      assert.ok(fault.code > 0);
      assert.equal((await counted()).calls, before.calls);
    });
  }
}
