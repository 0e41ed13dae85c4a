// What every step of the setup gets and ends with.
import type {ComponentChildren} from 'preact';
import {createContext} from 'preact';
import {useContext} from 'preact/hooks';
import type {SetupSession} from '../../delegate';
import {delegated} from '../../delegate';
import {address} from '../../location';
import type {Mobile, Page, Wizard} from '../../setup';
import {hasApp, pages} from '../../setup';

export interface StepProps {
  wizard: Wizard;
  /// After a request that answered with the wizard as it is now.
  changed: (wizard: Wizard) => void;
  /// After one that did not.
  reload: () => void;
}

export const stepNames: Record<Page, string> = {
  prepare: 'Before you start',
  application: 'Create the SAML application',
  connection: 'Connect your provider',
  provisioning: 'Provisioning',
  domains: 'Domains',
  department: 'Default department',
  mobile: 'Mobile app',
  test: 'Test',
  enable: delegated ? 'Hand over' : 'Enable for all',
};

export const stepAddress = (step: Page) => (delegated ? address('setup-link', step) : address('security', 'setup', step));

/// The mobile app as far as it is known; nothing until then, and where the server does not know of it.
export const MobileContext = createContext<Mobile | null>(null);

/// Whoever does the setup by a link; nothing for an administrator. `finished`: they have closed it.
export const DelegateContext = createContext<(SetupSession & {finished: () => void}) | null>(null);

/// The way back and the way on, at the end of a step. Children stand before them: what the step asks for first.
export function Onward({step, ready, children}: {step: Page; ready: boolean; children?: ComponentChildren}) {
  const mobile = useContext(MobileContext);
  // Nobody is led past the page of an app that this server does not have.
  const way = pages.filter((page) => page !== 'mobile' || page === step || (mobile !== null && hasApp(mobile)));
  const place = way.indexOf(step);
  const back = way[place - 1];
  const next = way[place + 1];
  return (
    <div class="buttons onward">
      {children}
      {next !== undefined && (
        <a class={ready ? 'button primary' : 'button'} href={stepAddress(next)}>
          {ready ? 'Continue' : 'Skip for now'}
          <span class="for-readers"> to {stepNames[next]}</span>
        </a>
      )}
      {back !== undefined && (
        <a class="button" href={stepAddress(back)}>
          Back<span class="for-readers"> to {stepNames[back]}</span>
        </a>
      )}
    </div>
  );
}
