import {render} from 'preact';
import type {Session} from './api';
import {address, followLinks, usePath} from './location';
import {Show, Title, useLoaded} from './parts';
import {Audit} from './screens/audit';
import {Employees} from './screens/employees';
import {Overview} from './screens/overview';
import {SignInStory, SignIns} from './screens/sign_ins';

const places: [string, string][] = [
  ['', 'Overview'],
  ['employees', 'Employees'],
  ['sign-ins', 'Sign-ins'],
  ['audit', 'Audit'],
];

function Screen({session, path}: {session: Session; path: string[]}) {
  const [place = '', detail] = path;
  if (place === '') return <Overview session={session} />;
  if (place === 'employees') return <Employees />;
  if (place === 'sign-ins') return detail === undefined ? <SignIns /> : <SignInStory reference={detail} />;
  if (place === 'audit') return <Audit />;
  return (
    <>
      <Title>There is nothing here</Title>
      <p>
        <a href={address()}>Go to the overview</a>
      </p>
    </>
  );
}

function NotAdministrator() {
  return (
    <>
      <Title>The console is for administrators</Title>
      <p>You are signed in, but without administrator rights. An administrator of your company can grant them.</p>
      <p>
        <a href="/">Back to your home page</a>
      </p>
    </>
  );
}

function Console() {
  const path = usePath();
  const [session, retry] = useLoaded<Session>('session');
  return (
    <div class="frame" onClick={followLinks}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header>
        <strong>Doorward</strong>
        <nav aria-label="Console">
          {places.map(([place, name]) => (
            <a href={address(...(place ? [place] : []))} aria-current={(path[0] ?? '') === place ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main id="main">
        <Show loaded={session} retry={retry}>
          {(value) => (value.administrator ? <Screen session={value} path={path} /> : <NotAdministrator />)}
        </Show>
      </main>
    </div>
  );
}

render(<Console />, document.getElementById('console')!);
