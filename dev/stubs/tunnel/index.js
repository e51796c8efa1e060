/**
 * @actions/http-client makes an agent of this package for each client behind a proxy. This action hands every such
 * request an agent of its own (src/collibra/http/proxy-agent.ts), which keeps the connection alive. Should a request ever go
 * out with the other one, this fails loudly.
 */
import { Agent } from 'node:http';

class NeverUsed extends Agent {
  createConnection() {
    throw new Error('tunnel is left out of this bundle (see dev/stubs/tunnel)');
  }
}

const agent = () => new NeverUsed();
export { agent as httpOverHttp, agent as httpsOverHttp, agent as httpOverHttps, agent as httpsOverHttps };
