/** One field that was not acceptable, named as JSON names it. */
export interface FieldViolation {
  field: string;
  description: string;
}

/** What went wrong with a call. */
export class Fault extends Error {
  /** Canonical code, such as `NOT_FOUND`; `NETWORK` when no answer came. */
  readonly code: string;
  /** Stable reason, such as `EMAIL_TAKEN`; empty when none was given. */
  readonly reason: string;
  readonly violations: readonly FieldViolation[];

  constructor(code: string, message: string, reason = "", violations: readonly FieldViolation[] = []) {
    super(message);
    this.name = "Fault";
    this.code = code;
    this.reason = reason;
    this.violations = violations;
  }

  /** Whether the same call may well succeed later: nobody refused it. */
  get isTransient(): boolean {
    return TRANSIENT.has(this.code) && this.reason !== "QUOTA_EXHAUSTED";
  }
}

const TRANSIENT = new Set(["NETWORK", "UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED", "RESOURCE_EXHAUSTED", "INTERNAL", "UNKNOWN"]);

/** Turns whatever was thrown into a fault. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : String(error);
  // A fetch without an answer rejects with a TypeError, one that took too
  // long with a TimeoutError.
  const isNetwork = error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError");
  return new Fault(isNetwork ? "NETWORK" : "UNKNOWN", message);
}

/** Whether a call ended because we aborted it. */
export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Reads a refused answer: `application/problem+json`, or a page that a proxy
    in between made up. */
export async function fromProblem(response: Response): Promise<Fault> {
  const body: unknown = await response.json().catch(() => undefined);
  const problem: Record<string, unknown> = typeof body === "object" && body !== null ? { ...body } : {};
  const text = (name: string, otherwise: string) => {
    const value = problem[name];
    return typeof value === "string" ? value : otherwise;
  };
  const violations = Array.isArray(problem["violations"]) ? problem["violations"].filter(isViolation) : [];
  const code = text("code", response.status >= 500 ? "UNAVAILABLE" : "UNKNOWN");
  return new Fault(code, text("detail", response.statusText), text("reason", ""), violations);
}

function isViolation(value: unknown): value is FieldViolation {
  if (typeof value !== "object" || value === null) return false;
  const { field, description } = value as Partial<FieldViolation>;
  return typeof field === "string" && typeof description === "string";
}
