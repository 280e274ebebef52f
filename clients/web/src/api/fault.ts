import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb";

/** One field that was not acceptable, named as JSON names it. */
export interface Violation {
  field: string;
  description: string;
}

/** What went wrong with a call, whichever protocol it was made by. */
export class Fault extends Error {
  /** Canonical gRPC code, such as `NOT_FOUND`; `NETWORK` when no answer came. */
  readonly code: string;
  /** Stable reason, such as `EMAIL_TAKEN`; empty when none was given. */
  readonly reason: string;
  readonly violations: readonly Violation[];
  /** How long the server asks us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(fault: {
    code: string;
    message: string;
    reason?: string | undefined;
    violations?: readonly Violation[] | undefined;
    retryAfterMs?: number | undefined;
  }) {
    super(fault.message);
    this.name = "Fault";
    this.code = fault.code;
    this.reason = fault.reason ?? "";
    this.violations = fault.violations ?? [];
    this.retryAfterMs = fault.retryAfterMs;
  }

  /** Whether the same call may well succeed a moment later. */
  get isTransient(): boolean {
    return ["NETWORK", "UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED"].includes(this.code);
  }
}

/** Turns whatever was thrown into a fault. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof ConnectError) return fromConnect(error);
  if (error instanceof TypeError) return new Fault({ code: "NETWORK", message: error.message });
  const message = error instanceof Error ? error.message : String(error);
  return new Fault({ code: "UNKNOWN", message });
}

/** Whether a call ended because we aborted it. */
export function isAborted(error: unknown): boolean {
  if (error instanceof ConnectError) return error.code === Code.Canceled;
  return error instanceof DOMException && error.name === "AbortError";
}

function fromConnect(error: ConnectError): Fault {
  // A fetch that found no server rejects with a TypeError, which Connect
  // wraps as an internal error; for the user it is the network.
  if (error.cause instanceof TypeError) {
    return new Fault({ code: "NETWORK", message: error.rawMessage });
  }
  const info = error.findDetails(ErrorInfoSchema)[0];
  const request = error.findDetails(BadRequestSchema)[0];
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return new Fault({
    code: canonicalName(error.code),
    message: error.rawMessage,
    reason: info?.reason,
    violations: request?.fieldViolations.map(({ field, description }) => ({
      field: camelCase(field),
      description,
    })),
    retryAfterMs: delay ? Number(delay.seconds) * 1000 + delay.nanos / 1e6 : undefined,
  });
}

/** `FailedPrecondition` as `FAILED_PRECONDITION`. */
function canonicalName(code: Code): string {
  if (code === Code.Canceled) return "CANCELLED";
  return (Code[code] ?? "Unknown").replace(/(?<=[a-z])[A-Z]/g, "_$&").toUpperCase();
}

function camelCase(path: string): string {
  return path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The members of an `application/problem+json` body that we read. */
interface Problem {
  code?: unknown;
  reason?: unknown;
  detail?: unknown;
  violations?: unknown;
  retryAfterSeconds?: unknown;
}

/** Reads a refused REST answer. */
export async function fromProblem(response: Response): Promise<Fault> {
  // A proxy in between may answer with a page of its own.
  const body: unknown = await response.json().catch(() => undefined);
  return problemFault(body, response.status, response.statusText);
}

/** Reads the body of a refused REST answer. */
export function problemFault(body: unknown, status: number, statusText: string): Fault {
  const problem: Problem = typeof body === "object" && body !== null ? body : {};
  const { code, reason, detail, violations, retryAfterSeconds } = problem;
  return new Fault({
    code: typeof code === "string" ? code : status >= 500 ? "UNAVAILABLE" : "UNKNOWN",
    message: typeof detail === "string" ? detail : statusText,
    reason: typeof reason === "string" ? reason : undefined,
    violations: Array.isArray(violations) ? violations.filter(isViolation) : undefined,
    retryAfterMs: typeof retryAfterSeconds === "number" ? retryAfterSeconds * 1000 : undefined,
  });
}

function isViolation(value: unknown): value is Violation {
  if (typeof value !== "object" || value === null) return false;
  const { field, description } = value as Partial<Violation>;
  return typeof field === "string" && typeof description === "string";
}
