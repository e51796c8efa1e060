import { randomBytes } from 'node:crypto';

/** A complete HTTP response, before any fault changes it. */
export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Returns a JSON response. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** Returns a response without a body. */
export function empty(status: number): HttpResponse {
  return { status, headers: {}, body: '' };
}

/** Returns a plain text response, as a gateway in front of Collibra sends it. */
export function text(status: number, body: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}

/** Returns an HTML response, as a login page or a gateway sends it. */
export function html(status: number, title: string): HttpResponse {
  const body = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/** A rejected request. Its response is a StandardErrorResponse. */
export class HttpError extends Error {
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

/** Returns the response in which both APIs report an error. */
export function standardError(
  status: number,
  errorCode: string,
  userMessage: string,
  headers: Record<string, string> = {},
): HttpResponse {
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
