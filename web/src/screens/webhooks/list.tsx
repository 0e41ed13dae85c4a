import {address} from '../../location';
import {Badge, Show, Table, Title, useLoaded} from '../../parts';
import type {Webhook} from '../../webhooks';
import {toldOf} from '../../webhooks';
import {ApplicationPages} from '../applications/pages';

export const webhookAddress = (id: string, ...page: string[]) => address('applications', 'webhooks', id, ...page);

export function Webhooks() {
  const [loaded, retry] = useLoaded<{webhooks: Webhook[]}>('webhooks');
  return (
    <>
      <Title>Webhooks</Title>
      <ApplicationPages current="Webhooks" />
      <p>
        An address of your own that this server calls when something happens: an employee came, left, or changed. Deliveries are
        signed, and repeated for some days until they arrive.
      </p>
      <p>
        <a class="button" href={webhookAddress('new')}>
          Add a webhook
        </a>
      </p>
      <Show loaded={loaded} retry={retry}>
        {({webhooks}) => (
          <Table
            caption="Webhooks"
            columns={['Address', 'Told of', 'State']}
            empty="No webhook yet. Add one if a program of yours should learn at once what happens here; it can also look up the events by itself."
            rows={webhooks.map((webhook) => [
              <a href={webhookAddress(webhook.id)}>{webhook.url}</a>,
              toldOf(webhook),
              <WebhookState webhook={webhook} />,
            ])}
          />
        )}
      </Show>
    </>
  );
}

export function WebhookState({webhook}: {webhook: Webhook}) {
  if (!webhook.active) return <Badge tone="bad">switched off</Badge>;
  if (webhook.dead > 0) return <Badge tone="bad">{webhook.dead.toLocaleString()} given up</Badge>;
  if (webhook.waiting > 0) return <Badge tone="calm">{webhook.waiting.toLocaleString()} waiting</Badge>;
  return <Badge tone="good">nothing waits</Badge>;
}
