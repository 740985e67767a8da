<?php
// A visitor token, in PHP, with what PHP brings along. Runs as: php visitor_token.php
// With firebase/php-jwt it is one call: JWT::encode($claims, $secret, 'HS256', $kid).

declare(strict_types=1);

function encode(string $data): string
{
    return rtrim(strtr(base64_encode($data), '+/', '-_'), '=');
}

/** A token for a visitor who is logged in; $user['id'] never changes. */
function visitor_token(array $user): string
{
    $now = time();
    $header = ['alg' => 'HS256', 'typ' => 'JWT', 'kid' => getenv('ORIEL_SIGNING_KID')];
    $claims = [
        'aud' => getenv('ORIEL_SITE_KEY'),
        'sub' => $user['id'],
        'name' => $user['name'],
        'email' => $user['email'],
        'iat' => $now,
        'exp' => $now + 300,
    ];
    $signed = encode(json_encode($header, JSON_THROW_ON_ERROR)) . '.' . encode(json_encode($claims, JSON_THROW_ON_ERROR));
    return $signed . '.' . encode(hash_hmac('sha256', $signed, getenv('ORIEL_SIGNING_SECRET'), true));
}

echo visitor_token(['id' => 'user-42', 'name' => 'Ann Miller', 'email' => 'ann@example.com']), "\n";
