import { randomBytes } from 'node:crypto';

/** A complete HTTP answer, before any fault spoils it. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A JSON answer. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** An answer with no body. */
export function empty(status: number): Answer {
  return { status, headers: {}, body: '' };
}

/** A plain text answer, as a gateway in front of Collibra gives it. */
export function text(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}

/** An HTML answer, as a login page or a gateway gives it. */
export function html(status: number, title: string): Answer {
  const body = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/** A request that Collibra refuses; it becomes a StandardErrorResponse. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  415: 'Unsupported media type',
  429: 'Too many requests',
  500: 'Internal server error',
  503: 'Service unavailable',
};

/** The JSON body in which both APIs report an error. */
export function standardError(
  status: number,
  errorCode: string,
  userMessage: string,
  headers: Record<string, string> = {},
): Answer {
  return json(
    status,
    {
      statusCode: status,
      errorCode,
      titleMessage: titles[status] ?? `Status ${status}`,
      userMessage,
      helpMessage: 'See the documentation of the Collibra REST API.',
      errorContext: randomBytes(8).toString('hex'),
    },
    headers,
  );
}
