<?php
// What EasyWeChat writes through: Symfony's RedisAdapter behind its Psr16Cache, with PHP's own
// serialization or igbinary. Its names of keys, values and lifetimes are those of EasyWeChat's source.
//
// Reads JSON on stdin: where the Redis is, which version's keys (4 writes as 5), and the platform with
// what is to be written. With "read" nothing is written. What the cache then holds is printed as JSON.

use Symfony\Component\Cache\Adapter\RedisAdapter;
use Symfony\Component\Cache\Marshaller\DefaultMarshaller;
use Symfony\Component\Cache\Psr16Cache;

require 'Psr/SimpleCache/autoload.php';
require 'Symfony/Component/Cache/autoload.php';

$given = json_decode(stream_get_contents(STDIN), true);
$redis = new Redis();
$redis->connect($given['socket']);
$redis->select($given['database']);
$marshaller = new DefaultMarshaller($given['igbinary']);
$cache = new Psr16Cache(new RedisAdapter($redis, 'easywechat', 0, $marshaller));
$c = $given['component_appid'];
$a = $given['appid'];
$refresh = $given['refresh_token'];

if ($given['version'] === 6) {
    $all = [
        'ticket' => ["open_platform.verify_ticket.$c", $given['ticket'], 6000],
        'component_token' => ["open_platform.component_access_token.$c", $given['component_token'], 7200 - 100],
        'authorizer_token' => [
            sprintf('open-platform.authorizer_access_token.%s.%s', $a, md5($refresh)),
            $given['authorizer_token'],
            7200 - 500,
        ],
    ];
} else {
    $name = fn (array $credentials) => 'easywechat.kernel.access_token.'.md5(json_encode($credentials));
    $all = [
        'ticket' => ["easywechat.open_platform.verify_ticket.$c", $given['ticket'], 3600],
        'component_token' => [
            $name([
                'component_appid' => $c,
                'component_appsecret' => $given['component_appsecret'],
                'component_verify_ticket' => $given['ticket'],
            ]),
            ['component_access_token' => $given['component_token'], 'expires_in' => 7200],
            7200,
        ],
        'authorizer_token' => [
            $name([
                'component_appid' => $c,
                'authorizer_appid' => $a,
                'authorizer_refresh_token' => $refresh,
            ]),
            ['authorizer_access_token' => $given['authorizer_token'], 'expires_in' => 7200],
            7200,
        ],
    ];
}
$held = [];
foreach ($all as $what => [$key, $value, $lifetime]) {
    if (!($given['read'] ?? false) && !$cache->set($key, $value, $lifetime)) {
        throw new RuntimeException("$key is not written");
    }
    $found = $cache->get($key);
    $held[$what] = is_array($found) ? $found[array_key_first($found)] : $found;
}
echo json_encode($held);
