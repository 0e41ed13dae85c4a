// Configuration for an application's own side, with its values filled in.
import type {Application} from './applications';

export interface Snippet {
  /// As people know the software.
  name: string;
  /// Where it goes, and what stands there already.
  where: string;
  text: string;
}

/// Stands where the secret goes: it is shown once, and not here.
export const secretPlace = 'PASTE-THE-SECRET-HERE';

const originOf = (url: string) => {
  try {
    return new URL(url).origin;
  } catch {
    return '';
  }
};

export const discoveryUrl = (issuer: string) => `${issuer}/.well-known/openid-configuration`;

/// Where people open the application, as far as its settings tell; empty when they do not.
export function homeOf(application: Application): string {
  if (application.kind === 'proxy') return application.origins[0] ?? '';
  const first = application.redirect_uris.find((uri) => uri.startsWith('http'));
  return first === undefined ? '' : originOf(first);
}

const redirectOf = ({redirect_uris}: Application, otherwise: string) => redirect_uris[0] ?? otherwise;

/// Text of the configuration formats here is quoted with ", and \ is special in them.
const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

function node(application: Application): Snippet {
  const secret = application.kind === 'web' ? ', process.env.CLIENT_SECRET' : '';
  return {
    name: 'Node.js: openid-client',
    where: 'Version 6 of the package openid-client. It finds everything else by the issuer.',
    text: `import * as client from 'openid-client';

const config = await client.discovery(
  new URL(${quoted(application.issuer)}), ${quoted(application.client_id)}${secret});

// To sign somebody in: keep both values in their session, and send them to \`url\`.
const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: ${quoted(redirectOf(application, 'https://your-application.example/callback'))},
  scope: ${quoted(application.scope)},
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
});

// At the redirect URI, where \`currentUrl\` is the address with its query:
const tokens = await client.authorizationCodeGrant(config, currentUrl, {
  pkceCodeVerifier: verifier,
  expectedState: state,
});
const {sub, email, name} = tokens.claims();
`,
  };
}

function apache(application: Application, random: string): Snippet {
  return {
    name: 'Apache: mod_auth_openidc',
    where: 'In the virtual host. The redirect URI must be a path of this host that no page has.',
    text: `OIDCProviderMetadataURL ${discoveryUrl(application.issuer)}
OIDCClientID ${application.client_id}
OIDCClientSecret ${secretPlace}
OIDCRedirectURI ${redirectOf(application, 'https://your-application.example/redirect_uri')}
OIDCScope ${quoted(application.scope)}
OIDCPKCEMethod S256
OIDCCryptoPassphrase ${random}
OIDCRemoteUserClaim email

<Location "/">
  AuthType openid-connect
  Require valid-user
</Location>
`,
  };
}

function spring(application: Application): Snippet {
  return {
    name: 'Spring Boot',
    where: 'application.yaml, with spring-boot-starter-oauth2-client. Its redirect URI ends in /login/oauth2/code/doorward.',
    text: `spring:
  security:
    oauth2:
      client:
        registration:
          doorward:
            client-id: ${application.client_id}
            client-secret: \${CLIENT_SECRET}
            scope: ${application.scope.split(' ').join(', ')}
        provider:
          doorward:
            issuer-uri: ${application.issuer}
`,
  };
}

function aspNet(application: Application): Snippet {
  return {
    name: 'ASP.NET Core',
    where: 'Program.cs, with Microsoft.AspNetCore.Authentication.OpenIdConnect. Its redirect URI ends in /signin-oidc.',
    text: `builder.Services
    .AddAuthentication(options =>
    {
        options.DefaultScheme = "Cookies";
        options.DefaultChallengeScheme = "oidc";
    })
    .AddCookie("Cookies")
    .AddOpenIdConnect("oidc", options =>
    {
        options.Authority = ${quoted(application.issuer)};
        options.ClientId = ${quoted(application.client_id)};
        options.ClientSecret = builder.Configuration["ClientSecret"];
        options.ResponseType = "code";
        options.UsePkce = true;
        options.MapInboundClaims = false;
        options.Scope.Clear();
${application.scope
  .split(' ')
  .map((name) => `        options.Scope.Add(${quoted(name)});`)
  .join('\n')}
    });
`,
  };
}

