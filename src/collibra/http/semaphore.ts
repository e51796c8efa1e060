/** Limits concurrency; queued work runs in FIFO order. */
export class Semaphore {
  #permits: number;
  readonly #queue: (() => void)[] = [];

  /** @param permits how many pieces of work may run at the same time */
  constructor(permits: number) {
    this.#permits = permits;
  }

  /**
   * Runs `work` as soon as there is a permit.
   * @throws the signal's reason, if it is aborted before the turn comes; whatever `work` throws
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#acquire(signal);
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#permits > 0) {
      this.#permits--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onTurn = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(onTurn), 1);
        reject(signal.reason as Error);
      };
      this.#queue.push(onTurn);
      signal.addEventListener('abort', onAbort);
    });
  }

  #release(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#permits++;
  }
}
