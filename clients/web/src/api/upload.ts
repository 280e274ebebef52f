import { fromJson } from "@bufbuild/protobuf";
import { type Asset, AssetSchema } from "../gen/covergen/media/v1/media_pb";
import { csrfHeader, csrfToken } from "./cookies";
import { Fault, problemFault } from "./fault";
import { renewSession } from "./renewal";
import { newRequestId } from "./request_id";
import { traceparent } from "./trace";

/** What the server takes, for file choosers; the bytes decide in the end. */
export const PICTURE_TYPES = "image/png,image/jpeg,image/webp,image/gif";
/** Largest picture, in bytes. */
export const PICTURE_MAX_BYTES = 10_485_760;

interface Options {
  onProgress?: (percent: number) => void;
  signal?: AbortSignal;
}

/** Stores a picture of the user's own. It goes as a form, because browsers
    cannot stream up by gRPC-web, and by XMLHttpRequest, because only that
    tells how much has gone. */
export async function uploadPicture(file: File, options: Options = {}): Promise<Asset> {
  const requestId = newRequestId();
  const seen = csrfToken();
  try {
    return await send(file, requestId, options);
  } catch (error) {
    const mayRenew = error instanceof Fault && (error.code === "UNAUTHENTICATED" || error.reason === "CSRF_TOKEN_INVALID");
    if (!mayRenew || !(await renewSession(seen))) throw error;
    return send(file, requestId, options);
  }
}

function send(file: File, requestId: string, { onProgress, signal }: Options): Promise<Asset> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/media");
    request.responseType = "json";
    const headers = { Accept: "application/json", "Idempotency-Key": requestId, traceparent: traceparent(), ...csrfHeader() };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(Math.round((loaded / total) * 100));
    request.onerror = () => reject(new Fault({ code: "NETWORK", message: "" }));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(fromJson(AssetSchema, request.response, { ignoreUnknownFields: true }));
      else reject(problemFault(request.response, request.status, request.statusText));
    };
    signal?.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}
