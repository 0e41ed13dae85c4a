// Starts the built programs for a test: each in a folder of its own, on ports of its own, ended with the test.
import {spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const buildFolder = process.env.DOORWARD_BUILD ?? path.join(root, 'build/release');
export const doorwardBinary = process.env.DOORWARD_BINARY ?? path.join(buildFolder, 'doorward');
export const simulatorBinary = process.env.ENTRA_SIMULATOR_BINARY ?? path.join(buildFolder, 'entra-simulator');

const cleanUps = new WeakMap();

/// Runs `task` after the test, the last one first: whoever uses a folder or a server ends before it.
export function afterwards(t, task) {
  if (!cleanUps.has(t)) {
    const tasks = [];
    cleanUps.set(t, tasks);
    t.after(async () => {
      for (const next of tasks.reverse()) await next();
    });
  }
  cleanUps.get(t).push(task);
}

/// A folder that goes with the test.
export function temporaryFolder(t) {
  const folder = mkdtempSync(path.join(tmpdir(), 'doorward-e2e-'));
  afterwards(t, () => rmSync(folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 100}));
  return folder;
}

/// A port that nobody listens on at the moment.
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const {port} = server.address();
      server.close(() => resolve(port));
    });
  });
}

/// Runs a program to its end and returns what it printed; throws unless it succeeds.
export function run(program, args, options = {}) {
  const done = spawnSync(program, args, {encoding: 'utf8', timeout: 120_000, ...options});
  if (done.error) throw done.error;
  if (done.status !== 0) {
    throw new Error(`${path.basename(program)} ${args.join(' ')} ended with ${done.status}:\n${done.stdout}${done.stderr}`);
  }
  return done.stdout;
}

/// Starts a program and waits until a line of its standard output matches `ready`. Ends with the test; its log is
/// printed when the test fails to start it.
export async function start(t, program, args, ready, options = {}) {
  const child = spawn(program, args, {stdio: ['ignore', 'pipe', 'pipe'], ...options});
  let output = '';
  let errors = '';
  child.stderr.on('data', (data) => (errors += data));
  const ended = new Promise((resolve) => child.once('close', resolve));
  afterwards(t, async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  });
  const match = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${program} was not ready in time:\n${output}${errors}`)), 60_000);
    child.stdout.on('data', (data) => {
      output += data;
      const found = ready.exec(output);
      if (found) {
        clearTimeout(timer);
        resolve(found);
      }
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${program} ended with ${code}:\n${output}${errors}`)));
  });
  return {child, match, log: () => errors, output: () => output, ended};
}

/// A Doorward with a database of its own. `cli(...)` runs commands beside the server and returns their JSON.
export class Doorward {
  constructor(folder, url, options) {
    this.folder = folder;
    this.url = url;
    this.options = options;
  }

  /// `options`: `host` (public host name), `tls` ({certificate, key} file names), `caFile` for outbound requests,
  /// `environment` for further settings.
  static async create(t, options = {}) {
    const port = await freePort();
    const scheme = options.tls ? 'https' : 'http';
    const url = `${scheme}://${options.host ?? 'localhost'}:${port}`;
    const doorward = new Doorward(temporaryFolder(t), url, {...options, port});
    return doorward;
  }

  environment() {
    const env = {
      ...process.env,
      DOORWARD_PUBLIC_URL: this.url,
      DOORWARD_LISTEN: `127.0.0.1:${this.options.port}`,
      DOORWARD_DATABASE: `sqlite:${path.join(this.folder, 'doorward.db')}`,
      DOORWARD_OUTBOUND_ALLOW_PRIVATE_ADDRESSES: 'true',
      ...this.options.environment,
    };
    if (this.options.tls) {
      env.DOORWARD_TLS_CERTIFICATE_FILE = this.options.tls.certificate;
      env.DOORWARD_TLS_KEY_FILE = this.options.tls.key;
    }
    if (this.options.caFile) env.DOORWARD_OUTBOUND_CA_FILE = this.options.caFile;
    return env;
  }

  cli(...args) {
    const text = run(doorwardBinary, [...args, '--json'], {cwd: this.folder, env: this.environment()});
    return text.trim() === '' ? null : JSON.parse(text);
  }

  async serve(t) {
    this.server = await start(t, doorwardBinary, ['serve'], /Doorward is ready at (\S+)/, {
      cwd: this.folder,
      env: this.environment(),
    });
    return this.server;
  }
}
