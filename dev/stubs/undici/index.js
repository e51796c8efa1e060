/**
 * @actions/http-client imports undici for getAgentDispatcher() alone, which this action never calls:
 * requests and proxies go through node:http and node:https. Leaving it out keeps about 900 kB
 * out of dist. Should http-client ever begin to use it, this fails loudly.
 */
export class ProxyAgent {
  constructor() {
    throw new Error('undici is left out of this bundle (see dev/stubs/undici)');
  }
}
