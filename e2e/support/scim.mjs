// A directory service as far as tests need one: requests of SCIM with the token that the console gave.
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export class Scim {
  constructor(url, token) {
    this.url = `${url}/scim/v2`;
    this.token = token;
  }

  /// The status, and the body as JSON where there is one.
  async call(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: {Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/scim+json'},
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    return {status: response.status, body: text === '' ? null : JSON.parse(text)};
  }

  /// What Entra asks when somebody chooses Test Connection.
  testConnection() {
    return this.call('GET', `/Users?filter=userName+eq+"${crypto.randomUUID()}"`);
  }

  async createUser(userName, {given, family, title, department, manager} = {}) {
    const {status, body} = await this.call('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
      externalId: crypto.randomUUID(),
      userName,
      active: true,
      displayName: `${given} ${family}`,
      title,
      name: {givenName: given, familyName: family},
      emails: [{type: 'work', value: userName, primary: true}],
      phoneNumbers: [{type: 'work', value: '+49 30 901820'}],
      [enterprise]: {department, ...(manager ? {manager: {value: manager}} : {})},
    });
    if (status !== 201) throw new Error(`creating ${userName}: ${status} ${JSON.stringify(body)}`);
    return body.id;
  }

  patch(path, ...operations) {
    return this.call('PATCH', path, {schemas: [patchOp], Operations: operations});
  }

  deactivate(id) {
    return this.patch(`/Users/${id}`, {op: 'Replace', path: 'active', value: 'False'});
  }

  async createGroup(displayName, members) {
    const {body} = await this.call('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      externalId: crypto.randomUUID(),
      displayName,
    });
    await this.patch(`/Groups/${body.id}`, {op: 'Add', path: 'members', value: members.map((value) => ({value}))});
    return body.id;
  }
}
