// The identity providers that the instructions know. The server keeps the list of their names: `Wizard.providers`.
import {entra} from './entra';
import type {Provider} from './instruction';

const okta: Provider = {
  name: 'Okta',
  rights: 'The right to add applications in the *Okta Admin Console*.',
  steps: [
    {text: 'In the *Okta Admin Console*, open *Applications* › *Applications* and choose *Create App Integration*.'},
    {text: 'Select *SAML 2.0* and choose *Next*. Enter an *App name* and choose *Next*.'},
    {
      text: 'Under *Configure SAML*, paste these values:',
      copy: [
        {value: 'acsUrl', field: 'Single sign-on URL'},
        {value: 'entityId', field: 'Audience URI (SP Entity ID)'},
      ],
    },
    {text: 'Set *Name ID format* to *EmailAddress* and *Application username* to *Email*. Choose *Next*, then *Finish*.'},
    {
      text: 'Open the tab *Assignments*, choose *Assign* › *Assign to People*, and add yourself.',
      note: 'Whoever is not assigned is refused by Okta. Add the others before you enable SSO for all.',
    },
  ],
  metadata: {name: 'Metadata URL', where: 'In Okta: your application › *Sign On* › *Metadata URL*.', as: 'url'},
  refused: 'If Okta says that you have no access, open your application there › *Assignments* and add yourself.',
};

const google: Provider = {
  name: 'Google Workspace',
  console: {name: 'Google Admin console', url: 'https://admin.google.com'},
  rights: 'The right to manage apps in the *Google Admin console*, for example as super administrator.',
  steps: [
    {text: 'In the *Google Admin console*, open *Apps* › *Web and mobile apps* and choose *Add app* › *Add custom SAML app*.'},
    {text: 'Enter an *App name* and choose *Continue*.'},
    {text: 'Choose *Download metadata*, keep the file for the next step here, and choose *Continue*.'},
    {
      text: 'Under *Service provider details*, paste these values:',
      copy: [
        {value: 'acsUrl', field: 'ACS URL'},
        {value: 'entityId', field: 'Entity ID'},
      ],
    },
    {text: 'Set *Name ID format* to *EMAIL* and *Name ID* to *Basic Information > Primary email*. Choose *Continue*, then *Finish*.'},
    {
      text: 'Open *User access*, choose *ON for everyone* or an organizational unit that you are in, and *Save*.',
      note: 'It is off for everyone at first. Google may need a while until a change is known everywhere.',
    },
  ],
  metadata: {name: 'IdP metadata file', where: 'In the Google Admin console: your app › *Download metadata*.', as: 'file'},
  refused: 'If Google says app_not_enabled_for_user, open your app there › *User access* and turn it on for yourself.',
};

const onelogin: Provider = {
  name: 'OneLogin',
  rights: 'The right to add applications in the *Administration* of OneLogin.',
  steps: [
    {text: 'In OneLogin, open *Administration* › *Applications* › *Applications* and choose *Add App*.'},
    {text: 'Search for *SAML Custom Connector (Advanced)*, select it, enter a *Display Name*, and choose *Save*.'},
    {
      text: 'Open *Configuration* and paste these values:',
      copy: [
        {value: 'entityId', field: 'Audience (EntityID)'},
        {value: 'acsUrl', field: 'Recipient'},
        {value: 'acsPattern', field: 'ACS (Consumer) URL Validator'},
        {value: 'acsUrl', field: 'ACS (Consumer) URL'},
      ],
    },
    {text: 'Set *SAML nameID format* to *Email*, and under *SSO* set *SAML Signature Algorithm* to *SHA-256*. Choose *Save*.'},
    {text: 'Give yourself access to the application, under *Users*, before you test it.'},
  ],
  metadata: {name: 'Issuer URL', where: 'In OneLogin: your application › *SSO* › *Issuer URL*.', as: 'url'},
  refused: 'If OneLogin says that you have no access, open your application there › *Users* and add yourself.',
};

const keycloak: Provider = {
  name: 'Keycloak',
  rights: 'The right to manage clients of your realm in the *Admin Console* of Keycloak.',
  steps: [
    {text: 'In the *Admin Console*, choose your realm, open *Clients*, and choose *Create client*.'},
    {
      text: 'Set *Client type* to *SAML*, paste this value, and choose *Next*:',
      copy: [{value: 'entityId', field: 'Client ID'}],
    },
    {
      text: 'Paste this value into both fields, and choose *Save*:',
      copy: [{value: 'acsUrl', field: 'Valid redirect URIs and Master SAML Processing URL'}],
    },
    {text: 'Under *SAML capabilities*, set *Name ID format* to *email* and turn *Force name ID format* on.'},
    {text: 'Under *Keys*, turn *Client signature required* off, and save.'},
  ],
  metadata: {
    name: 'SAML 2.0 Identity Provider Metadata',
    where: 'In Keycloak: *Realm settings* › *General* › *Endpoints* › *SAML 2.0 Identity Provider Metadata*. Copy the address of that link.',
    as: 'url',
  },
  refused: 'If Keycloak refuses the request, compare *Client ID* and *Valid redirect URIs* with the values of the step before.',
};

