// One application: the frame around its pages.
import {useState} from 'preact/hooks';
import {send} from '../../api';
import type {Application, Settings} from '../../applications';
import {kindWords, obstacle} from '../../applications';
import {address} from '../../location';
import {Ago, Badge, Done, Show, Title, useLoaded} from '../../parts';
import {AccessPage} from './access';
import {State} from './list';
import {applicationAddress} from './pages';
import {ShowSecret, takeKeptSecret} from './secrets';
import {SettingsPage} from './settings';
import {SetUpPage} from './set_up';
import {UsePage} from './use';

/// The part of the address behind the application's, and the page's name.
const pages: [string, string][] = [
  ['', 'Set up'],
  ['settings', 'Settings'],
  ['access', 'Who may use it'],
  ['use', 'Use'],
];
export const isApplicationPage = (text: string) => pages.some(([part]) => part === text);

export interface PageProps {
  application: Application;
  /// Writes these changes, and says so on the page. With the version that they were made from, what somebody else
  /// changed since then is not overwritten.
  save: (changes: Partial<Settings>, words: string, version?: string) => Promise<void>;
  reload: () => void;
}

export function ApplicationScreen({clientId, page}: {clientId: string; page: string}) {
  const path = `applications/${encodeURIComponent(clientId)}`;
  const [loaded, reload] = useLoaded<Application>(path);
  const [secret, setSecret] = useState(() => takeKeptSecret(clientId));
  const [done, setDone] = useState({page, words: ''});
  const name = loaded.state === 'done' ? loaded.value.name : 'Application';
  return (
    <>
      <p>
        <a href={address('applications')}>All applications</a>
      </p>
      <Title>{name}</Title>
      <Show loaded={loaded} retry={reload}>
        {(application) => (
          <>
            <p>
              <Badge tone="calm">{kindWords[application.kind].short}</Badge> <State application={application} />{' '}
              {/* The page of use knows it better: somebody may have come since this was loaded. */}
              {application.last_used_at !== null && page !== 'use' && (
                <span class="hint">
                  last used <Ago at={application.last_used_at} />
                </span>
              )}
            </p>
            <Tabs application={application} current={page} />
            <Done>{done.page === page ? done.words : ''}</Done>
            {application.of_all_accounts && (
              <p class="pulse">Support made this application for every account of this server, and only support can change it.</p>
            )}
            {page !== 'use' && <Obstacle application={application} page={page} />}
            <Page
              page={page}
              application={application}
              reload={reload}
              save={async (changes, words, version) => {
                setDone({page, words: ''});
                await send<Application>('PUT', path, {...changes, version});
                setDone({page, words});
                reload();
                // The note stands at the top, and what was pressed may be far below.
                scrollTo(0, 0);
              }}
            />
            {secret !== null && <ShowSecret application={application} value={secret} close={() => setSecret(null)} />}
          </>
        )}
      </Show>
    </>
  );
}

function Tabs({application, current}: {application: Application; current: string}) {
  const shown = application.kind === 'service' ? pages.filter(([part]) => part !== 'access') : pages;
  return (
    <nav class="pages" aria-label={application.name}>
      {shown.map(([part, name]) => (
        <a href={applicationAddress(application.client_id, ...(part === '' ? [] : [part]))} aria-current={part === current ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

/// What is missing, and the page where it is mended.
function Obstacle({application, page}: {application: Application; page: string}) {
  const words = obstacle(application);
  if (words === '') return null;
  const [where, name] = words.includes('secret')
    ? ['', 'Set up']
    : words.includes('chosen')
      ? ['access', 'Who may use it']
      : ['settings', 'Settings'];
  return (
    <p class="attention">
      {words} {where === page && !application.active && 'Switch it on at the end of this page.'}
      {where !== page && (
        <a href={applicationAddress(application.client_id, ...(where === '' ? [] : [where]))}>Go to {name}</a>
      )}
    </p>
  );
}

function Page({page, ...props}: PageProps & {page: string}) {
  if (page === 'settings') return <SettingsPage key={props.application.version} {...props} />;
  if (page === 'access') return <AccessPage key={props.application.version} {...props} />;
  if (page === 'use') return <UsePage {...props} />;
  return <SetUpPage {...props} />;
}
