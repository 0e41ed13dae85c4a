// How an identity provider is told about this account: data, so that every provider's page looks the same.
import type {ServiceProvider} from '../setup';

/// What stands on this side to be copied into the provider's screens.
export interface Values extends ServiceProvider {
  /// `acsUrl` as a regular expression that fits nothing else.
  acsPattern: string;
}

export const valueNames: Record<keyof Values, string> = {
  acsUrl: 'ACS URL',
  entityId: 'SP Entity ID',
  metadataUrl: 'SP metadata URL',
  signOnUrl: 'Sign-on URL',
  logoutUrl: 'Logout URL',
  acsPattern: 'ACS URL as a pattern',
};

export const valuesOf = (ours: ServiceProvider): Values => ({
  ...ours,
  acsPattern: `^${ours.acsUrl.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`,
});

/// In all texts the provider's own names stand between asterisks.
export interface Instruction {
  text: string;
  /// What to copy, and the field of the provider's screen where it goes.
  copy?: {value: keyof Values; field: string}[];
  /// Why, or what happens otherwise.
  note?: string;
  /// Offers the SP metadata file as a download.
  file?: boolean;
}

export interface Provider {
  name: string;
  /// Other names that people know it by.
  alias?: string;
  /// Where its administrators work; absent when that is the company's own server.
  console?: {name: string; url: string};
  /// What the one who does this must be allowed to do there.
  rights: string;
  steps: Instruction[];
  /// Its SAML metadata: what the provider calls it, where it stands, and whether it is an address or a file.
  metadata: {name: string; where: string; as: 'url' | 'file'};
  /// Why somebody who is known there may still be refused.
  refused: string;
}
