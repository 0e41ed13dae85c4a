// Applications that rely on this server to say who somebody is: /api/v1/applications.
import type {Moment} from './api';

/// What an administrator can make; the portal's own app is `mobile`.
export const kinds = ['web', 'public', 'proxy', 'service'] as const;
export type Kind = (typeof kinds)[number];
export const isKind = (text: string): text is Kind => (kinds as readonly string[]).includes(text);

export interface Settings {
  name: string;
  active: boolean;
  access: 'everyone' | 'administrators' | 'chosen';
  /// Ids, of `chosen`.
  departments: string[];
  groups: string[];
  /// Names with a space between.
  scope: string;
  asks_consent: boolean;
  access_token_format: 'opaque' | 'jwt';
  id_token_algorithm: 'RS256' | 'ES256';
  redirect_uris: string[];
  post_logout_redirect_uris: string[];
  origins: string[];
  backchannel_logout_uri: string;
  jwks: string;
}

export interface Application extends Settings {
  client_id: string;
  kind: Kind;
  /// Of the settings: what a change is made from.
  version: string;
  secrets: {id: string; created_at: Moment}[];
  created_at: Moment;
  updated_at: Moment;
  issuer: string;
  /// Support made it, for every account of this server.
  of_all_accounts: boolean;
  last_used_at: Moment | null;
}

export interface NewSecret {
  id: string;
  value: string;
}

/// What an application was given for an employee; nobody for a service.
export interface Grant {
  id: string;
  employee: {id: string; name: string} | null;
  scope: string;
  device: string;
  client_address: string;
  created_at: Moment;
  last_used_at: Moment;
  signed_in_at: Moment | null;
}

/// The same, seen from the employee.
export interface EmployeeGrant {
  id: string;
  application: {client_id: string; name: string; kind: Kind | 'mobile'};
  scope: string;
  device: string;
  client_address: string;
  created_at: Moment;
  last_used_at: Moment;
}

/// An employee who has used an application, whether or not they are still signed in to it.
export interface ApplicationUser {
  employee: {id: string; name: string; active: boolean};
  first_used_at: Moment;
  last_used_at: Moment;
  signed_in: boolean;
}

/// The same, seen from the employee.
export interface UsedApplication {
  application: {client_id: string; name: string; kind: Kind | 'mobile'};
  first_used_at: Moment;
  last_used_at: Moment;
  signed_in: boolean;
}

/// The endpoints, as /.well-known/openid-configuration names them.
export interface Discovery {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  userinfo_endpoint?: string;
  jwks_uri: string;
  end_session_endpoint?: string;
  introspection_endpoint?: string;
  revocation_endpoint?: string;
}

interface KindWords {
  /// As a choice.
  name: string;
  /// In a list.
  short: string;
  /// Who should choose it.
  help: string;
}

export const kindWords: Record<Kind | 'mobile', KindWords> = {
  web: {
    name: 'A web application (OpenID Connect)',
    short: 'Web application',
    help: 'It runs on a server and can keep a secret: GitLab, Grafana, a portal of your own.',
  },
  public: {
    name: 'A browser or mobile app (OpenID Connect, PKCE)',
    short: 'Browser or mobile app',
    help: 'It runs on people’s devices, where a secret would not be one: a single-page app, an app for telephones.',
  },
  proxy: {
    name: 'A page behind a reverse proxy (forward-auth)',
    short: 'Page behind a proxy',
    help: 'It knows nothing of signing in: nginx, Caddy, Traefik, or Envoy asks before it lets somebody through.',
  },
  service: {
    name: 'A service that calls the API (client credentials)',
    short: 'Service',
    help: 'It acts for itself, without an employee: a directory that provisions, a program that follows events.',
  },
  mobile: {name: 'The mobile app', short: 'Mobile app', help: ''},
};

/// Whether people sign in to it by OpenID Connect.
export const usesOpenId = (kind: Kind) => kind === 'web' || kind === 'public';
export const keepsSecrets = (kind: Kind) => kind === 'web' || kind === 'service';

interface ScopeWords {
  name: string;
  words: string;
  help: string;
}

