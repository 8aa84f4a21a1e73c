#!/usr/bin/env bash
# Keycloak 26.7.3 as an OpenID Connect provider, with a client as its defaults make it:
#   neither the ID token nor the userinfo answer says anything of groups or of realm roles; realm roles stand in the access token alone,
#   which is not the client's to read;
#   once a client has its mapper "Group Membership", as its console makes it, a group arrives as a path: /it-coordinators;
#   a request to end the session with the ID token as id_token_hint asks nobody, and the logout token that follows has the type
#   logout+jwt, both sub and sid, and is good for two minutes.
# Countersign therefore compares the values letter by letter, says once what the provider sent when no role comes of it
# (gateway/sign-in/claims.ts), and believes logout tokens as gateway/sign-in/back-channel.ts says. Fails when that changes.
# Needs Java 17 or 21, Maven, Python 3 and curl.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
for program in java mvn python3 curl; do
  command -v "$program" >/dev/null || { echo "There is no $program."; exit 2; }
done
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dmaven.repo.local="$folder/m2" \
  -Dartifact=org.keycloak:keycloak-quarkus-dist:26.7.3:tar.gz -DoutputDirectory="$folder" || exit 2
tar -xzf keycloak-quarkus-dist-26.7.3.tar.gz
read -r port listener < <(python3 -c '
import socket
ports = [socket.socket() for _ in range(2)]
for each in ports: each.bind(("127.0.0.1", 0))
print(*[each.getsockname()[1] for each in ports])')
export KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD=only-for-this JAVA_OPTS_KC_HEAP='-Xms64m -Xmx512m'
keycloak-26.7.3/bin/kc.sh start-dev --db=dev-mem --cache=local --http-host=127.0.0.1 --http-port="$port" >server.log 2>&1 &
server=$!
cat > ask.py <<'PY'
import base64, http.cookiejar, http.server, json, re, sys, threading, time, urllib.error, urllib.parse, urllib.request

port, listener = sys.argv[1:]
base, app = f'http://127.0.0.1:{port}', f'http://127.0.0.1:{listener}'
told = []

class Listener(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        told.append(self.rfile.read(int(self.headers['content-length'])).decode())
        self.send_response(200)
        self.end_headers()
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass

threading.Thread(target=http.server.HTTPServer(('127.0.0.1', int(listener)), Listener).serve_forever, daemon=True).start()

def part(token, index):
    text = token.split('.')[index]
    return json.loads(base64.urlsafe_b64decode(text + '=' * (-len(text) % 4)))

def post(url, form=None, data=None, headers={}, method='POST'):
    body = urllib.parse.urlencode(form).encode() if form else json.dumps(data).encode() if data is not None else None
    kind = {'content-type': 'application/json'} if data is not None else {}
    answer = urllib.request.urlopen(urllib.request.Request(url, body, {**kind, **headers}, method=method)).read()
    return json.loads(answer) if answer else None

for _ in range(600):
    try:
        urllib.request.urlopen(f'{base}/realms/master')
        break
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.5)
token = post(f'{base}/realms/master/protocol/openid-connect/token', {
    'grant_type': 'password', 'client_id': 'admin-cli', 'username': 'admin', 'password': 'only-for-this'})['access_token']
admin = {'authorization': f'Bearer {token}'}
mapper = {'name': 'groups', 'protocol': 'openid-connect', 'protocolMapper': 'oidc-group-membership-mapper',
          'config': {'claim.name': 'groups', 'full.path': 'true', 'id.token.claim': 'true'}}
def client(name, mappers):
    return {'clientId': name, 'secret': 'x', 'redirectUris': [f'{app}/*'], 'protocolMappers': mappers,
            'attributes': {'backchannel.logout.url': f'{app}/out', 'backchannel.logout.session.required': 'true'}}
post(f'{base}/admin/realms', data={
    'realm': 'it', 'enabled': True, 'groups': [{'name': 'it-coordinators'}], 'roles': {'realm': [{'name': 'director'}]},
    'users': [{'username': 'kim', 'enabled': True, 'email': 'kim@example.com', 'emailVerified': True, 'firstName': 'Kim',
               'lastName': 'O', 'credentials': [{'type': 'password', 'value': 'pw'}], 'groups': ['/it-coordinators'],
               'realmRoles': ['director']}],
    'clients': [client('bare', []), client('mapped', [mapper])]}, headers=admin)

def sign_in(name):
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar(
        policy=http.cookiejar.DefaultCookiePolicy(secure_protocols=('http', 'https')))))
    query = urllib.parse.urlencode({'client_id': name, 'response_type': 'code', 'scope': 'openid profile email',
                                    'redirect_uri': f'{app}/back', 'state': 's', 'nonce': 'n'})
    page = browser.open(f'{base}/realms/it/protocol/openid-connect/auth?{query}').read().decode()
    action = re.search('action="([^"]+)"', page)[1].replace('&amp;', '&')
    back = browser.open(action, urllib.parse.urlencode({'username': 'kim', 'password': 'pw'}).encode()).geturl()
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)['code'][0]
    tokens = post(f'{base}/realms/it/protocol/openid-connect/token', {
        'grant_type': 'authorization_code', 'code': code, 'redirect_uri': f'{app}/back', 'client_id': name, 'client_secret': 'x'})
    return browser, tokens

def held(claims):
    return {name: claims.get(name) for name in ('groups', 'realm_access')}

for name in ('bare', 'mapped'):
    browser, tokens = sign_in(name)
    info = post(f'{base}/realms/it/protocol/openid-connect/userinfo', headers={
        'authorization': f"Bearer {tokens['access_token']}"}, method='GET')
    print(name, 'ID token:', held(part(tokens['id_token'], 1)))
    print(name, 'userinfo:', held(info))
    print(name, 'access token has realm roles:', 'director' in part(tokens['access_token'], 1)['realm_access']['roles'])
query = urllib.parse.urlencode({'id_token_hint': tokens['id_token'], 'post_logout_redirect_uri': f'{app}/out', 'state': 's'})
print('sent back without a question:', browser.open(f'{base}/realms/it/protocol/openid-connect/logout?{query}').geturl() == f'{app}/out?state=s')
logout = urllib.parse.parse_qs(told[0])['logout_token'][0]
claims = part(logout, 1)
print('logout token:', part(logout, 0)['typ'], sorted(set(claims) & {'sub', 'sid', 'nonce', 'jti', 'exp'}), claims['exp'] - claims['iat'])
PY
cat > expected <<'TEXT'
bare ID token: {'groups': None, 'realm_access': None}
bare userinfo: {'groups': None, 'realm_access': None}
bare access token has realm roles: True
mapped ID token: {'groups': ['/it-coordinators'], 'realm_access': None}
mapped userinfo: {'groups': ['/it-coordinators'], 'realm_access': None}
mapped access token has realm roles: True
sent back without a question: True
logout token: logout+jwt ['exp', 'jti', 'sid', 'sub'] 120
TEXT
python3 ask.py "$port" "$listener" | tee found
diff expected found
echo 'As stated above, with Keycloak 26.7.3.'
