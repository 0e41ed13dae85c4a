// On the way, for whoever wants it: sign-in in the mobile app.
import {useContext} from 'preact/hooks';
import {Show, useLoaded} from '../../parts';
import type {Mobile} from '../../setup';
import {hasApp} from '../../setup';
import {MobileApp} from '../mobile_app';
import type {StepProps} from './step';
import {MobileContext, Onward} from './step';

export function MobileStep({wizard, reload}: StepProps) {
  const known = useContext(MobileContext);
  const [loaded, retry] = useLoaded<Mobile>('setup/mobile');
  return (
    <>
      <Show loaded={loaded} retry={retry}>
        {(mobile) => (
          <MobileApp
            mobile={mobile}
            provider={wizard.setup?.provider ?? ''}
            changed={() => {
              retry();
              reload();
            }}
          />
        )}
      </Show>
      <Onward step="mobile" ready={known !== null && (known.setup !== null || !hasApp(known))} />
    </>
  );
}
