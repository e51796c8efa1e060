/** Splits a stream of text into lines, and reports each line as soon as it is complete. */
export class LineSplitter {
  /** All text so far. */
  text = '';
  #rest = '';

  /** Adds text. A CR at its end is kept back, because an LF may follow it. */
  add(text: string, onLine: (line: string) => void): void {
    this.text += text;
    const parts = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = parts.pop() ?? '';
    for (const line of parts) onLine(line);
  }

  /** Reports the last line if it is not terminated. */
  end(onLine: (line: string) => void): void {
    if (this.#rest !== '') onLine(this.#rest.replace(/\r$/, ''));
    this.#rest = '';
  }
}
