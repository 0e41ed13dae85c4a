// Codes of the server in the words of an administrator.

const findings: Record<string, string> = {
  'identity.not_provisioned': 'No such employee here yet',
  'identity.deactivated': 'The employee is deactivated',
  'identity.no_email': 'The directory has no e-mail address for this person',
  'identity.outside_domains': 'The e-mail address is outside the company’s domains',
  'identity.other_connection': 'The address belongs to another connection of this company',
  'identity.wrong_tenant': 'The person is of another tenant',
  'identity.ambiguous': 'Several employees match',
  'identity.linked_elsewhere': 'The address was somebody else’s before',
  'identity.sso_enforced': 'Passwords are closed: single sign-on is enforced',
  'session.no_flow': 'The answer came in another browser, or cookies are blocked',
  'saml.replayed': 'The answer had been used before',
};

/// A sentence for a finding; unknown codes become readable words.
export function findingText(code: string): string {
  const known = findings[code];
  if (known !== undefined) return known;
  const words = code.slice(code.indexOf('.') + 1).replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const checkNames: Record<string, string> = {
  message: 'The message arrived whole',
  structure: 'Its structure is as SAML says',
  status: 'The provider said yes',
  issuer: 'It comes from your provider',
  destination: 'It was meant for this address',
  in_response_to: 'It answers a sign-in of this browser',
  issue_instant: 'It was made just now',
  response_signature: 'Signature of the response',
  assertion_signature: 'Signature of the assertion',
  signing_key: 'The signing certificate is known',
  decryption: 'It could be decrypted',
  conditions: 'It is valid at this time',
  audience: 'It was made for this application',
  subject: 'It names a person',
  authn_statement: 'It says when the person signed in',
  attributes: 'Claims',
  password: 'Password',
};
