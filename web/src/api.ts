// The JSON API, /api/v1. Everything that the console knows comes through here.

export interface Session {
  account: {id: string; name: string; slug: string};
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
  proof: 'dns' | 'support';
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
  entityId: string;
  metadataUrl: string;
  metadataFetchedAt: string | null;
  certificates: Certificate[];
  unsolicited: 'bounce' | 'accept' | 'reject';
  clockSkewSeconds: number;
  allowSha1: boolean;
  requireSignedResponse: boolean;
  signRequests: boolean;
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

/// GET /api/v1/`path`. Fails with an `ApiError` whose message a person can read.
export async function get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
  const fields = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  const suffix = fields.size > 0 ? `?${fields}` : '';
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}${suffix}`, {headers: {Accept: 'application/json'}});
  } catch {
    throw new ApiError(0, 'network', 'The server did not answer. Check your connection and try again.', '');
  }
  const requestId = response.headers.get('X-Request-Id') ?? '';
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const error = (body as {error?: {code?: string; message?: string}} | null)?.error;
  throw new ApiError(
    response.status,
    error?.code ?? 'unknown',
    error?.message ?? 'The server answered in a way that the console does not understand.',
    requestId,
  );
}
