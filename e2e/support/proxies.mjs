// Real reverse proxies, nginx and Caddy, with the configurations that docs/forward-auth.md shows, and an application
// behind them that tells what it hears.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import path from 'node:path';
import {afterwards, root, start, temporaryFolder} from './processes.mjs';

/// The only block of this language in docs/forward-auth.md, with words of it replaced; each must be there.
export function documented(language, replacements) {
  const page = readFileSync(path.join(root, 'docs/forward-auth.md'), 'utf8');
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, name]) => name === language);
  if (blocks.length !== 1) throw new Error(`docs/forward-auth.md has ${blocks.length} blocks of ${language}`);
  let text = blocks[0][2];
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`docs/forward-auth.md, ${language}: there is no “${from}”`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/// An application on loopback: answers with what it hears, as JSON on a page, and takes WebSockets.
export async function startApplication(t) {
  const server = createServer((request, response) => {
    const {method, url, headers} = request;
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    const heard = JSON.stringify({method, url, headers}).replaceAll('<', '\\u003c');
    response.end(`<!doctype html><title>Application</title><script type="application/json" id="heard">${heard}</script>
<a href="/.doorward/sign-out">Sign out</a><img src="/.doorward/sign-out?from=image" alt="">`);
  });
  server.on('upgrade', (request, socket) => {
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Heard: ${request.headers['x-auth-user']}\r\n\r\n`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(t, () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${server.address().port}`;
}

/// nginx with these `server` blocks.
export async function startNginx(t, servers) {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  writeFileSync(file, `${process.getuid() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr notice;
events {}
http {
${temporary.join('\n')}
access_log off;
server_names_hash_bucket_size 128;
${servers}
}
`);
  // It says on standard error that it is there.
  const program = ['-c', 'exec /usr/sbin/nginx -p "$0" -e stderr -c "$1" 2>&1', folder, file];
  return start(t, '/bin/sh', program, /start worker process \d/);
}

/// Caddy with these sites.
export async function startCaddy(t, sites) {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'Caddyfile');
  mkdirSync(path.join(folder, 'home'));
  writeFileSync(file, `{
	admin off
	auto_https off
	storage file_system ${folder}/storage
}
${sites}`);
  const environment = {...process.env, HOME: `${folder}/home`, XDG_CONFIG_HOME: `${folder}/home`, XDG_DATA_HOME: `${folder}/home`};
  const program = ['-c', 'exec caddy run --config "$0" --adapter caddyfile 2>&1', file];
  return start(t, '/bin/sh', program, /serving initial configuration/, {env: environment});
}
