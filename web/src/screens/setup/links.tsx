// Letting a colleague in IT do the setup: links, each for one browser and some days.
import {useState} from 'preact/hooks';
import {send} from '../../api';
import {Confirm, Copyable, Dialog, ShownOnce} from '../../dialogs';
import {Badge, Done, Problem, Show, Table, Time, useAction, useLoaded} from '../../parts';
import type {SetupLink, SetupLinks} from '../../setup';

export function Delegation() {
  const [loaded, retry] = useLoaded<SetupLinks>('setup-links');
  const [answered, setAnswered] = useState<SetupLinks | null>(null);
  return (
    <>
      <h2>Let a colleague in IT do this</h2>
      <p>
        A link leads them through these steps, and to nothing else here. They need no account. What they connect can be tested, but{' '}
        <strong>lets nobody in before you have accepted it</strong>, and only you can enable single sign-on.
      </p>
      <Show loaded={loaded} retry={retry}>
        {(value) => <Known list={answered ?? value} answer={setAnswered} />}
      </Show>
    </>
  );
}

function Known({list, answer}: {list: SetupLinks; answer: (list: SetupLinks) => void}) {
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<{name: string; link: string} | null>(null);
  const [ending, setEnding] = useState<SetupLink | null>(null);
  const [done, setDone] = useState('');
  return (
    <>
      <Done>{done}</Done>
      {list.setupLinks.length > 0 && <Rows links={list.setupLinks} end={setEnding} />}
      <button type="button" onClick={() => setMaking(true)}>
        {list.setupLinks.length === 0 ? 'Make a setup link' : 'Make another setup link'}
      </button>
      {making && (
        <Make
          list={list}
          close={() => setMaking(false)}
          made={(name, next) => {
            setMaking(false);
            setDone('');
            answer(next);
            setMade({name, link: next.link ?? ''});
          }}
        />
      )}
      {made && <Made {...made} close={() => setMade(null)} />}
      {ending && (
        <End
          link={ending}
          close={() => setEnding(null)}
          ended={(next) => {
            answer(next);
            setEnding(null);
            setDone(`The link for ${ending.name} is ended.`);
          }}
        />
      )}
    </>
  );
}

const reasons: Record<NonNullable<SetupLink['endReason']>, string> = {
  revoked: 'ended by',
  finished: 'closed by your colleague:',
  rights: 'its maker is no administrator any more, by',
  enabled: 'single sign-on was enabled by',
  cancelled: 'the setup was cancelled by',
};

function State({link}: {link: SetupLink}) {
  if (link.state === 'ended' && link.endedAt !== null) {
    return (
      <>
        <Badge tone="calm">ended</Badge> <Time at={link.endedAt} />
        {link.endReason !== null && `, ${reasons[link.endReason]} ${link.endedBy}`}
      </>
    );
  }
  if (link.state === 'expired') {
    return (
      <>
        <Badge tone="calm">expired</Badge> <Time at={link.expiresAt} />
      </>
    );
  }
  if (link.openedAt === null) {
    return (
      <>
        <Badge tone="calm">waiting</Badge> not opened yet
      </>
    );
  }
  return (
    <>
      <Badge tone="good">opened</Badge> <Time at={link.openedAt} /> from {link.openedFrom}
    </>
  );
}

function Rows({links, end}: {links: SetupLink[]; end: (link: SetupLink) => void}) {
  return (
    <Table
      caption="Setup links"
      columns={['For', 'State', 'Until', 'Made by', 'What to do']}
      empty=""
      rows={links.map((link) => [
        <strong>{link.name}</strong>,
        <State link={link} />,
        <Time at={link.expiresAt} />,
        link.createdBy,
        link.state === 'waiting' || link.state === 'opened' ? (
          <button type="button" class="small" onClick={() => end(link)}>
            End<span class="for-readers"> the link for {link.name}</span>
          </button>
        ) : (
          <span class="hint">nothing</span>
        ),
      ])}
    />
  );
}

function Make(props: {list: SetupLinks; close: () => void; made: (name: string, list: SetupLinks) => void}) {
  const {list} = props;
  const [name, setName] = useState('');
  const [days, setDays] = useState(String(list.defaultDays));
  const {busy, error, run} = useAction();
  const make = (event: Event) => {
    event.preventDefault();
    void run(async () => props.made(name, await send<SetupLinks>('POST', 'setup-links', {name, days: Number(days)})));
  };
  return (
    <Dialog title="Let a colleague do the setup" close={props.close}>
      <form onSubmit={make} noValidate>
        <label class="field">
          Who is it for?
          <input value={name} maxLength={80} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
          <span class="hint">A name that you recognise, for example “Max (IT)”. The audit says it with all that they do.</span>
        </label>
        <label class="field">
          For how many days?
          <input
            type="number"
            min={1}
            max={list.mostDays}
            value={days}
            onInput={(event) => setDays(event.currentTarget.value)}
          />
          <span class="hint">At most {list.mostDays}. You can end it at any time.</span>
        </label>
        {error && <Problem error={error} />}
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy}>
            {busy ? 'Making…' : 'Make the link'}
          </button>
          <button type="button" onClick={props.close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Made({name, link, close}: {name: string; link: string; close: () => void}) {
  return (
    <ShownOnce title={`Give this link to ${name}`} close={close}>
      <p>
        It is shown this one time. <strong>Whoever opens it first has it</strong>: send it in a way that only your colleague
        reads, and look here afterwards whether it was they who opened it.
      </p>
      <Copyable label="Setup link" value={link} />
    </ShownOnce>
  );
}

function End({link, close, ended}: {link: SetupLink; close: () => void; ended: (list: SetupLinks) => void}) {
  const {busy, error, run} = useAction();
  const end = () => void run(async () => ended(await send<SetupLinks>('DELETE', `setup-links/${encodeURIComponent(link.id)}`)));
  return (
    <Confirm title={`End the link for ${link.name}?`} yes="End the link" tone="danger" busy={busy} error={error} close={close} act={end}>
      <p>
        {link.openedAt === null ? 'It cannot be opened any more.' : 'Whoever has opened it is out at once.'} What was set up with it
        stays, and what you have not accepted still waits for you. You can make another link.
      </p>
    </Confirm>
  );
}
