import { tokenAnswer } from './oauth.ts';
import { importRoutes } from './import-routes.ts';
import { jobRoutes } from './job-routes.ts';
import type { Api } from './jobs.ts';
import type { Route } from './world.ts';

/** Every route that the simulator knows. */
export const routes: readonly Route[] = [
  ...jobRoutes,
  ...importRoutes,
  {
    method: 'POST',
    path: '/rest/oauth/v2/token',
    group: 'token',
    open: true,
    handle: (world, call) =>
      tokenAnswer(
        {
          authorization: call.headers['authorization'],
          contentType: call.headers['content-type'],
          body: call.body.toString(),
        },
        world.accounts,
      ),
  },
];

const matchers = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

/** A route and the values of the placeholders in its path. */
export type Match = { readonly route: Route; readonly params: Readonly<Record<string, string>> };

/** The route for a method and a path: among the served APIs, or why there is none. */
export function matchRoute(method: string, path: string, apis: readonly Api[]): Match | 404 | 405 {
  const candidates = matchers.flatMap(({ route, pattern }) => {
    const match = pattern.exec(path);
    if (!match || (route.api && !apis.includes(route.api))) return [];
    return [{ route, params: decoded(match.groups) }];
  });
  if (candidates.length === 0) return 404;
  return candidates.find(({ route }) => route.method === method) ?? 405;
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
