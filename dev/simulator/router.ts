import { githubJwks } from './github-oidc.ts';
import { tokenResponse } from './oauth.ts';
import { importRoutes } from './import-routes.ts';
import { jobRoutes } from './job-routes.ts';
import type { Api } from './jobs.ts';
import { json } from './responses.ts';
import type { Route } from './server-state.ts';

/** Every route of the simulator. */
export const routes: readonly Route[] = [
  ...jobRoutes,
  ...importRoutes,
  {
    method: 'POST',
    path: '/rest/oauth/v2/token',
    group: 'token',
    open: true,
    handle: (server, call) =>
      tokenResponse(
        {
          authorization: call.headers['authorization'],
          contentType: call.headers['content-type'],
          body: call.body.toString(),
        },
        server.accounts,
      ),
  },
  {
    method: 'GET',
    path: '/github/id-token',
    group: 'oidc',
    open: true,
    handle: ({ accounts }, { headers, query }) =>
      accounts.github.respond(headers['authorization'], query.get('audience')),
  },
  { method: 'GET', path: '/github/.well-known/jwks', group: 'oidc', open: true, handle: () => json(200, githubJwks()) },
];

const matchers = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

/** A route, and the values of the parameters in its path. */
export type Match = { readonly route: Route; readonly params: Readonly<Record<string, string>> };

/** Finds the route for a method and a path among the served APIs; returns the status of the error if there is none. */
export function matchRoute(method: string, path: string, apis: readonly Api[]): Match | 404 | 405 {
  const matches = matchesOf(path, apis);
  if (matches.length === 0) return 404;
  return matches.find(({ route }) => route.method === method) ?? 405;
}

/** Lists the methods that are served for a path. */
export function allowedMethods(path: string, apis: readonly Api[]): string[] {
  return matchesOf(path, apis).map(({ route }) => route.method);
}

function matchesOf(path: string, apis: readonly Api[]): Match[] {
  return matchers.flatMap(({ route, pattern }) => {
    const match = pattern.exec(path);
    if (!match || (route.api && !apis.includes(route.api))) return [];
    return [{ route, params: decoded(match.groups) }];
  });
}

function decoded(groups: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(groups ?? {}).map(([name, value]) => [name, decode(value)]));
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
