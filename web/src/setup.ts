// The setup of single sign-on: /api/v1/setup and what belongs to it.
import type {AttemptReport, Check, Connection, Domain, Employee} from './api';

export const steps = ['prepare', 'application', 'connection', 'provisioning', 'domains', 'department', 'test', 'enable'] as const;
export type Step = (typeof steps)[number];
export const isStep = (text: string): text is Step => (steps as readonly string[]).includes(text);

export interface Standing {
  step: Step;
  state: 'to-do' | 'done' | 'attention';
  message: string;
  blocks: boolean;
}

export interface Wizard {
  account: {name: string; slug: string};
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
  people: {active: number; outside: number; accepted: number; administratorsInside: number};
  /// What employees open to sign in.
  signInUrl: string;
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
