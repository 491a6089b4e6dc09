// npm's oidc-provider as it comes, with an API behind it that counts: started by `running.py`, which reads the one line it prints.
import { createServer } from 'node:http';
import { once } from 'node:events';

import * as jose from 'jose';
import { Provider, errors } from 'oidc-provider';

const options = { life: 600, interval: 1, device_life: 600, ...JSON.parse(process.argv[2] ?? '{}') };
const USERS = { ada: 'lovelace', grace: 'hopper' };
const SCOPE = 'openid profile offline_access people';

process.stdin.resume().on('end', () => process.exit()); // whoever started this is gone

const server = createServer();
await once(server.listen(0, '127.0.0.1'), 'listening');
const url = `http://127.0.0.1:${server.address().port}`;

// --- what the test may see and turn -----------------------------------------------------------------

let counts = {};
const count = (name) => { counts[name] = (counts[name] ?? 0) + 1; };
const issued = new Set(); // ids of access tokens
const expired = new Set();
let hold; // 'before' the server acts on a token request, or 'after'
let release;
let released;

const admin = {
  'GET /_/counts': () => counts,
  'POST /_/reset': () => { counts = {}; },
  'POST /_/expire': () => issued.forEach((id) => expired.add(id)),
  'POST /_/end': () => grants.forEach((id) => endGrant(id)),
  'POST /_/life': (query) => { options.life = Number(query.seconds); },
  'POST /_/hold': (query) => { hold = query.when; released = new Promise((resolve) => { release = resolve; }); },
  'POST /_/release': () => release?.(),
};

// --- the provider -------------------------------------------------------------------------------------

const newKey = async (alg) => {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const named = async (key) => ({ ...(await jose.exportJWK(key)), alg, use: 'sig', kid: alg });
  return { open: await named(publicKey), whole: await named(privateKey), pem: await jose.exportPKCS8(privateKey) };
};
const providerKey = await newKey('RS256');
const clientKey = await newKey('ES256');

const grantTypes = [
  'authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code', 'client_credentials', 'password',
];
const client = (client_id, token_endpoint_auth_method, more) => ({
  client_id,
  token_endpoint_auth_method,
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/callback', 'http://127.0.0.1/'], // any port, RFC 8252 section 7.3
  response_types: ['code'],
  grant_types: grantTypes.filter((each) => token_endpoint_auth_method !== 'none' || each !== 'client_credentials'),
  scope: SCOPE,
  ...more,
});
const clients = [
  client('public', 'none'),
  client('public-jwt', 'none'),
  // A colon, a space, a percent sign: sent form-encoded inside Basic, RFC 6749 section 2.3.1
  client('basic', 'client_secret_basic', { client_secret: 'a secret: 100 % & more+' }),
  client('post', 'client_secret_post', { client_secret: 'another secret: 50 % & less+' }),
  client('key-jwt', 'private_key_jwt', { jwks: { keys: [clientKey.open] }, token_endpoint_auth_signing_alg: 'ES256' }),
];

const api = ({ clientId }) => ({
  scope: 'people',
  audience: `${url}/people`,
  accessTokenTTL: options.life,
  ...(clientId.endsWith('jwt') ? { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } } : { accessTokenFormat: 'opaque' }),
});

const provider = new Provider(url, {
  clients,
  jwks: { keys: [providerKey.whole] },
  cookies: { keys: ['of no secret'] },
  scopes: SCOPE.split(' '),
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  issueRefreshToken: (_, { grantTypeAllowed }, source) => source.kind !== 'ClientCredentials',
  rotateRefreshToken: true, // a used one ends the whole grant
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => `${url}/people`,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource, client) => api(client),
    },
  },
  ttl: {
    AccessToken: () => options.life,
    ClientCredentials: () => options.life,
    DeviceCode: () => options.device_life,
    Grant: 3600, Interaction: 600, Session: 3600, IdToken: 600, RefreshToken: 3600, AuthorizationCode: 60,
  },
});

