// The colleague's part of the console: who came by a setup link sees the setup of one account and nothing else.
const place = '/console/setup-link';

/// Whether this page is the colleague's. It stays so: nothing there leads elsewhere.
export const delegated = location.pathname === place || location.pathname.startsWith(`${place}/`);

/// Said when the server does not know the link any more, so that the page says it too.
export const linkOver = 'console:setup-link-over';

/// Whose setup it is, by whom, and until when.
export interface SetupSession {
  account: {name: string; slug: string; testAccountOf: string | null};
  name: string;
  administrator: string;
  expiresAt: string;
}
