// A backend on node-easywechat 3 that keeps what it caches in a Redis, as its README shows.
//
// Reads the sandbox's own description, the socket and the database of the Redis as JSON on stdin, and
// prints what it met as JSON. `form` is how its cache writes values: "plain", or "json". It hears a
// ticket, authorizes a merchant, exchanges, refreshes and calls. With "go_on", which names a
// merchant and its refresh token, it works on with whatever lies in the Redis.

const http = require('http');
const Redis = require('ioredis');
const { CacheInterface, OpenPlatform, ServerRequest } = require('node-easywechat');

class RedisCache extends CacheInterface {
    constructor(redis, form) {
        super();
        this.redis = redis;
        this.prefix = 'shop:';
        this.written = form === 'json' ? JSON.stringify : (value) => value;
        this.read = form === 'json' ? JSON.parse : (value) => value;
    }

    async get(id) {
        const found = await this.redis.get(this.prefix + id);
        return found === null ? null : this.read(found);
    }

    async has(id) {
        return (await this.redis.exists(this.prefix + id)) > 0;
    }

    async set(id, data = null, lifetime = 0) {
        const life = lifetime > 0 ? ['EX', lifetime] : [];
        await this.redis.set(this.prefix + id, this.written(data), ...life);
        return true;
    }

    async delete(id) {
        await this.redis.del(this.prefix + id);
        return true;
    }
}

async function hear(app, control) {
    let heard;
    const ticket = new Promise((resolve) => { heard = resolve; });
    const server = http.createServer(async (request, response) => {
        app.setRequest(await ServerRequest.createFromIncomingMessage(request));
        const answer = await app.getServer().serve();
        response.statusCode = answer.getStatusCode();
        response.end(answer.getBody().toString(), heard);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    await control('platform', { events_url: `http://127.0.0.1:${server.address().port}/events` });
    await ticket;
    server.close();
    server.closeAllConnections();
}

async function main() {
    const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));
    const control = async (verb, body) => {
        const post = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
        const answer = await fetch(`${given.control_url}/${verb}`, body ? post : {});
        if (!answer.ok) throw new Error(await answer.text());
        return answer.json();
    };
    const redis = new Redis({ path: given.socket, db: given.database });
    const app = new OpenPlatform({
        app_id: given.component_appid,
        secret: given.component_appsecret,
        token: given.token,
        aes_key: given.encoding_aes_key,
        http: { baseURL: given.url + '/' },
    });
    app.setCache(new RedisCache(redis, given.form));
    const work = async (appid, refreshToken) => {
        const merchant = await app.getOfficialAccountWithRefreshToken(appid, refreshToken);
        const addresses = (await merchant.getClient().get('cgi-bin/getcallbackip')).toObject();
        return {
            ticket: await app.getVerifyTicket().getTicket(),
            component_token: await app.getComponentAccessToken().getToken(),
            appid,
            refresh_token: refreshToken,
            authorizer_token: await merchant.getAccessToken().getToken(),
            addresses: addresses.ip_list,
        };
    };
    let met;
    if (given.go_on) {
        met = await work(given.go_on.appid, given.go_on.refresh_token);
    } else {
        await hear(app, control);
        const code = (await app.createPreAuthorizationCode()).pre_auth_code;
        const [stranger] = await control('accounts?kind=official_account&authorized=false&count=1');
        const link = await app.createPreAuthorizationUrl(given.redirect_uri, code);
        const confirmed = await control('authorize', { appid: stranger.appid, pre_auth_code: code });
        const authorization = await app.getAuthorization(confirmed.auth_code);
        const [appid, refreshToken] = [authorization.getAppId(), authorization.getRefreshToken()];
        met = await work(appid, refreshToken);
        met.exchanged = [stranger.appid, await authorization.getAccessToken().getToken()];
        met.link = link;
        met.refused = await app.getAuthorization(confirmed.auth_code).catch((error) => error.message);
    }
    redis.disconnect();
    process.stdout.write(JSON.stringify(met));
}

main().catch((error) => { console.error(error); process.exit(1); });
