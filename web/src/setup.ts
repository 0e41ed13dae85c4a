// The setup of single sign-on: /api/v1/setup and what belongs to it.
import type {AttemptReport, Check, Connection, Domain, Employee, Moment, ProvisioningToken} from './api';
import {delegated} from './delegate';

export const steps = ['prepare', 'application', 'connection', 'provisioning', 'domains', 'department', 'test', 'enable'] as const;
export type Step = (typeof steps)[number];

/// The pages of the setup: its steps, and what one may do on the way without having to.
const everyPage = ['prepare', 'application', 'connection', 'provisioning', 'domains', 'department', 'mobile', 'test', 'enable'] as const;
export type Page = (typeof everyPage)[number];
/// Beginning, and the mobile app, are the administrator's.
const isShown = (page: Page) => !delegated || (page !== 'prepare' && page !== 'mobile');
export const pages: readonly Page[] = everyPage.filter(isShown);
export const shownSteps: readonly Step[] = steps.filter(isShown);
export const isPage = (text: string): text is Page => (pages as readonly string[]).includes(text);
export const isStep = (page: Page): page is Step => page !== 'mobile';

export interface Standing {
  step: Step;
  state: 'to-do' | 'done' | 'attention';
  message: string;
  blocks: boolean;
}

export interface Wizard {
  account: {name: string; slug: string; testAccountOf: string | null};
  planAllows: boolean;
  enforcedAt: string | null;
  /// Null before the start; `provider` is empty until one is chosen.
  setup: {
    provider: string;
    startedAt: string;
    startedBy: string;
    applicationDoneAt: string | null;
    provisioningDeclinedAt: string | null;
    departmentChosenAt: string | null;
  } | null;
  providers: string[];
  steps: Standing[];
  next: Step;
  mayEnable: boolean;
  /// What setup links made and nobody accepted; null for nothing.
  proposal: Proposal | null;
  people: {active: number; outside: number; accepted: number; administratorsInside: number};
  /// What employees open to sign in.
  signInUrl: string;
}

export interface Proposal {
  version: string;
  /// `doubts`: what to look at twice, in sentences.
  connections: (Connection & {signOn: string[]; doubts: string[]})[];
  tokens: {
    id: string;
    name: string;
    scope: ProvisioningToken['scope'];
    createdAt: string;
    lastUsedAt: string | null;
    lastUsedAddress: string;
    proposedBy: string;
  }[];
}

export interface SetupLink {
  id: string;
  name: string;
  state: 'waiting' | 'opened' | 'expired' | 'ended';
  createdAt: string;
  createdBy: string;
  expiresAt: string;
  openedAt: string | null;
  openedFrom: string;
  endedAt: string | null;
  endReason: 'revoked' | 'finished' | 'rights' | 'enabled' | 'cancelled' | null;
  endedBy: string;
}

export interface SetupLinks {
  setupLinks: SetupLink[];
  defaultDays: number;
  mostDays: number;
  /// Shown only now.
  link?: string;
}

/// What a provider must know of us.
export interface ServiceProvider {
  acsUrl: string;
  entityId: string;
  metadataUrl: string;
  signOnUrl: string;
  logoutUrl: string;
}

export interface ConnectionCheck {
  established: boolean;
  checks: Check[];
  /// The connection as it is stored now; null unless established.
  connection: Connection | null;
  /// Another provider than before answered, and nothing is stored until `replaceProvider` says so.
  replaces: {connection: string; entityId: string; newEntityId: string; linkedEmployees: number} | null;
}

export interface DomainList {
  domains: (Domain & {activeEmployees: number})[];
  claims: {
    name: string;
    recordName: string;
    recordValue: string;
    claimedAt: string;
    checkedAt: string | null;
    finding: string;
  }[];
  proofRequired: boolean;
}

/// How a domain came to be the company's.
export const proofNames: Record<Domain['proof'], string> = {
  dns: 'proven by its TXT record',
  support: 'added by support',
  administrator: 'added by an administrator',
};

export interface Outsider extends Employee {
  accepted: boolean;
}

export interface TestRun {
  id: string;
  url: string;
  connection: string;
  state: 'waiting' | 'opened' | 'passed' | 'failed' | 'expired';
  createdAt: string;
  expiresAt: string;
  openedAt: string | null;
  /// With the report of every check; null until the answer came.
  attempt: AttemptReport | null;
  /// The employee whom the answer was about, if one was found.
  employee: {id: string; name: string; administrator: boolean} | null;
  /// Attributes that the provider sent, by name.
  attributes: {name: string; values: string[]}[];
}

/// Sign-in in the portal's mobile app: /api/v1/setup/mobile.
export interface Mobile {
  /// What this server's app is called by the systems of telephones; empty where there is no app.
  app: {
    ios_bundle_id: string;
    android_package: string;
    android_signature_hashes: string[];
    android_redirects: string[];
  };
  setup: {
    client_id: string;
    tenant_id: string;
    authority: string;
    /// Empty while it is not set up.
    ios_redirect: string;
    android_redirects: string[];
    saved_at: Moment;
    saved_by: string;
  } | null;
}

export interface MobileCheck {
  findings: {check: string; verdict: 'good' | 'bad' | 'note'; message: string; expected?: string; actual?: string}[];
  ok: boolean;
}

export const hasIos = ({app}: Mobile) => app.ios_bundle_id !== '';
export const hasAndroid = ({app}: Mobile) => app.android_package !== '' && app.android_signature_hashes.length > 0;
/// Whether this server has an app at all.
export const hasApp = (mobile: Mobile) => hasIos(mobile) || hasAndroid(mobile);
