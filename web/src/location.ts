// Where in the console we are. Each screen has an address below /console/, so that it can be linked and reloaded.
import {useEffect, useState} from 'preact/hooks';

const base = '/console/';
const changed = 'console:moved';

/// The parts of the address below /console/: `['sign-ins', 'K7QM-2XPD']`.
export function currentPath(): string[] {
  return location.pathname.slice(base.length).split('/').filter(Boolean).map(decodeURIComponent);
}

export const address = (...parts: string[]) => base + parts.map(encodeURIComponent).join('/');

export function go(target: string): void {
  history.pushState(null, '', target);
  dispatchEvent(new Event(changed));
  scrollTo(0, 0);
}

/// Like `go`, for an address that leads elsewhere: the way back does not lead through it.
export function goInstead(target: string): void {
  history.replaceState(null, '', target);
  dispatchEvent(new Event(changed));
}

export function usePath(): string[] {
  const [path, setPath] = useState(currentPath);
  useEffect(() => {
    const update = () => setPath(currentPath());
    addEventListener('popstate', update);
    addEventListener(changed, update);
    return () => {
      removeEventListener('popstate', update);
      removeEventListener(changed, update);
    };
  }, []);
  return path;
}

/// Follows links inside the console without loading the page anew; leaves modified clicks to the browser.
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
    return;
  }
  const link = (event.target as Element | null)?.closest('a');
  if (!link || link.origin !== location.origin || !link.pathname.startsWith(base)) return;
  event.preventDefault();
  go(link.pathname);
}
