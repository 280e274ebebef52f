import { type Upload, Upload_State as State } from "../gen/covergen/media/v1/media_pb";
import { media } from "./clients";
import { csrfHeader, csrfToken } from "./cookies";
import { Fault, fromProblem, isAborted, toFault } from "./fault";
import { renewSession } from "./renewal";
import { newRequestId } from "./request_id";
import { traceparent } from "./trace";

/** Archives of pictures, for file choosers. */
export const ARCHIVE_TYPES = ".zip,application/zip";
/** Longest archive, in bytes. */
export const ARCHIVE_MAX_BYTES = 536_870_912;

/** What a broken line costs at most. */
const PIECE_BYTES = 8 * 1024 * 1024;
const MOST_FAILURES = 5;
const PAUSE_MS = 1_000;

/** Whether a file is an archive, by what the browser or its name says. */
export function isArchive({ type, name }: File): boolean {
  return type === "application/zip" || type === "application/x-zip-compressed" || /\.zip$/i.test(name);
}

/** How far an archive is: what has gone, then what was made of it. */
export interface ArchiveProgress {
  phase: "sending" | "working";
  percent: number;
}

/** Sends an archive in pieces by tus, so that a broken line costs one piece,
    and waits until each picture in it was looked at. */
export async function uploadArchive(file: File, onProgress: (progress: ArchiveProgress) => void, signal: AbortSignal): Promise<Upload> {
  const url = await begin(file, signal);
  try {
    await sendAll(url, file, onProgress, signal);
  } catch (error) {
    // Nobody goes on with it, and what was stored of it takes up room.
    end(url);
    throw error;
  }
  return finished(url.slice(url.lastIndexOf("/") + 1), onProgress, signal);
}

async function sendAll(url: string, file: File, onProgress: (progress: ArchiveProgress) => void, signal: AbortSignal): Promise<void> {
  let offset = 0;
  let failures = 0;
  while (offset < file.size) {
    try {
      offset = await append(url, file, offset, signal);
      failures = 0;
    } catch (error) {
      failures = await waitedOut(error, failures, signal);
      offset = await stored(url, signal).catch(() => offset);
    }
    onProgress({ phase: "sending", percent: Math.floor((offset / file.size) * 100) });
  }
}

/** Pauses where a call is worth another try, and counts; else throws what was
    wrong with it. */
async function waitedOut(error: unknown, failures: number, signal: AbortSignal): Promise<number> {
  const isWorthIt = toFault(error).isTransient && failures < MOST_FAILURES;
  if (signal.aborted || isAborted(error) || !isWorthIt) throw error;
  await pause(PAUSE_MS * (failures + 1), signal);
  return failures + 1;
}

/** Ends an upload, also while the page is being left. If this does not arrive,
    the upload expires by itself. */
function end(url: string): void {
  fetch(url, { method: "DELETE", keepalive: true, headers: headers() }).catch(() => undefined);
}

async function begin(file: File, signal: AbortSignal): Promise<string> {
  const told = { filename: file.name, filetype: "application/zip" };
  const metadata = Object.entries(told).map(([key, value]) => `${key} ${base64(value)}`);
  const answer = await ask("/api/v1/media/uploads", signal, {
    method: "POST",
    headers: { "Upload-Length": String(file.size), "Upload-Metadata": metadata.join(","), "Idempotency-Key": newRequestId() },
  });
  const location = answer.headers.get("Location");
  if (!location) throw new Fault({ code: "UNKNOWN", message: "no location" });
  return location;
}

async function append(url: string, file: File, offset: number, signal: AbortSignal): Promise<number> {
  const answer = await ask(url, signal, {
    method: "PATCH",
    headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) },
    body: file.slice(offset, offset + PIECE_BYTES),
  });
  return Number(answer.headers.get("Upload-Offset"));
}

/** Bytes that the server has. */
async function stored(url: string, signal: AbortSignal): Promise<number> {
  return Number((await ask(url, signal, { method: "HEAD" })).headers.get("Upload-Offset"));
}

async function ask(url: string, signal: AbortSignal, init: RequestInit): Promise<Response> {
  const seen = csrfToken();
  const send = () => fetch(url, { ...init, signal, headers: { ...headers(), ...init.headers } });
  let answer = await send();
  // A session may run out while so much is sent.
  if ((answer.status === 401 || answer.status === 403) && (await renewSession(seen))) answer = await send();
  if (!answer.ok) throw await fromProblem(answer);
  return answer;
}

function headers(): Record<string, string> {
  return { Accept: "application/json", "Tus-Resumable": "1.0.0", traceparent: traceparent(), ...csrfHeader() };
}

async function finished(uploadId: string, onProgress: (progress: ArchiveProgress) => void, signal: AbortSignal): Promise<Upload> {
  let failures = 0;
  for (;;) {
    let upload: Upload;
    try {
      upload = await media.getUpload({ uploadId }, { signal });
      failures = 0;
    } catch (error) {
      // The server goes on with it: who sent it again would have it twice.
      failures = await waitedOut(error, failures, signal);
      continue;
    }
    if (upload.state === State.SUCCEEDED) return upload;
    if (upload.state === State.FAILED) {
      throw new Fault({ code: "INVALID_ARGUMENT", message: upload.error?.message ?? "", reason: upload.error?.reason });
    }
    const { entries, succeeded, failed } = upload.archive ?? { entries: 0, succeeded: 0, failed: 0 };
    onProgress({ phase: "working", percent: entries ? Math.floor(((succeeded + failed) / entries) * 100) : 0 });
    await pause(PAUSE_MS, signal);
  }
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("", "AbortError"));
    });
  });
}
