// The JSON API, /api/v1. Everything that the console knows comes through here.
import {delegated, linkOver} from './delegate';

/// A moment as the API writes it: RFC 3339.
export type Moment = string;

export interface Session {
  /// `testAccountOf`: the name of the account that this one tests for, if it is a test account.
  account: {id: string; name: string; slug: string; testAccountOf: string | null};
  employee: Employee;
  administrator: boolean;
  session: {id: string; method: 'saml' | 'password'; createdAt: string; expiresAt: string};
}

export interface Employee {
  id: string;
  userName: string;
  email: string;
  displayName: string;
  givenName: string;
  familyName: string;
  objectId: string;
  externalId: string;
  active: boolean;
  administrator: boolean;
  hasPassword: boolean;
  origin: 'manual' | 'directory' | 'sign_in' | 'sign-in';
  createdAt: string;
  updatedAt: string;
}

export interface Domain {
  name: string;
  proof: 'dns' | 'support' | 'administrator';
  addedAt: string;
}

export interface Certificate {
  thumbprint: string;
  subject: string;
  notBefore: string;
  notAfter: string;
}

export interface Connection {
  id: string;
  name: string;
  active: boolean;
  /// The setup link that made it, while no administrator has accepted it; empty otherwise.
  proposedBy: string;
  entityId: string;
  metadataUrl: string;
  metadataFetchedAt: string | null;
  certificates: Certificate[];
  unsolicited: 'bounce' | 'accept' | 'reject';
  clockSkewSeconds: number;
  allowSha1: boolean;
  requireSignedResponse: boolean;
  signRequests: boolean;
  /// Null before the first one; absent where nobody asked for it.
  refresh?: MetadataRefresh | null;
}

/// How fetching a provider's metadata again went the last time.
export interface MetadataRefresh {
  at: string;
  dueAt: string;
  verdict: 'none' | 'unchanged' | 'changed' | 'held' | 'failed';
  changes: string[];
  problem: string;
  /// What to consent to; empty when nothing can be.
  held: string;
  failingSince: string | null;
}

/// A certificate that ends soon, with none to take its place.
export interface EndingCertificate {
  use: 'provider' | 'signing' | 'encryption';
  connection: string;
  thumbprint: string;
  endsAt: string;
  ended: boolean;
  message: string;
}

export interface ConnectionList {
  connections: Connection[];
  ending: EndingCertificate[];
}

/// One of the account's own keys towards its identity providers.
export interface OwnKey {
  id: string;
  purpose: 'signing' | 'encryption';
  state: 'next' | 'current' | 'retiring';
  createdAt: string;
  deletedAt: string | null;
  thumbprint: string;
  notAfter: string | null;
  /// In PEM form.
  certificate: string;
}

export interface Attempt {
  reference: string;
  at: string;
  outcome: 'success' | 'refused' | 'test';
  finding: string;
  /// Id and name; empty when nobody was recognised, the name also when they are gone.
  employee: string;
  employeeName: string;
  clientAddress: string;
}

export interface Check {
  check: string;
  verdict: 'passed' | 'failed' | 'warning' | 'skipped';
  finding?: string;
  message?: string;
  expected?: string;
  actual?: string;
}

export interface AttemptReport extends Attempt {
  report: {
    checks?: Check[];
    decision?: {
      admitted: boolean;
      finding?: string;
      expected?: string;
      actual?: string;
      recognised_by?: string;
      linked_now?: boolean;
    };
  };
}

export interface AuditEntry {
  at: string;
  actor: {kind: string; name: string};
  action: string;
  target: string;
  details: Record<string, unknown>;
}

/// A token that a directory service uses; the secret is only in the answer to its creation.
export interface ProvisioningToken {
  id: string;
  name: string;
  scope: 'full' | 'users' | 'groups' | 'read';
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  lastUsedAddress: string;
  revokedAt: string | null;
  /// As that of a connection.
  proposedBy: string;
  lives: boolean;
}

export interface ProvisioningTokens {
  tokens: ProvisioningToken[];
  tenantUrl: string;
  most: number;
  planAllows: boolean;
}

export interface ProvisioningSettings {
  departments: 'default' | 'match' | 'create';
  brakeCount: number;
  brakePercent: number;
  logDays: number;
  logPersonalData: boolean;
  version: string;
}

export interface CustomAttribute {
  name: string;
  type: string;
  multiValued: boolean;
  description: string;
}

export type Outcome = 'read' | 'unchanged' | 'changed' | 'failed';

