// A lab's worker: `serve` is its own side, `Client` the page's. The newest request of a name wins.
import { LabError, read } from "./container.js";

export function serve(handlers) {
  const cancelled = new Set();
  onmessage = async ({ data: { id, name, data, cancel } }) => {
    if (cancel) return cancelled.add(cancel);
    let rested = performance.now();
    const job = {
      progress: (progress) => postMessage({ id, progress }),
      /** Let messages in, every 30 ms; ends the job if a newer request came. */
      async rest() {
        if (performance.now() - rested < 30) return;
        await new Promise((done) => setTimeout(done));
        rested = performance.now();
        if (cancelled.delete(id)) throw new Error();
      },
    };
    try {
      if (name === "load") for (const key in data.weights) data.weights[key] = read(data.weights[key]);
      postMessage({ id, result: await handlers[name]?.(data, job) });
    } catch ({ message, constructor }) {
      postMessage({ id, fault: message, told: constructor === LabError });
    }
  };
}

export class Client {
  #waiting = new Map();
  #last = 0;

  constructor(url) {
    this.worker = new Worker(url, { type: "module" });
    this.worker.onmessage = ({ data: { id, result, fault, told, progress } }) => {
      const request = this.#waiting.get(id);
      if (progress !== undefined) return request?.progress?.(progress);
      this.#waiting.delete(id);
      if (fault === undefined) request?.resolve(result);
      else request?.reject(told ? new LabError(fault) : new Error(fault));
    };
    this.worker.onerror = () => {
      for (const { reject } of this.#waiting.values()) reject(new LabError("The lab's worker could not be loaded. Reload the page to try again."));
    };
  }

  ask(name, data, progress) {
    for (const [id, request] of this.#waiting) {
      if (request.name !== name) continue;
      this.#waiting.delete(id);
      this.worker.postMessage({ cancel: id });
      request.reject(new DOMException("", "AbortError"));
    }
    const id = ++this.#last;
    this.worker.postMessage({ id, name, data });
    return new Promise((resolve, reject) => this.#waiting.set(id, { name, resolve, reject, progress }));
  }

  end() {
    this.worker.terminate();
  }
}
