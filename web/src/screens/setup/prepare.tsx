import {send} from '../../api';
import {go} from '../../location';
import {Problem, useAction} from '../../parts';
import {Manage} from '../test_accounts';
import {Delegation} from './links';
import type {Wizard} from '../../setup';
import type {StepProps} from './step';
import {Onward, stepAddress} from './step';

export function PrepareStep({wizard, changed}: StepProps) {
  const {busy, error, run} = useAction();
  const started = wizard.setup !== null;
  const start = () =>
    void run(async () => {
      changed(await send<Wizard>('POST', 'setup/start'));
      go(stepAddress('application'));
    });
  return (
    <>
      <p>
        You will create an application at your identity provider, connect it, let your directory send your employees, try
        the sign-in, and only then switch it on for all. You can stop at any step and go on later.
      </p>
      <h2>What changes for employees</h2>
      <ul class="points">
        <li>
          <strong>Nothing during the setup.</strong> Everybody signs in as before until you choose <em>Enable</em> in the last
          step.
        </li>
        <li>
          From then on they sign in with the account of your company at <code>{wizard.signInUrl}</code>. Passwords no longer
          open this account, and whoever is signed in with one is signed out.
        </li>
        <li>
          Whoever has an e-mail address outside your company’s domains cannot sign in any more. You see who that is before it
          happens.
        </li>
        <li>
          <strong>You cannot switch SSO off on your own again.</strong> Contact support for that.
        </li>
      </ul>
      <h2>When somebody leaves or comes back</h2>
      <ul class="points">
        <li>Deactivating an employee removes their access at once.</li>
        <li>
          Reactivating restores access, but <strong>not administrator rights</strong>: you must grant them again.
        </li>
      </ul>
      {wizard.account.testAccountOf === null ? <TryFirst /> : <TriedHere of={wizard.account.testAccountOf} />}
      <Delegation />
      <h2>What you need</h2>
      <ul class="points">
        <li>
          In Microsoft Entra ID (Azure Active Directory) the role <em>Cloud Application Administrator</em>; with another
          provider, the right to add SAML applications.
        </li>
        <li>Somebody who can add a TXT record to the DNS of your e-mail domain, unless support has added the domain already.</li>
        <li>About 15 minutes.</li>
      </ul>
      {error && <Problem error={error} />}
      {started ? (
        <Onward step="prepare" ready />
      ) : (
        <div class="buttons onward">
          <button type="button" class="primary" onClick={start} disabled={busy}>
            {busy ? 'Starting…' : 'Start the setup'}
          </button>
        </div>
      )}
    </>
  );
}

function TryFirst() {
  return (
    <>
      <h2>Try it in a separate account first</h2>
      <p>
        In a test account you see every step without any effect on your colleagues. It has your plan and your settings, and
        nobody in it but you.
      </p>
      <Manage />
    </>
  );
}

function TriedHere({of}: {of: string}) {
  return (
    <>
      <h2>This is the test account</h2>
      <p>
        Everything works as in the account of {of}, whose domains count here. When you are content, do the same there, with
        another application at your identity provider.
      </p>
    </>
  );
}
