// The last thirty days as charts: what went well above the line, what failed below it, and the same as a table.
import {useId} from 'preact/hooks';
import {count, Show, Table, useLoaded} from '../parts';

interface Day {
  /// As `2026-05-31`, in UTC.
  day: string;
  signedIn: number;
  refused: number;
  provisioned: number;
  provisioningFailed: number;
}

interface Chart {
  title: string;
  /// Says the sums; `empty` when there is nothing to say.
  summary: (good: number, bad: number) => string;
  empty: string;
  names: [string, string];
  good: (day: Day) => number;
  bad: (day: Day) => number;
}

const charts: Chart[] = [
  {
    title: 'Sign-ins',
    summary: (good, bad) => `${count(good, 'sign-in')}, ${bad.toLocaleString()} refused.`,
    empty: 'Nobody signed in or was refused.',
    names: ['Signed in', 'Refused'],
    good: ({signedIn}) => signedIn,
    bad: ({refused}) => refused,
  },
  {
    title: 'Changes by your directory',
    summary: (good, bad) => `${count(good, 'change')}, ${count(bad, 'failed request')}.`,
    empty: 'Your directory changed nothing, and nothing failed.',
    names: ['Changes', 'Failed requests'],
    good: ({provisioned}) => provisioned,
    bad: ({provisioningFailed}) => provisioningFailed,
  },
];

const dayName = new Intl.DateTimeFormat(undefined, {day: 'numeric', month: 'short', timeZone: 'UTC'});
const nameOf = ({day}: Day) => dayName.format(new Date(`${day}T00:00:00Z`));

export function Activity() {
  const [loaded, retry] = useLoaded<{days: Day[]}>('activity', {days: '30'});
  return (
    <>
      <h2>The last 30 days</h2>
      <Show loaded={loaded} retry={retry}>
        {({days}) => (
          <>
            <div class="charts">
              {charts.map((chart) => (
                <ChartCard chart={chart} days={days} />
              ))}
            </div>
            <DayTable days={days} />
          </>
        )}
      </Show>
    </>
  );
}

const sum = (days: Day[], of: (day: Day) => number) => days.reduce((all, day) => all + of(day), 0);

function ChartCard({chart, days}: {chart: Chart; days: Day[]}) {
  const [good, bad] = [sum(days, chart.good), sum(days, chart.bad)];
  return (
    <section class="card">
      <h3>{chart.title}</h3>
      {good + bad === 0 ? (
        <p class="hint">{chart.empty}</p>
      ) : (
        <>
          <p>{chart.summary(good, bad)}</p>
          <Bars chart={chart} days={days} words={chart.summary(good, bad)} />
        </>
      )}
    </section>
  );
}

/// A bar is a tenth narrower than its day. The picture is stretched to the width that there is, so nothing in it is text.
function Bars({chart, days, words}: {chart: Chart; days: Day[]; words: string}) {
  const id = useId();
  const most = Math.max(...days.map(chart.good));
  const worst = Math.max(...days.map(chart.bad));
  const [first, last] = [days[0], days[days.length - 1]];
  if (first === undefined || last === undefined) return null;
  // Something that happened is to be seen, however little it is beside the rest.
  const height = (value: number) => (value === 0 ? 0 : Math.max(value, (most + worst) / 50));
  const below = Math.max(...days.map((day) => height(chart.bad(day))));
  const above = Math.max(...days.map((day) => height(chart.good(day))));
  return (
    <figure class="chart">
      <svg
        viewBox={`0 0 ${days.length} ${above + below}`}
        preserveAspectRatio="none"
        role="img"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-desc`}
      >
        <title id={`${id}-title`}>{`${chart.title} per day, ${nameOf(first)} to ${nameOf(last)}`}</title>
        <desc id={`${id}-desc`}>{`${words} The table below says it day by day.`}</desc>
        {days.map((day, i) => (
          <g>
            <title>{`${nameOf(day)}: ${chart.names[0]} ${chart.good(day)}, ${chart.names[1]} ${chart.bad(day)}`}</title>
            <rect class="day" x={i} y={0} width={1} height={above + below} />
            <rect class="good" x={i + 0.05} y={above - height(chart.good(day))} width={0.9} height={height(chart.good(day))} />
            <rect class="bad" x={i + 0.05} y={above} width={0.9} height={height(chart.bad(day))} />
          </g>
        ))}
        <line x1={0} x2={days.length} y1={above} y2={above} />
      </svg>
      <p class="ends hint">
        <span>{nameOf(first)}</span>
        <span>{nameOf(last)}, today</span>
      </p>
      <ul class="key">
        <li class="good">
          {chart.names[0]}, above the line: {most.toLocaleString()} at most
        </li>
        <li class="bad">
          {chart.names[1]}, below it: {worst.toLocaleString()} at most
        </li>
      </ul>
    </figure>
  );
}

function DayTable({days}: {days: Day[]}) {
  return (
    <details>
      <summary>Day by day, as a table</summary>
      <p class="hint">Days begin at midnight UTC. Test sign-ins are not counted.</p>
      <Table
        caption="Sign-ins and changes by your directory, day by day"
        columns={['Day', ...charts.flatMap(({names}) => names)]}
        empty=""
        rows={[...days].reverse().map((day) => [
          nameOf(day),
          ...charts.flatMap(({good, bad}) => [good(day).toLocaleString(), bad(day).toLocaleString()]),
        ])}
      />
    </details>
  );
}