export interface LogEntry {
  id: number;
  at: string;
  tokenName: string;
  clientAddress: string;
  requestId: string;
  method: string;
  path: string;
  status: number;
  outcome: Outcome;
  summary: string;
  subject: string;
  durationMicros: number;
}

export interface LogDetails extends LogEntry {
  about: {kind: 'employee' | 'group' | 'gone'; id: string; name: string} | null;
  changes: {attribute: string; before: unknown; after: unknown}[];
  requestBody: string;
  responseBody: string;
}

export interface Pulse {
  state:
    | 'not-in-plan'
    | 'not-set-up'
    | 'stopped'
    | 'waiting'
    | 'working'
    | 'partly-failing'
    | 'failing'
    | 'silent';
  lastRequestAt: string | null;
  changed: number;
  failed: number;
  lastFailure: LogEntry | null;
  brakeOn: boolean;
  tokens: {id: string; name: string; reason: 'expires' | 'never-used'; createdAt: string; expiresAt: string | null}[];
}

export interface DepartureBatch {
  id: string;
  state: 'open' | 'restored' | 'confirmed';
  cause: string;
  openedAt: string;
  closedAt: string | null;
  closedBy: string;
  deactivated: number;
  deleted: number;
  deletionsHeld: number;
  /// For how many the decision is not carried out yet; only of one batch.
  left?: number;
}

export interface Departure {
  at: string;
  employee: string;
  userName: string;
  kind: 'deactivated' | 'deleted' | 'deletion-held';
  undoneAt: string | null;
}

export interface Department {
  id: string;
  name: string;
  parent: string | null;
  default: boolean;
  /// Not counting those below it.
  employees: number;
  version: string;
}

export interface Group {
  id: string;
  displayName: string;
  externalId: string;
  administrator: boolean;
  department: {id: string; name: string} | null;
  members: number;
  version: string;
  createdAt: string;
  updatedAt: string;
}

export interface GroupMember {
  id: string;
  displayName: string;
  userName: string;
  active: boolean;
  administrator: boolean;
}

export interface MappingEffect {
  getRights: number;
  loseRights: number;
  move: number;
  youLoseRights: boolean;
}

export interface EmployeeDetails extends Employee {
  /// Empty where `displayName` is made of the other names.
  ownDisplayName: string;
  locale: string;
  version: string;
  department: {id: string; name: string; isDefault: boolean};
  manager: {id: string; name: string} | null;
  provisionedAt: string | null;
  deletionHeld: boolean;
  attributes: Record<string, unknown>;
  groups: {id: string; displayName: string; administrator: boolean}[];
  log: LogEntry[];
}

/// What the server said when it did not do it.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string,
  ) {
    super(message);
  }
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  if (body === undefined) return exchange(method, path, null);
  return exchange(method, path, JSON.stringify(body), 'application/json');
}

async function exchange<T>(method: string, path: string, body: string | null, type?: string): Promise<T> {
  const headers: Record<string, string> = {Accept: 'application/json'};
  if (type !== undefined) headers['Content-Type'] = type;
  // A browser may be signed in besides, in another company even: this page speaks for the setup link alone.
  if (delegated) headers['X-Doorward-Setup-Link'] = '1';
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}`, {method, headers, body});
  } catch {
    throw new ApiError(0, 'network', 'The server did not answer. Check your connection and try again.', '');
  }
  if (response.status === 401 && delegated) {
    if (path !== 'setup-session') dispatchEvent(new Event(linkOver));
  } else if (response.status === 401) {
    // The session has ended: to the sign-in page and back. Nobody waits for this promise any more.
    location.assign(`/sign-in?return_to=${encodeURIComponent(location.pathname)}`);
    return new Promise(() => {});
  }
  const requestId = response.headers.get('X-Request-Id') ?? '';
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const error = (answer as {error?: {code?: string; message?: string}} | null)?.error;
  throw new ApiError(
    response.status,
    error?.code ?? 'unknown',
    error?.message ?? 'The server answered in a way that the console does not understand.',
    requestId,
  );
}

/// GET /api/v1/`path`. Fails with an `ApiError` whose message a person can read.
export function get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
  const fields = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  return call('GET', fields.size > 0 ? `${path}?${fields}` : path);
}

/// A request that changes something; fails like `get`.
export function send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown = {}): Promise<T> {
  return call(method, path, method === 'DELETE' ? undefined : body);
}

/// POST of a table as text; fails like `get`.
export function sendTable<T>(path: string, table: string): Promise<T> {
  return exchange('POST', path, table, 'text/csv');
}
