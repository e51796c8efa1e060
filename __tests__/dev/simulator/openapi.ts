import { readFileSync } from 'node:fs';

import { Ajv } from 'ajv';
import formats from 'ajv-formats';

type Parameter = { readonly in: string; readonly name: string; readonly schema: { readonly type: string } };
type Operation = {
  readonly responses: Readonly<Record<string, unknown>>;
  readonly parameters?: readonly Parameter[];
};
type PathItem = Readonly<Record<string, Operation>>;
type Document = {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: { readonly schemas: Readonly<Record<string, { properties: Record<string, unknown> }>> };
};

const url = new URL('../../../dev/simulator/openapi.json', import.meta.url);
/** With absolute references, so that each schema can be compiled on its own. */
const openapi = JSON.parse(readFileSync(url, 'utf8').replaceAll('"#/', '"openapi#/')) as Document;
const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(openapi, 'openapi');

/** Lists the properties of a schema. */
export function propertiesOf(schema: string): string[] {
  return Object.keys(openapi.components.schemas[schema]?.properties ?? {});
}

/** The operations of the description, such as `GET /path/{id}`. */
export const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  Object.keys(resolved(item) as PathItem).map((method) => `${method.toUpperCase()} ${path}`),
);

/** Returns the operation of a request, as in `operations`. */
export function operationOf(method: string, path: string): string {
  const found = operations.find((operation) => {
    const [itsMethod, template = ''] = operation.split(' ');
    return itsMethod === method && new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
  });
  if (found === undefined) throw new Error(`The description has no ${method} ${path}.`);
  return found;
}

function describedOperation(method: string, path: string): Operation | undefined {
  const [, template = ''] = operationOf(method, path).split(' ');
  return (resolved(openapi.paths[template]) as PathItem)[method.toLowerCase()];
}

/** Lists what the description does not allow in a response. */
export async function faultsOf(method: string, path: string, received: Response): Promise<string[]> {
  const response = resolved(describedOperation(method, path)?.responses[received.status]) as
    { content?: { 'application/json': { schema: object } } } | undefined;
  if (response === undefined) return [`status ${received.status} is not described`];
  const body = await received.text();
  const schema = response.content?.['application/json'].schema;
  if (schema === undefined) return body === '' ? [] : ['a body is not described'];
  if (received.headers.get('content-type') !== 'application/json') return ['the body is not JSON'];
  const validate = ajv.compile(schema);
  validate(JSON.parse(body));
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

function resolved(value: unknown): unknown {
  const { $ref } = (value ?? {}) as { $ref?: string };
  if ($ref === undefined) return value;
  const [, ...keys] = $ref.split('/').map((key) => key.replaceAll('~1', '/'));
  return keys.reduce((at: unknown, key) => (at as Record<string, unknown>)[key], openapi);
}

/** Lists what the description does not allow in a query: unknown names and invalid values. */
export function queryFaultsOf(method: string, path: string, query: URLSearchParams): string[] {
  const parameters = describedOperation(method, path)?.parameters ?? [];
  const declared = parameters.map((parameter) => resolved(parameter) as Parameter);
  return [...new Set(query.keys())].flatMap((name) => {
    const parameter = declared.find((one) => one.in === 'query' && one.name === name);
    if (parameter === undefined) return [`${name} is not described`];
    const { schema } = parameter;
    const texts = query.getAll(name);
    const value = schema.type === 'array' ? texts : schema.type === 'integer' ? Number(texts[0]) : texts[0];
    const validate = ajv.compile(schema);
    return validate(value) ? [] : [`${name} ${validate.errors?.[0]?.message ?? ''}`];
  });
}
