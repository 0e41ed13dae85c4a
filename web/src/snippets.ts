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

/// For the server in front of a page that knows nothing of signing in: the configurations of docs/forward-auth.md.
export function proxySnippets(application: Application): Snippet[] {
  const origin = new URL(application.origins[0] ?? 'https://wiki.example');
  const page = {scheme: origin.protocol.slice(0, -1), host: origin.host};
  const door = new URL(application.issuer);
  const question = `/auth/check?application=${application.client_id}`;
  return [nginx(page, door, question), caddy(page, door, question), traefik(page, door, question), envoy(page, door)];
}

interface Page {
  scheme: string;
  host: string;
}

/// What the page is told of whoever asks.
const headers = ['User', 'Email', 'Email-Verified', 'Name', 'Subject', 'Account', 'Groups', 'Departments', 'Administrator'].map(
  (name) => `X-Auth-${name}`,
);
const lines = (write: (header: string, variable: string) => string) =>
  headers.map((header) => write(header, header.slice(2).toLowerCase().replaceAll('-', '_'))).join('\n');

function nginx({scheme, host}: Page, door: URL, question: string): Snippet {
  const forwarded = `    proxy_set_header X-Forwarded-Proto ${scheme};
    proxy_set_header X-Forwarded-Host ${host};
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Original-URL "";
    proxy_ssl_server_name on;
    proxy_buffer_size 16k;
    proxy_buffers 4 16k;`;
  return {
    name: 'nginx',
    where: 'Needs ngx_http_auth_request_module, which the packages of distributions have. At http://127.0.0.1:3000 your page listens.',
    text: `server {
  # listen, ssl_certificate and so on, as you have them.
  server_name ${host.replace(/:\d+$/, '')};

  location / {
    auth_request /.doorward/check;
${lines((_, variable) => `    auth_request_set $${variable} $upstream_http_x_${variable};`)}
    auth_request_set $auth_redirect $upstream_http_x_auth_redirect;
    error_page 401 = @sign_in;

    # These replace whatever the visitor sent under the same names.
${lines((header, variable) => `    proxy_set_header ${header} $${variable};`)}
    # For WebSockets.
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
    proxy_set_header Host $http_host;
    proxy_pass http://127.0.0.1:3000;
  }

  # People go to sign in; scripts, WebSockets and programs get their 401.
  location @sign_in {
    if ($auth_redirect) {
      return 302 $auth_redirect;
    }
    return 401;
  }

  location = /.doorward/check {
    internal;
    proxy_pass ${door.origin}${question};
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Forwarded-Uri $request_uri;
    proxy_set_header X-Forwarded-Method $request_method;
${forwarded}
  }

  location /.doorward/ {
    proxy_pass ${door.origin}/auth/;
    proxy_redirect off;
${forwarded}
  }
}
`,
  };
}

function caddy({scheme, host}: Page, door: URL, question: string): Snippet {
  const upstream = `${door.origin} {
			header_up Host ${door.host}
		}`;
  return {
    name: 'Caddy',
    where: 'Caddyfile, version 2.6 or later. At 127.0.0.1:3000 your page listens.',
    text: `${scheme === 'https' ? host : `${scheme}://${host}`} {
	# What a visitor sends under these names is nobody's word.
	request_header -X-Auth-*
	request_header -X_Auth_*
	request_header -X-Original-URL

	handle_path /.doorward/* {
		rewrite * /auth{uri}
		reverse_proxy ${upstream}
	}
	handle {
		forward_auth ${door.origin} {
			header_up Host ${door.host}
			uri ${question}&sign_in=redirect
			copy_headers ${headers.join(' ')}
		}
		reverse_proxy 127.0.0.1:3000
	}
}
`,
  };
}

function traefik({host}: Page, door: URL, question: string): Snippet {
  const name = host.replace(/:\d+$/, '');
  return {
    name: 'Traefik',
    where: 'Dynamic configuration (a file of the file provider). At http://127.0.0.1:3000 your page listens.',
    text: `http:
  middlewares:
    doorward:
      forwardAuth:
        address: "${door.origin}${question}&sign_in=redirect"
        trustForwardHeader: false
        authResponseHeaders:
${lines((header) => `          - ${header}`)}
    doorward-paths:
      replacePathRegex:
        regex: '^/\\.doorward/(.*)'
        replacement: "/auth/$1"
  routers:
    page:
      rule: "Host(\`${name}\`)"
      middlewares: [doorward]
      service: page
    page-doorward:
      rule: "Host(\`${name}\`) && PathPrefix(\`/.doorward/\`)"
      priority: 1000
      middlewares: [doorward-paths]
      service: doorward
  services:
    page:
      loadBalancer: {servers: [{url: "http://127.0.0.1:3000"}]}
    doorward:
      loadBalancer:
        passHostHeader: false
        servers: [{url: "${door.origin}"}]
`,
  };
}

function envoy({scheme, host}: Page, door: URL): Snippet {
  const port = door.port === '' ? (door.protocol === 'https:' ? '443' : '80') : door.port;
  return {
    name: 'Envoy',
    where: 'The filter stands before the router, the route before that of your page.',
    text: `http_filters:
  - name: envoy.filters.http.ext_authz
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
      failure_mode_allow: false
      http_service:
        server_uri: {uri: "${door.origin}", cluster: doorward, timeout: 2s}
        path_prefix: /auth/check
        authorization_request:
          allowed_headers:
            patterns:
              - {exact: cookie}
              - {exact: accept}
              - {exact: sec-fetch-mode}
              - {exact: upgrade}
              - {exact: x-requested-with}
          headers_to_add:
            - {key: x-forwarded-proto, value: ${scheme}}
            - {key: x-forwarded-host, value: "${host}"}
        authorization_response:
          allowed_upstream_headers: {patterns: [{prefix: x-auth-}]}
          allowed_client_headers: {patterns: [{exact: location}, {exact: x-auth-sign-in}, {exact: www-authenticate}]}

# The first route of the virtual host:
- match: {prefix: /.doorward/}
  route: {cluster: doorward, prefix_rewrite: /auth/, host_rewrite_literal: "${door.host}"}
  request_headers_to_add:
    - header: {key: x-forwarded-proto, value: ${scheme}}
      append_action: OVERWRITE_IF_EXISTS_OR_ADD
    - header: {key: x-forwarded-host, value: "${host}"}
      append_action: OVERWRITE_IF_EXISTS_OR_ADD
  typed_per_filter_config:
    envoy.filters.http.ext_authz:
      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
      disabled: true

# And a cluster “doorward”: ${door.hostname}, port ${port}.
`,
  };
}
