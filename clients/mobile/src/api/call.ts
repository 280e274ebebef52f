import type { Operations } from "../gen/api";
import { csrfToken } from "./csrf";
import { Fault } from "./fault";
import { renewSession } from "./renewal";
import { send } from "./send";

export type Operation = keyof Operations;
export type Answer<O extends Operation> = Operations[O]["answer"];
type Part<O extends Operation, P extends "path" | "query" | "body"> = Operations[O][P];

/** What an operation needs beside its name; what it does not take is a type
    error, and what it cannot do without as well. */
export type Wanted<O extends Operation> = {
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Idempotency key: the same one twice has one effect. */
  key?: string;
} & (Part<O, "path"> extends undefined ? unknown : { path: Part<O, "path"> }) &
  (Part<O, "query"> extends undefined ? unknown : { query?: Part<O, "query"> }) &
  (Part<O, "body"> extends undefined ? unknown : { body: Part<O, "body"> });

interface Parts {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  key?: string;
}

type Listener = () => void;
const listeners = new Set<Listener>();

/** Calls `listener` when the session is over and cannot be renewed; returns
    how to stop. */
export function onSessionEnded(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Calls an operation of the mobile BFF. One refused for want of a session
    renews it and is tried once more. */
export async function call<O extends Operation>(operation: O, wanted: Wanted<O>): Promise<Answer<O>> {
  const { path = {}, query, body, headers, signal, key } = wanted as Parts;
  const [method = "GET", template = "/"] = operation.split(" ");
  const sending = {
    method,
    url: address(template, path, query),
    body,
    headers: { ...headers, ...(key ? { "Idempotency-Key": key } : {}) },
    signal,
  };
  const response = await withSession(() => send(sending));
  const type = response.headers.get("Content-Type") ?? "";
  if (response.status === 204) return undefined as Answer<O>;
  return (type.includes("json") ? response.json() : response.blob()) as Promise<Answer<O>>;
}

async function withSession(attempt: () => Promise<Response>): Promise<Response> {
  const seen = await csrfToken();
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof Fault) || !needsSession(error)) throw error;
    if (!(await renewSession(seen))) {
      for (const listener of listeners) listener();
      throw error;
    }
    return await attempt();
  }
}

/** Whether a renewal may help. A token that does not fit its session is met
    when another tab renewed in between. */
function needsSession({ code, reason }: Fault): boolean {
  const isCredential = reason === "INVALID_CREDENTIALS" || reason.startsWith("MFA_");
  return (code === "UNAUTHENTICATED" && !isCredential) || reason === "CSRF_TOKEN_INVALID";
}

function address(template: string, path: Record<string, string>, query?: Record<string, unknown>): string {
  const url = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === "") continue;
    for (const item of Array.isArray(value) ? value : [value]) parameters.append(name, String(item));
  }
  const text = parameters.toString();
  return text ? `${url}?${text}` : url;
}