function browser(application: Application): Snippet {
  return {
    name: 'In the browser: oidc-client-ts',
    where: 'The package oidc-client-ts. There is no secret: PKCE takes its place.',
    text: `import {UserManager} from 'oidc-client-ts';

const users = new UserManager({
  authority: ${quoted(application.issuer)},
  client_id: ${quoted(application.client_id)},
  redirect_uri: ${quoted(redirectOf(application, 'https://your-application.example/callback'))},
  scope: ${quoted(application.scope)},
});

// To sign somebody in:
await users.signinRedirect();
// At the redirect URI:
const user = await users.signinCallback();
`,
  };
}

function appAuth(application: Application): Snippet {
  return {
    name: 'On devices: AppAuth',
    where: 'AppAuth for Android, iOS, React Native (here), or Flutter. Use the system’s browser, no web view.',
    text: `import {authorize} from 'react-native-app-auth';

const result = await authorize({
  issuer: ${quoted(application.issuer)},
  clientId: ${quoted(application.client_id)},
  redirectUrl: ${quoted(redirectOf(application, 'com.example.app:/callback'))},
  scopes: [${application.scope.split(' ').map(quoted).join(', ')}],
});
`,
  };
}

/// For people who sign in by OpenID Connect. `random`: a passphrase that nobody knows yet.
export function openIdSnippets(application: Application, random: string): Snippet[] {
  if (application.kind === 'public') return [browser(application), appAuth(application), node(application)];
  return [node(application), apache(application, random), spring(application), aspNet(application)];
}

export function serviceSnippets(application: Application, tokenEndpoint: string): Snippet[] {
  const scopes = application.scope.split(' ');
  const calls: Record<string, string> = {
    scim: `curl -H "Authorization: Bearer $TOKEN" '${application.issuer}/scim/v2/Users?count=1'`,
    events: `curl -H "Authorization: Bearer $TOKEN" '${application.issuer}/api/v1/events?limit=10'`,
  };
  return [
    {
      name: 'curl',
      where: 'Try it in a shell: the first command gets a token for an hour, the others use it.',
      text: `TOKEN=$(curl -s -u '${application.client_id}:${secretPlace}' \\
  -d grant_type=client_credentials -d 'scope=${application.scope}' \\
  ${tokenEndpoint} | sed 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/')

${scopes
  .map((name) => calls[name])
  .filter(Boolean)
  .join('\n')}
`,
    },
  ];
}

/// For the server in front of a page that knows nothing of signing in. docs/forward-auth.md tells more.
export function proxySnippets(application: Application): Snippet[] {
  const {issuer} = application;
  const origin = application.origins[0] ?? 'https://wiki.example';
  const host = new URL(origin).host;
  return [nginx(host, issuer), caddy(host, issuer), traefik(host, issuer), envoy(new URL(issuer))];
}

/// What the page is told of whoever asks.
const headers = ['User', 'Email', 'Name', 'Subject', 'Account', 'Groups', 'Departments', 'Administrator'].map(
  (name) => `X-Auth-${name}`,
);
const variable = (header: string) => header.toLowerCase().replaceAll('-', '_');
const lines = (write: (header: string) => string) => headers.map(write).join('\n');

