// What the screens of applications have in common.
import {address} from '../../location';

const pages: [string[], string][] = [
  [[], 'Applications'],
  [['webhooks'], 'Webhooks'],
  [['events'], 'Events'],
];

/// Applications, and how they are told what happens.
export function ApplicationPages({current}: {current: string}) {
  return (
    <nav class="pages" aria-label="Applications">
      {pages.map(([parts, name]) => (
        <a href={address('applications', ...parts)} aria-current={name === current ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

export const applicationAddress = (clientId: string, ...page: string[]) => address('applications', clientId, ...page);
