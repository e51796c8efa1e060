/** Lets a limited number in at once; the others wait their turn in the order they came. */
export class Semaphore {
  #places: number;
  readonly #queue: (() => void)[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  /**
   * Runs `work` as soon as there is a place.
   * @throws the signal's reason, if it is aborted before the turn comes; whatever `work` throws
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#places > 0) {
      this.#places--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const turn = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#queue.splice(this.#queue.indexOf(turn), 1);
        reject(signal.reason as Error);
      };
      this.#queue.push(turn);
      signal.addEventListener('abort', giveUp);
    });
  }

  #leave(): void {
    const turn = this.#queue.shift();
    if (turn) turn();
    else this.#places++;
  }
}
