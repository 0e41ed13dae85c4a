import type {Provider} from './instruction';

export const entra: Provider = {
  name: 'Microsoft Entra ID',
  alias: 'Azure Active Directory, Microsoft 365',
  console: {name: 'Microsoft Entra admin center', url: 'https://entra.microsoft.com'},
  rights: 'The role *Cloud Application Administrator* in Microsoft Entra, or a higher one.',
  steps: [
    {text: 'Sign in to the *Microsoft Entra admin center*. If your company has no Microsoft account yet, create one.'},
    {text: 'Open *Enterprise apps* (in the Azure portal: *Microsoft Entra ID* › *Enterprise applications*) and choose *New application*.'},
    {
      text: 'Choose *Create your own application*. Enter a name, select *Integrate any other application you don’t find in the gallery (Non-gallery)*, and choose *Create*.',
      note: 'Your employees see the name in My Apps.',
    },
    {text: 'When the application is there, open *Assign users and groups*.'},
    {
      text: 'Choose *Add user/group* and add yourself.',
      note: 'Whoever is not assigned is refused by Microsoft with AADSTS50105. Add the others before you enable SSO for all.',
    },
    {
      text: 'Open your own profile under *Users* and make sure that your e-mail is listed under *Contact info*.',
      note: 'If it is missing, you may not be able to sign in: Microsoft sends no address then.',
    },
    {text: 'Back in the application, open *Single sign-on*.'},
    {text: 'Select *SAML* as the sign-on method.'},
    {text: 'In *Basic SAML Configuration*, choose *Edit*.'},
    {
      text: 'Copy these values from here, paste each into its field there, and choose *Save*.',
      copy: [
        {value: 'entityId', field: 'Identifier (Entity ID)'},
        {value: 'acsUrl', field: 'Reply URL (Assertion Consumer Service URL)'},
        {value: 'signOnUrl', field: 'Sign on URL (Optional)'},
        {value: 'logoutUrl', field: 'Logout Url (Optional)'},
      ],
      note: 'Quicker: choose *Upload metadata file* above *Basic SAML Configuration* and give it this file. Then check the fields and choose *Save*.',
      file: true,
    },
    {
      text: 'Only if you turn on *Token encryption*: in *SAML Certificates* choose *Edit* and set *Signing Option* to *Sign SAML response and assertion*.',
      note: 'Otherwise leave it as it is. What is encrypted but not signed around it is refused here.',
    },
  ],
  metadata: {
    name: 'App Federation Metadata Url',
    where: 'In Entra: your application › *Single sign-on* › *SAML Certificates* › *App Federation Metadata Url*.',
    as: 'url',
  },
  refused: 'If Microsoft answers with AADSTS50105, you are not assigned: in Entra open your application › *Users and groups* and add yourself.',
};
