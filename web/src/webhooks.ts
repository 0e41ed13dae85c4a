// Addresses that are told of what happens, and what happened: /api/v1/webhooks and /api/v1/events.
import type {Moment} from './api';

export interface Webhook {
  id: string;
  url: string;
  /// Names, or `employee.*`; empty for all.
  event_types: string[];
  active: boolean;
  version: string;
  created_at: Moment;
  created_by: string;
  /// Until then the secret that was replaced signs as well.
  old_secret_until: Moment | null;
  waiting: number;
  dead: number;
}

export interface EventType {
  name: string;
  help: string;
}

export interface Delivery {
  id: string;
  event: {id: string; type: string; at: Moment; subject: string} | null;
  state: 'waiting' | 'delivered' | 'dead';
  attempts: number;
  due_at: Moment;
  last_at: Moment | null;
  last_status: number;
  last_problem: string;
  created_at: Moment;
  finished_at: Moment | null;
}

export interface EventEntry {
  id: string;
  type: string;
  at: Moment;
  subject: string;
  data: Record<string, unknown>;
}

const groupNames: Record<string, string> = {
  employee: 'Employees',
  department: 'Departments',
  group: 'Groups',
  sign_in: 'Sign-ins',
  sso: 'Single sign-on',
  connection: 'Connections to identity providers',
  domain: 'Domains',
  departures: 'When many leave at once',
  application: 'Applications',
  webhook: 'Webhooks',
};

/// Sent when an administrator asks for it, to whatever webhook.
export const testEvent = 'webhook.test';

/// What stands before the dot.
export const groupOf = (type: string) => type.slice(0, Math.max(0, type.indexOf('.')));

export function groupName(group: string): string {
  return groupNames[group] ?? group.charAt(0).toUpperCase() + group.slice(1).replaceAll('_', ' ');
}

/// Types by what they are about, in the order in which the server names them.
export function grouped(types: EventType[]): [string, EventType[]][] {
  const groups = new Map<string, EventType[]>();
  for (const type of types) {
    const group = groupOf(type.name);
    groups.set(group, [...(groups.get(group) ?? []), type]);
  }
  return [...groups];
}

export function wants(webhook: {event_types: string[]}, type: string): boolean {
  const wanted = webhook.event_types;
  return wanted.length === 0 || wanted.includes(type) || wanted.includes(`${groupOf(type)}.*`);
}

/// What a webhook is told of, in a few words.
export function toldOf({event_types: types}: {event_types: string[]}): string {
  if (types.length === 0) return 'everything';
  const words = types.map((type) => (type.endsWith('.*') ? `all about ${groupName(groupOf(type)).toLowerCase()}` : type));
  return words.length <= 3 ? words.join(', ') : `${words.slice(0, 2).join(', ')} and ${words.length - 2} more`;
}

/// What a receiver's answer means, and what to do about it.
export function problemWords({last_status: status, last_problem: problem}: Delivery): string {
  if (status === 0) return problem === '' ? 'No answer came.' : problem;
  if (status >= 200 && status < 300) return '';
  if (status >= 300 && status < 400) return 'It sends elsewhere, and deliveries do not follow: enter the final address here.';
  if (status === 400 || status === 422) return 'It does not like what it was sent. Look into its own log.';
  if (status === 401 || status === 403) return 'It refuses: it may compare the signature with an old secret, or want a sign-in.';
  if (status === 404) return 'There is nothing at this address. Was it moved?';
  if (status === 405) return 'It does not take POST at this address.';
  if (status === 410) return 'It says that it is gone for good, so the webhook was switched off.';
  if (status === 413) return 'It says that the event is too large.';
  if (status === 429) return 'It says that it gets too much at once.';
  if (status >= 500) return 'It has a failure of its own. Look into its own log.';
  return problem;
}
