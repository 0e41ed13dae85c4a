// A real name server, dnsmasq, with TXT records of the test's choosing.
import {existsSync} from 'node:fs';
import {freePort, start} from './processes.mjs';

// Debian keeps it where only root looks.
const dnsmasq = ['/usr/sbin/dnsmasq', '/usr/local/sbin/dnsmasq'].find((path) => existsSync(path)) ?? 'dnsmasq';

/// Where the name server will be: tell the server before it starts, and `publish` once the records are known.
export class NameServer {
  static async reserve() {
    const server = new NameServer();
    server.port = await freePort();
    server.address = `127.0.0.1:${server.port}`;
    return server;
  }

  /// Starts it with these records, `{name: value}`; it is authoritative for names below `.example`.
  async publish(t, records) {
    const words = ['--no-daemon', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--local=/example/', '--pid-file='];
    words.push(`--port=${this.port}`, '--listen-address=127.0.0.1', '--bind-interfaces');
    words.push(...Object.entries(records).map(([name, value]) => `--txt-record=${name},${value}`));
    // It says on standard error that it is there.
    await start(t, '/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', dnsmasq, ...words], /started, version/);
  }
}
