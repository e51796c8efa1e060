/** Collects a stream of text and tells each line as soon as it is whole. */
export class LineSplitter {
  /** Everything so far. */
  text = '';
  #rest = '';

  /** Takes in more text. A CR at the end is kept back, because an LF may follow it. */
  add(text: string, tell: (line: string) => void): void {
    this.text += text;
    const parts = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = parts.pop() ?? '';
    for (const line of parts) tell(line);
  }

  /** Tells the last line, if it had no end. */
  end(tell: (line: string) => void): void {
    if (this.#rest !== '') tell(this.#rest.replace(/\r$/, ''));
    this.#rest = '';
  }
}