/// What an application may learn of people, or do for itself.
export const peopleScopes: ScopeWords[] = [
  {name: 'openid', words: 'Who it is', help: 'A lasting id of the employee. Always there.'},
  {name: 'profile', words: 'Name', help: 'Given name, family name, user name, language.'},
  {name: 'email', words: 'E-mail address', help: ''},
  {name: 'groups', words: 'Groups', help: 'The names of the groups that they are in.'},
  {name: 'departments', words: 'Departments', help: 'Their department, and those above it.'},
  {
    name: 'offline_access',
    words: 'Stay signed in',
    help: 'It gets a refresh token: for up to 180 days, and 30 without use. Otherwise access ends with the browser session.',
  },
];
export const serviceScopes: ScopeWords[] = [
  {name: 'scim', words: 'Manage employees and groups', help: 'Through SCIM, at /scim/v2: read, create, change, deactivate, delete.'},
  {name: 'events', words: 'Follow what happens', help: 'The feed of events at /api/v1/events. Only to read.'},
];
export const scopesOf = (kind: Kind) => (kind === 'service' ? serviceScopes : peopleScopes);

export const namesIn = (scope: string) => scope.split(' ').filter(Boolean);

/// `name, e-mail address`: what a scope lets an application know, for a line of a table.
export function scopeText(scope: string): string {
  const names = namesIn(scope);
  return [...peopleScopes, ...serviceScopes]
    .filter(({name}) => names.includes(name) && name !== 'openid')
    .map(({words}) => words.toLowerCase())
    .join(', ');
}

/// Everything that can be set, and nothing else.
export function settingsOf(application: Application): Settings {
  const {name, active, access, departments, groups, scope, asks_consent, access_token_format} = application;
  const {id_token_algorithm, redirect_uris, post_logout_redirect_uris, origins, backchannel_logout_uri, jwks} = application;
  return {
    name,
    active,
    access,
    departments,
    groups,
    scope,
    asks_consent,
    access_token_format,
    id_token_algorithm,
    redirect_uris,
    post_logout_redirect_uris,
    origins,
    backchannel_logout_uri,
    jwks,
  };
}

/// What a form of its settings edits.
export const editedOf = (application: Application) => ({fields: settingsOf(application), version: application.version});

export const settingNames: Record<keyof Settings, string> = {
  name: 'Name',
  active: 'State',
  access: 'Who may use it',
  departments: 'Departments',
  groups: 'Groups',
  scope: 'What it may learn or do',
  asks_consent: 'Consent',
  access_token_format: 'Access tokens',
  id_token_algorithm: 'Signature of ID tokens',
  redirect_uris: 'Redirect URIs',
  post_logout_redirect_uris: 'Addresses after signing out',
  origins: 'Addresses of the page',
  backchannel_logout_uri: 'Sign-out address for this server',
  jwks: 'Public keys',
};

/// The value of a setting, as one line.
export function settingText(settings: Settings, name: keyof Settings): string {
  switch (name) {
    case 'active':
      return settings.active ? 'switched on' : 'switched off';
    case 'asks_consent':
      return settings.asks_consent ? 'each employee is asked' : 'nobody is asked';
    case 'departments':
    case 'groups':
      return `${settings[name].length} chosen`;
    case 'scope':
      return scopeText(settings.scope);
    case 'jwks':
      return settings.jwks === '' ? '' : 'another key set';
    default: {
      const value = settings[name];
      return typeof value === 'string' ? value : value.join(', ');
    }
  }
}

/// Why nobody can use it now; empty when they can.
export function obstacle(application: Application): string {
  const {kind, access, departments, groups} = application;
  if (!application.active) return 'It is switched off: nobody can sign in to it.';
  if (usesOpenId(kind) && application.redirect_uris.length === 0) {
    return 'It has no redirect URI yet: nobody can sign in before it has one.';
  }
  if (kind === 'proxy' && application.origins.length === 0) return 'It has no address yet: no page is protected.';
  // Who made it keeps its secrets.
  if (application.of_all_accounts) return '';
  if (keepsSecrets(kind) && application.secrets.length === 0 && application.jwks === '') {
    return 'It has no secret: it cannot prove to this server who it is.';
  }
  if (kind !== 'service' && access === 'chosen' && departments.length + groups.length === 0) {
    return 'No department and no group is chosen: nobody may use it.';
  }
  return '';
}
