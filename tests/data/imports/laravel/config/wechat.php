<?php

use Illuminate\Support\Str;

return [
    // 路由
    'route' => [
        'enabled' => false,
        'open_platform' => [
            'uri' => 'serve',
            'attributes' => ['prefix' => 'open-platform', 'middleware' => null],
        ],
    ],

    'defaults' => [
        'use_laravel_cache' => true,
        'log' => [
            'level' => env('WECHAT_LOG_LEVEL', 'debug'),
            'file' => env('WECHAT_LOG_FILE', storage_path('logs/wechat.log')),
        ],
        'http' => ['timeout' => 5.0, 'name' => Str::slug(env('APP_NAME', 'laravel'), '_') . '_http'],
    ],

    'official_account' => [
        'default' => [
            'app_id' => env('WECHAT_OFFICIAL_ACCOUNT_APPID', 'your-app-id'), // AppID
            'secret' => env('WECHAT_OFFICIAL_ACCOUNT_SECRET', 'your-app-secret'),
            'token' => env('WECHAT_OFFICIAL_ACCOUNT_TOKEN', 'your-token'),
            'aes_key' => env('WECHAT_OFFICIAL_ACCOUNT_AES_KEY', ''),
            'oauth' => [
                'scopes' => array_map('trim', explode(',', env('WECHAT_OAUTH_SCOPES', 'snsapi_userinfo'))),
            ],
        ],
    ],

    /* 开放平台第三方平台 */
    'open_platform' => [
        'default' => [
            'app_id' => env('WECHAT_OPEN_PLATFORM_APPID', ''),
            'secret' => env('WECHAT_OPEN_PLATFORM_SECRET', ''),
            'token' => env('WECHAT_OPEN_PLATFORM_TOKEN', ''),
            'aes_key' => env('WECHAT_OPEN_PLATFORM_AES_KEY', ''),
        ],
    ],

    // 'payment' => [
    //     'app_id' => env('WECHAT_PAYMENT_APPID', ''),
    // ],
];
