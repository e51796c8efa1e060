/** Limits concurrency; queued work runs in FIFO order, unless it goes first. */
export class Semaphore {
  #permits: number;
  readonly #queue: (() => void)[] = [];

  /** @param permits how many pieces of work may run at the same time */
  constructor(permits: number) {
    this.#permits = permits;
  }

  /**
   * Runs `work` as soon as there is a permit.
   * @param goesFirst whether it goes before all queued work
   * @throws the signal's reason, if it is aborted before the turn comes; whatever `work` throws
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal, goesFirst = false): Promise<T> {
    await this.#acquire(signal, goesFirst);
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #acquire(signal: AbortSignal, goesFirst: boolean): Promise<void> {
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
      if (goesFirst) this.#queue.unshift(onTurn);
      else this.#queue.push(onTurn);
      signal.addEventListener('abort', onAbort);
    });
  }

  #release(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#permits++;
  }
}
