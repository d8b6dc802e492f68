<?php
# Two platforms of one house, as ThinkPHP projects keep them.
return array(
    'official_account' => array('app_id' => 'wx1111111111111111', 'secret' => '11111111111111111111111111111111'),
    'open_platform' => array(
        'default' => array(
            'app_id'  => 'wxa1a2a3a4a5a6a7a8',
            'secret'  => 'a0a1a2a3a4a5a6a7a8a9b0b1b2b3b4b5',
            'token'   => 'firstToken',
            'aes_key' => 'FirstKeyFirstKeyFirstKeyFirstKeyFirstKey012',
        ),
        'stage' => array(
            'app_id'  => 'wxb1b2b3b4b5b6b7b8',
            'secret'  => getenv('STAGE_SECRET') ?: 'b0b1b2b3b4b5b6b7b8b9c0c1c2c3c4c5',
            'token'   => $_ENV['STAGE_TOKEN'] ?? 'secondToken',
            'aes_key' => 'SecondKeySecondKeySecondKeySecondKeySecond0',
        ),
    ),
);