const adfs: Provider = {
  name: 'AD FS',
  alias: 'Active Directory Federation Services',
  rights: 'Administrator of the AD FS server.',
  steps: [
    {text: 'In *AD FS Management*, select *Relying Party Trusts* and choose *Add Relying Party Trust…*. Leave *Claims aware* and choose *Start*.'},
    {
      text: 'Leave *Import data about the relying party published online or on a local network*, paste this value, and choose *Next*:',
      copy: [{value: 'metadataUrl', field: 'Federation metadata address (host name or URL)'}],
      note: 'If the AD FS server cannot reach that address, choose *Import data about the relying party from a file* and give it this file.',
      file: true,
    },
    {text: 'Enter a *Display name*, choose who may sign in under *Access Control Policy*, and go on to *Close*.'},
    {text: 'Choose *Edit Claim Issuance Policy…* › *Add Rule…* › *Send LDAP Attributes as Claims*. Select *Active Directory* and map *E-Mail-Addresses* to *E-Mail Address*.'},
    {text: 'Add a second rule, *Transform an Incoming Claim*: from *E-Mail Address* to *Name ID* in the format *Email*.'},
  ],
  metadata: {
    name: 'Federation metadata address',
    where: 'https://, the name of your AD FS server, and /FederationMetadata/2007-06/FederationMetadata.xml. If it cannot be reached from outside, use a file.',
    as: 'url',
  },
  refused: 'If AD FS shows an error, its event log names the cause under *Applications and Services Logs* › *AD FS*.',
};

const pingone: Provider = {
  name: 'PingOne',
  rights: 'The right to add applications in the admin console of PingOne.',
  steps: [
    {text: 'In the admin console, open *Applications* › *Applications* and choose *+*.'},
    {text: 'Enter an *Application Name*, select *SAML Application*, and choose *Configure*.'},
    {
      text: 'Select *Manually Enter*, paste these values, and choose *Save*:',
      copy: [
        {value: 'acsUrl', field: 'ACS URLs'},
        {value: 'entityId', field: 'Entity ID'},
      ],
    },
    {text: 'Under *Attribute Mappings*, map *saml_subject* to *Email Address*.'},
    {text: 'Turn the application on with the switch at its name.', note: 'It is off at first.'},
  ],
  metadata: {name: 'IDP Metadata URL', where: 'In PingOne: your application › *Configuration* › *IDP Metadata URL*.', as: 'url'},
  refused: 'If PingOne refuses, check that the application is turned on and that *Access* does not leave you out.',
};

const jumpcloud: Provider = {
  name: 'JumpCloud',
  console: {name: 'JumpCloud Admin Portal', url: 'https://console.jumpcloud.com'},
  rights: 'The right to manage SSO applications in the *JumpCloud Admin Portal*.',
  steps: [
    {text: 'In the *JumpCloud Admin Portal*, open *SSO Applications* and choose *Add New Application*.'},
    {text: 'Select *Custom Application*. Choose *Manage Single Sign-On (SSO)* and *Configure SSO with SAML*, then *Next*.'},
    {text: 'Enter a *Display Label*, choose *Save Application*, then *Configure Application*.'},
    {
      text: 'On the tab *SSO*, give the *IdP Entity ID* a name of your own, for example jumpcloud, and paste these values:',
      copy: [
        {value: 'entityId', field: 'SP Entity ID'},
        {value: 'acsUrl', field: 'ACS URLs'},
      ],
    },
    {text: 'Set *SAMLSubject NameID* to *email*, and choose *Save*.'},
    {
      text: 'On the tab *User Groups*, select a group that you are in, and choose *Save*.',
      note: 'Whoever is in none of the groups is refused by JumpCloud.',
    },
  ],
  metadata: {name: 'Metadata URL', where: 'In JumpCloud: your application › *SSO* › *Copy Metadata URL*.', as: 'url'},
  refused: 'If JumpCloud says that you have no access, open your application there › *User Groups* and choose a group that you are in.',
};

const other: Provider = {
  name: 'Another SAML 2.0 provider',
  rights: 'The right to register a SAML 2.0 service provider (also called relying party or application) there.',
  steps: [
    {text: 'Register a new SAML 2.0 service provider. Most providers read this file and fill in the rest:', file: true},
    {
      text: 'If yours does not, enter these values by hand. Both must be taken over exactly.',
      copy: [
        {value: 'acsUrl', field: 'the address for answers: Assertion Consumer Service, binding HTTP-POST'},
        {value: 'entityId', field: 'the name of this service: Entity ID, also called Audience or Issuer'},
      ],
    },
    {text: 'Send the e-mail address as NameID in the format *emailAddress*, or as an attribute named *email*.'},
    {text: 'Let the provider sign the assertion, the response, or both, with SHA-256.'},
    {text: 'Allow yourself to use it, so that you can test it.'},
  ],
  metadata: {
    name: 'Metadata URL',
    where: 'Look there for *SAML metadata* or *federation metadata* of the identity provider.',
    as: 'url',
  },
  refused: 'If your provider refuses, check there that you may use this application.',
};

const known: Record<string, Provider> = {entra, okta, google, onelogin, keycloak, adfs, pingone, jumpcloud, other};

/// The instructions for one of `Wizard.providers`.
export const providerOf = (id: string): Provider => known[id] ?? other;