const grants = new Set();
const endGrant = (id) => Promise.all([provider.AccessToken, provider.RefreshToken].map((each) => each.revokeByGrantId(id)));
for (const kind of ['access_token', 'client_credentials']) {
  for (const what of ['saved', 'issued']) provider.on(`${kind}.${what}`, (token) => issued.add(token.jti));
}
provider.on('grant.saved', (grant) => grants.add(grant.jti));
provider.on('server_error', (_, error) => console.error(error));
provider.on('grant.revoked', (ctx) => { if (ctx.path === '/token') count('reuse'); });

// The password grant, which the provider leaves to whoever still wants it.
provider.registerGrantType('password', async (ctx) => {
  const { params: { username, password, scope = SCOPE }, client } = ctx.oidc;
  if (!Object.hasOwn(USERS, username) || USERS[username] !== password) throw new errors.InvalidGrant('wrong name or password');
  const resource = `${url}/people`;
  const grant = new provider.Grant({ accountId: username, clientId: client.clientId });
  grant.addOIDCScope(scope);
  grant.addResourceScope(resource, 'people');
  const common = { client, accountId: username, grantId: await grant.save(), gty: 'password', scope };
  const access = new provider.AccessToken(common);
  access.resourceServer = new provider.ResourceServer(resource, api(client));
  access.scope = 'people';
  ctx.body = {
    access_token: await access.save(),
    expires_in: access.expiration,
    refresh_token: await new provider.RefreshToken({ ...common, resource }).save(),
    scope,
    token_type: 'Bearer',
  };
}, ['username', 'password', 'scope', 'resource'], ['resource']);

// --- the API -------------------------------------------------------------------------------------------

const ownKeys = jose.createLocalJWKSet({ keys: [providerKey.open] });

const holder = async (authorization = '') => {
  const [scheme, value] = authorization.split(' ');
  if (scheme !== 'Bearer' || !value) return undefined;
  if (value.split('.').length === 3) {
    const { payload } = await jose.jwtVerify(value, ownKeys, { issuer: url, audience: `${url}/people` }).catch(() => ({}));
    return payload && { id: payload.jti, name: payload.sub };
  }
  const token = await provider.AccessToken.find(value) ?? await provider.ClientCredentials.find(value);
  return token && { id: token.jti, name: token.accountId ?? token.clientId };
};

const people = async (ctx) => {
  count('api');
  const found = await holder(ctx.get('Authorization'));
  if (ctx.query.delay) await new Promise((resolve) => { setTimeout(resolve, 1000 * ctx.query.delay); });
  if (!found || expired.has(found.id)) {
    count('unauthorized');
    ctx.status = 401;
    ctx.set('WWW-Authenticate', 'Bearer error="invalid_token"');
    ctx.body = { error: 'invalid_token' };
  } else {
    ctx.body = { for: found.name, people: ['Ada', 'Grace'] };
  }
};

const KINDS = { refresh_token: 'refresh', password: 'login', authorization_code: 'login', client_credentials: 'service' };

const tokenEndpoint = async (ctx, next) => {
  const held = hold;
  hold = undefined;
  if (held) count('held');
  if (held === 'before') {
    await released;
    ctx.respond = false;
    ctx.req.socket.destroy();
    return;
  }
  await next();
  const grantType = ctx.oidc?.params?.grant_type;
  if (grantType?.endsWith(':device_code')) count(ctx.status === 200 ? 'login' : 'poll');
  else count(KINDS[grantType] ?? 'token');
  if (held === 'after') await released;
};

provider.use(async (ctx, next) => {
  const place = `${ctx.method} ${ctx.path}`;
  if (place in admin) {
    ctx.body = await admin[place](ctx.query) ?? {};
  } else if (ctx.path === '/people') {
    await people(ctx);
  } else if (place === 'POST /token') {
    await tokenEndpoint(ctx, next);
  } else {
    await next();
    if (place === 'POST /token/revocation') count('revoke');
    if (place === 'POST /device/auth' && ctx.status === 200) {
      count('device');
      ctx.body.interval = options.interval; // the provider leaves it out, which stands for 5 s (RFC 8628 section 3.2)
    }
  }
});

server.on('request', provider.callback());
const secrets = Object.fromEntries(clients.map((each) => [each.client_id, each.client_secret ?? null]));
console.log(JSON.stringify({ url, secrets: { ...secrets, 'key-jwt': clientKey.pem } }));
