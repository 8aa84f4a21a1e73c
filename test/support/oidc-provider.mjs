// A real OpenID Connect provider on loopback, with accounts for tests: whoever signs in as NAME is that account. Its own
// process, as a provider is. Arguments: the client as JSON, the accounts' claims by name as JSON. Says its address on stdout.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [client, accounts] = process.argv.slice(2).map((text) => JSON.parse(text));
process.on('disconnect', () => process.exit(0));

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...accounts[id] }) }),
    cookies: { keys: ['only for tests'] },
  });
  server.on('request', provider.callback());
  process.send({ issuer });
});
