import type {ComponentChildren} from 'preact';
import type {Certificate, Connection} from '../api';
import {Ago, Badge, Time} from '../parts';

const soon = 60 * 86_400_000;

function Validity({certificate}: {certificate: Certificate}) {
  const left = Date.parse(certificate.notAfter) - Date.now();
  if (left <= 0) {
    return (
      <>
        <Badge tone="bad">expired</Badge> <Time at={certificate.notAfter} />
      </>
    );
  }
  return (
    <>
      valid until <Time at={certificate.notAfter} />
      {left < soon && (
        <>
          {' '}
          <Badge tone="bad">
            expires <Ago at={certificate.notAfter} />
          </Badge>
        </>
      )}
    </>
  );
}

/// An identity provider of the account, as it is stored; with what the children say about it.
export function ConnectionCard({connection, children}: {connection: Connection; children?: ComponentChildren}) {
  return (
    <section class="card" aria-label={`Connection ${connection.name}`}>
      <h3>
        {connection.name}{' '}
        <Badge tone={connection.active ? 'good' : 'bad'}>{connection.active ? 'active' : 'switched off'}</Badge>
        {connection.proposedBy !== '' && (
          <>
            {' '}
            <Badge tone="bad">not accepted yet</Badge>
          </>
        )}
        {connection.allowSha1 && (
          <>
            {' '}
            <Badge tone="bad">SHA-1 allowed: unsafe</Badge>
          </>
        )}
      </h3>
      <dl>
        <dt>Entity ID</dt>
        <dd>{connection.entityId}</dd>
        {connection.metadataUrl !== '' && (
          <>
            <dt>Metadata URL</dt>
            <dd>{connection.metadataUrl}</dd>
          </>
        )}
        {connection.certificates.map((certificate) => (
          <>
            <dt>Certificate</dt>
            <dd>
              <code>{certificate.thumbprint}</code>
              <br />
              <Validity certificate={certificate} />
            </dd>
          </>
        ))}
      </dl>
      {children}
    </section>
  );
}
