import {render} from 'preact';
import {useEffect} from 'preact/hooks';
import type {Session} from './api';
import {isKind} from './applications';
import {delegated} from './delegate';
import {address, followLinks, goInstead, usePath} from './location';
import {Show, Title, useLoaded} from './parts';
import {ApplicationScreen, isApplicationPage} from './screens/applications/frame';
import {Applications, ChooseKind} from './screens/applications/list';
import {NewApplication} from './screens/applications/new';
import {Audit} from './screens/audit';
import {Departments} from './screens/departments';
import {Departures} from './screens/departures';
import {WhyScreen} from './screens/diagnosis';
import {EmployeeScreen} from './screens/employee';
import {NewEmployee} from './screens/employee_form';
import {Employees} from './screens/employees';
import {Groups, GroupScreen} from './screens/groups';
import {MobileScreen} from './screens/mobile_app';
import {ImportScreen} from './screens/import';
import {Overview} from './screens/overview';
import {ProfileScreen} from './screens/profile';
import {Provisioning} from './screens/provisioning';
import {ProvisioningEntry, ProvisioningLog} from './screens/provisioning_log';
import {ProvisioningSettingsScreen} from './screens/provisioning_settings';
import {Security} from './screens/security';
import {Colleague} from './screens/setup/colleague';
import {SetupEntrance, SetupFrame} from './screens/setup/frame';
import {SignInStory, SignIns} from './screens/sign_ins';
import {Events} from './screens/webhooks/events';
import {NewWebhook} from './screens/webhooks/form';
import {Webhooks} from './screens/webhooks/list';
import {WebhookScreen} from './screens/webhooks/webhook';
import {TestAccountBanner, TestAccounts} from './screens/test_accounts';
import {isPage} from './setup';

const places: [string, string][] = [
  ['', 'Overview'],
  ['employees', 'Employees'],
  ['departments', 'Departments'],
  ['groups', 'Groups'],
  ['applications', 'Applications'],
  ['provisioning', 'Provisioning'],
  ['security', 'Security'],
  ['sign-ins', 'Sign-ins'],
  ['audit', 'Audit'],
  ['profile', 'Profile'],
];

function ApplicationsScreen({path: [page, detail, more]}: {path: string[]}) {
  if (page === undefined) return <Applications />;
  if (more !== undefined) return <Nothing />;
  if (page === 'new') {
    if (detail === undefined) return <ChooseKind />;
    return isKind(detail) ? <NewApplication key={detail} kind={detail} /> : <Nothing />;
  }
  if (page === 'webhooks') {
    if (detail === undefined) return <Webhooks />;
    return detail === 'new' ? <NewWebhook /> : <WebhookScreen key={detail} id={detail} />;
  }
  if (page === 'events') return detail === undefined ? <Events /> : <Nothing />;
  return isApplicationPage(detail ?? '') ? <ApplicationScreen key={page} clientId={page} page={detail ?? ''} /> : <Nothing />;
}

function ProvisioningScreen({path: [page, detail, subject]}: {path: string[]}) {
  if (page === undefined) return <Provisioning />;
  if (page === 'settings') return <ProvisioningSettingsScreen />;
  if (page === 'log' && detail === undefined) return <ProvisioningLog />;
  if (page === 'log' && detail === 'about') return <ProvisioningLog subject={subject ?? ''} />;
  if (page === 'log' && detail !== undefined) return <ProvisioningEntry id={detail} />;
  if (page === 'departures' && detail !== undefined) return <Departures id={detail} />;
  return <Nothing />;
}

function SecurityScreen({path: [page, step, more]}: {path: string[]}) {
  if (page === undefined) return <Security />;
  if (page === 'mobile' && step === undefined) return <MobileScreen />;
  if (page === 'test-accounts' && step === undefined) return <TestAccounts />;
  if (page === 'setup' && more === undefined) {
    if (step === undefined) return <SetupEntrance />;
    if (isPage(step)) return <SetupFrame step={step} />;
  }
  return <Nothing />;
}

function Screen({session, path}: {session: Session; path: string[]}) {
  const [place = '', detail] = path;
  if (place === '') return <Overview session={session} />;
  if (place === 'employees') {
    if (detail === 'new') return <NewEmployee />;
    if (detail === 'import') return <ImportScreen />;
    if (detail === 'in' && path[2] !== undefined) return <Employees key={path[2]} department={path[2]} />;
    return detail === undefined ? <Employees /> : <EmployeeScreen key={detail} id={detail} ownId={session.employee.id} />;
  }
  if (place === 'departments') return <Departments />;
  if (place === 'groups') return detail === undefined ? <Groups /> : <GroupScreen key={detail} id={detail} />;
  if (place === 'applications') return <ApplicationsScreen path={path.slice(1)} />;
  if (place === 'provisioning') return <ProvisioningScreen path={path.slice(1)} />;
  if (place === 'security') return <SecurityScreen path={path.slice(1)} />;
  if (place === 'sign-ins' && detail === 'why' && path[2] !== undefined) return <WhyScreen key={path[2]} search={path[2]} />;
  if (place === 'sign-ins') return detail === undefined ? <SignIns /> : <SignInStory reference={detail} />;
  if (place === 'audit') return <Audit />;
  if (place === 'profile') return <Own session={session} path={path} />;
  return <Nothing />;
}

function Nothing() {
  return (
    <>
      <Title>There is nothing here</Title>
      <p>
        <a href={address()}>Go to the overview</a>
      </p>
    </>
  );
}

/// What everybody may see of themselves.
function Own({session, path: [, page, more]}: {session: Session; path: string[]}) {
  if (more === undefined && page === undefined) return <ProfileScreen session={session} page="who" />;
  if (more === undefined && page === 'security') return <ProfileScreen session={session} page="security" />;
  return <Nothing />;
}

function OwnScreen({session, path}: {session: Session; path: string[]}) {
  const nowhere = path.length === 0;
  useEffect(() => {
    if (nowhere) goInstead(address('profile'));
  }, [nowhere]);
  if (path[0] === 'profile') return <Own session={session} path={path} />;
  return nowhere ? null : <NotAdministrator />;
}

function NotAdministrator() {
  return (
    <>
      <Title>This is for administrators</Title>
      <p>You are signed in, but without administrator rights. An administrator of your company can grant them.</p>
      <p>
        <a href={address('profile')}>Your profile</a>
      </p>
    </>
  );
}

function Console() {
  const path = usePath();
  const [session, retry] = useLoaded<Session>('session');
  const isAdministrator = session.state !== 'done' || session.value.administrator;
  return (
    <div class="frame" onClick={followLinks}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header>
        <strong>Doorward</strong>
        <nav aria-label="Console">
          {places.filter(([place]) => place === 'profile' || isAdministrator).map(([place, name]) => (
            <a href={address(...(place ? [place] : []))} aria-current={(path[0] ?? '') === place ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main id="main">
        {session.state === 'done' && session.value.account.testAccountOf !== null && (
          <TestAccountBanner of={session.value.account.testAccountOf} />
        )}
        <Show loaded={session} retry={retry}>
          {(value) => (value.administrator ? <Screen session={value} path={path} /> : <OwnScreen session={value} path={path} />)}
        </Show>
      </main>
    </div>
  );
}

render(delegated ? <Colleague /> : <Console />, document.getElementById('console')!);
