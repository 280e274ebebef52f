import { covers } from "../../api/clients";
import { type Fault, isAborted, toFault } from "../../api/fault";
import { type DesignInput, requestOf } from "./design";

/** What a preview is drawn from. */
export interface PreviewInput extends DesignInput {
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

/** Calls under way at once: the newest, and one before it that may still
    bring a picture on the way there. */
const MOST_CALLS = 2;

/** Keeps the preview in step with what is typed: the newest wish is sent, and
    pictures never arrive out of order. A server that is slower than the typing
    still shows pictures on the way, at its own pace. */
export class PreviewLoop {
  #timer: number | undefined;
  #waitingSince: number | undefined;
  #calls = new Map<number, AbortController>();
  #next: PreviewInput | undefined;
  #sent = 0;
  #shown: string | undefined;

  /** @param delayMs how much longer it waits than the first of several. */
  constructor(
    private readonly listener: Listener,
    private readonly delayMs = 0,
  ) {}

  /** Wants a picture of `input`, and of nothing asked for before. */
  ask(input: PreviewInput): void {
    const now = performance.now();
    this.#waitingSince ??= now;
    const wait = Math.max(0, Math.min(QUIET_MS + this.delayMs, this.#waitingSince + LONGEST_WAIT_MS + this.delayMs - now));
    this.#schedule(() => {
      this.#waitingSince = undefined;
      return this.#send(input, 0);
    }, wait);
  }

  /** Ends it and frees the last picture. */
  stop(): void {
    window.clearTimeout(this.#timer);
    this.#next = undefined;
    for (const call of this.#calls.values()) call.abort();
    if (this.#shown) URL.revokeObjectURL(this.#shown);
  }

  #schedule(work: () => Promise<void>, waitMs: number): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void work(), waitMs);
  }

  async #send(input: PreviewInput, attempt: number): Promise<void> {
    if (this.#calls.size >= MOST_CALLS) {
      this.#next = input;
      return;
    }
    this.#sent += 1;
    const number = this.#sent;
    const call = new AbortController();
    this.#calls.set(number, call);
    const start = performance.now();
    try {
      const url = await draw(input, call.signal);
      if (call.signal.aborted) URL.revokeObjectURL(url);
      else this.#show(number, { url, input, latencyMs: performance.now() - start });
    } catch (error) {
      const isOld = number < this.#sent || this.#waitingSince !== undefined;
      if (!call.signal.aborted && !isAborted(error) && !isOld) this.#failed(input, attempt, toFault(error));
    }
    this.#calls.delete(number);
    const next = this.#next;
    this.#next = undefined;
    if (next) await this.#send(next, 0);
  }

  #show(number: number, picture: PreviewPicture): void {
    // What was asked for before is of no use any more.
    for (const [older, call] of this.#calls) if (older < number) call.abort();
    const previous = this.#shown;
    this.#shown = picture.url;
    this.listener.onPicture(picture);
    // The element still shows the old picture until it has the new one.
    if (previous) window.setTimeout(() => URL.revokeObjectURL(previous), 1000);
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
  const body = await covers.preview({ ...requestOf(input), sizes: [{ preset: input.preset }] }, { signal });
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
