import { covers } from "../../api/clients";
import { type Fault, isAborted, toFault } from "../../api/fault";

/** What a preview is drawn from. */
export interface PreviewInput {
  title: string;
  subtitle: string;
  templateId: string;
  paletteId: string;
  seed: string;
  preset: string;
}

/** A picture that is decoded and can be shown without a flash. */
export interface PreviewPicture {
  url: string;
  input: PreviewInput;
  /** From asking to decoded, in milliseconds. */
  latencyMs: number;
}

interface Listener {
  onPicture: (picture: PreviewPicture) => void;
  onFault: (fault: Fault) => void;
}

/** Wait after the last keystroke; shorter than the gap between two. */
const QUIET_MS = 60;
/** Who types without a pause still sees a picture this often. */
const LONGEST_WAIT_MS = 180;
const RETRIES = 4;

/** Keeps the preview in step with what is typed: the newest wish is sent,
    the older call is dropped, and pictures never arrive out of order. */
export class PreviewLoop {
  #timer: number | undefined;
  #waitingSince: number | undefined;
  #call: AbortController | undefined;
  #shown: string | undefined;

  constructor(private readonly listener: Listener) {}

  /** Wants a picture of `input`, and of nothing asked for before. */
  ask(input: PreviewInput): void {
    const now = performance.now();
    this.#waitingSince ??= now;
    const wait = Math.max(0, Math.min(QUIET_MS, this.#waitingSince + LONGEST_WAIT_MS - now));
    this.#schedule(() => this.#send(input, 0), wait);
  }

  /** Ends it and frees the last picture. */
  stop(): void {
    window.clearTimeout(this.#timer);
    this.#call?.abort();
    if (this.#shown) URL.revokeObjectURL(this.#shown);
  }

  #schedule(work: () => Promise<void>, waitMs: number): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void work(), waitMs);
  }

  async #send(input: PreviewInput, attempt: number): Promise<void> {
    this.#waitingSince = undefined;
    this.#call?.abort();
    const call = new AbortController();
    this.#call = call;
    const start = performance.now();
    try {
      const url = await draw(input, call.signal);
      if (call.signal.aborted) return URL.revokeObjectURL(url);
      const previous = this.#shown;
      this.#shown = url;
      this.listener.onPicture({ url, input, latencyMs: performance.now() - start });
      // The element still shows the old picture until it has the new one.
      if (previous) window.setTimeout(() => URL.revokeObjectURL(previous), 1000);
    } catch (error) {
      if (call.signal.aborted || isAborted(error)) return;
      this.#failed(input, attempt, toFault(error));
    }
  }

  #failed(input: PreviewInput, attempt: number, fault: Fault): void {
    const isBusy = fault.code === "RESOURCE_EXHAUSTED";
    if ((isBusy || fault.isTransient) && attempt < RETRIES) {
      const wait = fault.retryAfterMs ?? 500 * 2 ** attempt;
      this.#schedule(() => this.#send(input, attempt + 1), wait);
      // To be told to slow down is no fault worth showing: the last picture
      // stays a moment longer.
      if (isBusy) return;
    }
    this.listener.onFault(fault);
  }
}

/** Asks for a preview and decodes it. */
async function draw(input: PreviewInput, signal: AbortSignal): Promise<string> {
  const { title, subtitle, templateId, paletteId, seed, preset } = input;
  const body = await covers.preview(
    { title, subtitle, templateId, paletteId, seed: BigInt(seed), sizes: [{ preset }] },
    { signal },
  );
  const url = URL.createObjectURL(new Blob([new Uint8Array(body.data)], { type: body.contentType }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return url;
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}
