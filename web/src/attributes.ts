// What a directory knows about a person beyond name and address, in words: SCIM attributes as label and value.

const names: Record<string, string> = {
  title: 'Job title',
  nickname: 'Nickname',
  profileurl: 'Profile page',
  usertype: 'Kind of employee',
  preferredlanguage: 'Preferred language',
  timezone: 'Time zone',
  phonenumbers: 'Telephone',
  emails: 'E-mail',
  addresses: 'Address',
  ims: 'Messenger',
  photos: 'Photo',
  roles: 'Role',
  entitlements: 'Entitlement',
  employeenumber: 'Employee number',
  costcenter: 'Cost centre',
  organization: 'Organisation',
  division: 'Division',
  department: 'Department in the directory',
};

/// Shown elsewhere, or nothing that a person reads.
const hidden = new Set(['schemas', 'manager', 'groups', 'meta', 'id', 'name']);

const label = (name: string, type: unknown) => {
  const known = names[name.toLowerCase()] ?? name;
  return typeof type === 'string' && type !== '' ? `${known} (${type})` : known;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function lines(name: string, value: unknown): [string, string][] {
  if (value === null || value === undefined || value === '') return [];
  if (Array.isArray(value)) return value.flatMap((item) => lines(name, item));
  if (!isObject(value)) return [[label(name, ''), String(value)]];
  const {type, formatted, display} = value;
  const shown = value['value'] ?? formatted ?? display;
  if (shown !== undefined && !isObject(shown)) return [[label(name, type), String(shown)]];
  const parts = Object.entries(value)
    .filter(([key, part]) => key !== 'type' && key !== 'primary' && key !== '$ref' && typeof part !== 'object')
    .map(([, part]) => String(part));
  return parts.length === 0 ? [] : [[label(name, type), parts.join(', ')]];
}

/// In the order in which the directory sent them, without values that are `known` anyway; the members of an extension
/// stand beside the others.
export function attributeLines(attributes: Record<string, unknown>, known: string[]): [string, string][] {
  return Object.entries(attributes).flatMap(([name, value]) => {
    if (hidden.has(name.toLowerCase())) return [];
    if (name.toLowerCase().startsWith('urn:') && isObject(value)) return attributeLines(value, known);
    return lines(name, value).filter(([, text]) => !known.includes(text));
  });
}
