/**
 * @actions/http-client imports tunnel for the agent of its own requests through a proxy. This action sends raw requests
 * with an agent that keeps the connection alive (src/collibra/http/proxy-agent.ts). Should http-client ever begin to use
 * it for those, this fails loudly.
 */
function fail() {
  throw new Error('tunnel is left out of this bundle (see dev/stubs/tunnel)');
}

export { fail as httpOverHttp, fail as httpsOverHttp, fail as httpOverHttps, fail as httpsOverHttps };
