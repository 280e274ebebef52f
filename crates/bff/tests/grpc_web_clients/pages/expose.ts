// What a page of every client offers to the test that drives it.

/** One call, as a test describes it. */
export interface Call {
  base: string;
  /** `package.Service/Method`. */
  rpc: string;
  streams: boolean;
  /** The request as proto3 JSON. */
  request: object;
  text: boolean;
  headers: Record<string, string>;
  timeoutMs?: number;
  /** Goes away after that many messages. */
  leaveAfter?: number;
}

/** What a client tells while a call goes on. */
export interface Listener {
  message(json: unknown): void;
  headers(all: Record<string, string>): void;
  trailers(all: Record<string, string>): void;
}

/** Why a call failed, as the client under test told. */
export interface Fault {
  code: number;
  message: string;
  /** `ErrorInfo.reason` of the status details. */
  reason?: string;
  /** `BadRequest.field_violations` of the status details. */
  violations: { field: string; description: string }[];
}

/** Makes a call and ends with it; what the call fails with is a `Fault`. */
export type Client = (call: Call, listener: Listener, gone: AbortSignal) => Promise<Fault | undefined>;

export interface Outcome {
  messages: unknown[];
  headers: Record<string, string>;
  trailers: Record<string, string>;
  fault?: Fault;
}

/** Lets the test call through this client. */
export function expose(client: Client) {
  const run = async (call: Call): Promise<Outcome> => {
    const outcome: Outcome = { messages: [], headers: {}, trailers: {} };
    const leaving = new AbortController();
    const listener: Listener = {
      message(json) {
        outcome.messages.push(json);
        if (outcome.messages.length === call.leaveAfter) leaving.abort();
      },
      headers: (all) => void Object.assign(outcome.headers, all),
      trailers: (all) => void Object.assign(outcome.trailers, all),
    };
    outcome.fault = await client(call, listener, leaving.signal);
    return outcome;
  };
  Object.assign(window, { run });
}

/** Bytes of a `-bin` header, which leaves its padding out. */
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