function nginx(host: string, issuer: string): Snippet {
  return {
    name: 'nginx',
    where: 'Needs ngx_http_auth_request_module, which the packages of distributions have.',
    text: `server {
    server_name ${host};
    # listen, ssl_certificate … as you have them

    # Signing in and out, on this host.
    location ~ ^/\\.doorward/(sign-in|callback|sign-out)$ {
        rewrite ^/\\.doorward/(.*)$ /auth/$1 break;
        proxy_pass ${issuer};
        proxy_ssl_server_name on;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header X-Original-URL "";
    }

    # Asked before each request.
    location = /.doorward/check {
        internal;
        proxy_pass ${issuer}/auth/check;
        proxy_ssl_server_name on;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header X-Forwarded-Uri $request_uri;
        proxy_set_header X-Forwarded-Method $request_method;
        proxy_set_header X-Original-URL "";
    }

    location / {
        auth_request /.doorward/check;
        auth_request_set $sign_in $upstream_http_x_auth_redirect;
        error_page 401 = @sign_in;
${lines((header) => `        auth_request_set $${variable(header)} $upstream_http_${variable(header)};`)}
${lines((header) => `        proxy_set_header ${header} $${variable(header)};`)}
        proxy_pass http://127.0.0.1:8080;  # your page
    }

    # People are sent to sign in; programs get the 401.
    location @sign_in {
        if ($sign_in = "") {
            return 401;
        }
        return 302 $sign_in;
    }
}
`,
  };
}

function caddy(host: string, issuer: string): Snippet {
  return {
    name: 'Caddy',
    where: 'Caddyfile, version 2.5.1 or later.',
    text: `${host} {
    @doorward path /.doorward/sign-in /.doorward/callback /.doorward/sign-out
    handle @doorward {
        uri strip_prefix /.doorward
        rewrite * /auth{uri}
        reverse_proxy ${issuer} {
            header_up Host {upstream_hostport}
            header_up -X-Original-URL
        }
    }
    handle {
        forward_auth ${issuer} {
            uri /auth/check?sign_in=redirect
            header_up Host {upstream_hostport}
            header_up -X-Original-URL
            copy_headers ${headers.join(' ')}
        }
        reverse_proxy 127.0.0.1:8080  # your page
    }
}
`,
  };
}

function traefik(host: string, issuer: string): Snippet {
  return {
    name: 'Traefik',
    where: 'Dynamic configuration (a file of the file provider). Your page’s own service is called “page” here.',
    text: `http:
  routers:
    page:
      rule: Host(\`${host}\`)
      middlewares: [doorward-check]
      service: page
    doorward:
      rule: Host(\`${host}\`) && PathRegexp(\`^/\\.doorward/(sign-in|callback|sign-out)$\`)
      middlewares: [doorward-path]
      service: doorward
  middlewares:
    doorward-check:
      forwardAuth:
        address: ${issuer}/auth/check?sign_in=redirect
        authResponseHeaders:
${lines((header) => `          - ${header}`)}
    doorward-path:
      replacePathRegex:
        regex: ^/\\.doorward/(.*)
        replacement: /auth/$1
  services:
    doorward:
      loadBalancer:
        passHostHeader: false
        servers:
          - url: ${issuer}
`,
  };
}

function envoy(issuer: URL): Snippet {
  const port = issuer.port === '' ? (issuer.protocol === 'https:' ? '443' : '80') : issuer.port;
  return {
    name: 'Envoy',
    where: 'In the HTTP connection manager: the filter stands before the router, the route before that of your page.',
    text: `http_filters:
  - name: envoy.filters.http.ext_authz
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
      http_service:
        server_uri:
          uri: ${issuer.origin}
          cluster: doorward
          timeout: 2s
        path_prefix: /auth/check
        authorization_request:
          headers_to_add:
            - key: x-forwarded-host
              value: "%REQ(:AUTHORITY)%"
        authorization_response:
          allowed_upstream_headers:
            patterns:
              - prefix: x-auth-
          allowed_client_headers:
            patterns:
              - exact: location
              - exact: www-authenticate

# The first of the virtual host's routes:
- match:
    safe_regex:
      regex: /\\.doorward/(sign-in|callback|sign-out)
  route:
    cluster: doorward
    host_rewrite_literal: ${issuer.host}
    regex_rewrite:
      pattern:
        regex: ^/\\.doorward/
      substitution: /auth/
  typed_per_filter_config:
    envoy.filters.http.ext_authz:
      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
      disabled: true

# And a cluster “doorward” with the address ${issuer.hostname}, port ${port}.
`,
  };
}
