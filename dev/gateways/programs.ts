import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { findProgram } from '../runner/programs.ts';

// cspell:words fastcgi uwsgi scgi maxconn emerg

/** What a gateway does besides passing requests on. */
export type Scene = 'short keep-alive' | 'rate limit';

/** Where a gateway listens, and what is behind it. */
export type GatewaySettings = {
  readonly folder: string;
  readonly port: number;
  readonly target: number;
  readonly scene: Scene;
};

/** A gateway that runs. */
export type RunningGateway = {
  /** Makes it read its configuration again, which replaces the processes that serve. */
  readonly reload: () => void;
  readonly stop: () => Promise<void>;
};

/** A gateway that is installed. */
export type GatewayProgram = {
  readonly name: string;
  readonly start: (settings: GatewaySettings) => Promise<RunningGateway>;
};

/** Lists the gateways; the program is undefined where it is not installed. */
export function gateways(): { readonly name: string; readonly program: GatewayProgram | undefined }[] {
  return [
    { name: 'nginx', configure: nginxConf, args: nginxArgs, reloadSignal: 'SIGHUP' as const },
    { name: 'haproxy', configure: haproxyConf, args: haproxyArgs, reloadSignal: 'SIGUSR2' as const },
  ].map(({ name, configure, args, reloadSignal }) => {
    // Debian's folder for servers is not on everybody's PATH.
    const path = findProgram(name) ?? [`/usr/sbin/${name}`].find((file) => existsSync(file));
    const start = async (settings: GatewaySettings): Promise<RunningGateway> => {
      const conf = join(settings.folder, `${name}.conf`);
      await writeFile(conf, configure(settings));
      const child = spawn(path ?? name, args(conf, settings), { stdio: 'ignore' });
      await untilListening(child, settings.port);
      return {
        reload: () => child.kill(reloadSignal),
        stop: async () => {
          child.kill('SIGTERM');
          if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
        },
      };
    };
    return { name, program: path === undefined ? undefined : { name, start } };
  });
}

/** Waits until a program accepts connections. Throws an error when it does not within 5 s. */
async function untilListening(child: ChildProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < 100 && child.exitCode === null; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error(`The gateway does not listen on port ${port}.`);
}

const nginxArgs = (conf: string, { folder }: GatewaySettings) => ['-p', folder, '-c', conf, '-g', 'daemon off;'];

const nginxConf = ({ folder, port, target, scene }: GatewaySettings) => `
error_log stderr crit;
pid ${folder}/nginx.pid;
worker_processes 2;
events { worker_connections 256; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${folder}/${one};`).join('\n  ')}
  limit_req_zone $server_name zone=all:1m rate=6r/s;
  limit_req_status 429;
  keepalive_timeout ${scene === 'short keep-alive' ? '300ms' : '65s'};
  keepalive_requests ${scene === 'short keep-alive' ? 5 : 1000};
  server {
    listen 127.0.0.1:${port};
    server_name all;
    location / {
      ${scene === 'rate limit' ? 'limit_req zone=all burst=5 nodelay;' : ''}
      proxy_pass http://127.0.0.1:${target};
    }
  }
}
`;

const haproxyArgs = (conf: string) => ['-W', '-db', '-f', conf];

const haproxyConf = ({ port, target, scene }: GatewaySettings) => `
global
  maxconn 256
  log stderr local0 emerg
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout http-keep-alive ${scene === 'short keep-alive' ? '300ms' : '60s'}
frontend front
  bind 127.0.0.1:${port}
  stick-table type integer size 10 expire 10s store http_req_rate(1s)
  http-request track-sc0 int(1)
  ${scene === 'rate limit' ? 'http-request deny deny_status 429 if { sc_http_req_rate(0) gt 6 }' : ''}
  default_backend simulator
backend simulator
  server simulator 127.0.0.1:${target}
`;
