/** A workflow command as the runner reads it. */
export interface Command {
  readonly name: string;
  readonly title: string | undefined;
  /** As shown: with its line breaks. */
  readonly text: string;
}

/** What was written to stdout. */
class Written {
  #text = '';

  add(text: string): void {
    this.#text += text;
  }

  /** All lines, workflow commands among them. */
  get lines(): string[] {
    return this.#text.split(/\r?\n/).slice(0, -1);
  }

  /** The workflow commands. */
  get commands(): Command[] {
    return this.lines.flatMap((line) => {
      const match = /^::(?<name>[\w-]+)(?: title=(?<title>[^:]*))?::(?<text>.*)$/.exec(line);
      if (match?.groups === undefined) return [];
      const { name = '', title, text = '' } = match.groups;
      return [{ name, title: title === undefined ? undefined : unescaped(title), text: unescaped(text) }];
    });
  }

  /** The lines that are no workflow commands. */
  get plainLines(): string[] {
    return this.lines.filter((line) => !line.startsWith('::'));
  }
}

function unescaped(text: string): string {
  const characters: Readonly<Record<string, string>> = { '%0A': '\n', '%0D': '\r', '%3A': ':', '%2C': ',', '%25': '%' };
  return text.replace(/%(?:0A|0D|3A|2C|25)/g, (code) => characters[code] ?? code);
}

/** Catches what some work writes to stdout; none of it is shown. */
export async function written(work: () => unknown): Promise<Written> {
  const caught = new Written();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
  const original = process.stdout.write;
  process.stdout.write = (chunk: string | Uint8Array) => {
    caught.add(chunk.toString());
    return true;
  };
  try {
    await work();
  } finally {
    process.stdout.write = original;
  }
  return caught;
}
