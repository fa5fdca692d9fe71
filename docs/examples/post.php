<?php
// Sends a booking to the hospital's front desk. PHP 8 with curl; on the server, never in the page: it has the key.
//   echo '{"id":"42","relationship":"본인",…}' | BELL_URL=https://bell.example.kr INTAKE_KEY=dbsite… php post.php

const FIELDS = ['relationship', 'name', 'phone', 'reservationdate', 'reservationtime'];
const ATTEMPTS = 5;

/** Gives the reservation; throws when it is refused, or when nobody answered well. $booking['id'] names it for good. */
function ring(array $booking): array
{
    $form = http_build_query(array_intersect_key($booking, array_flip(FIELDS)));
    for ($attempt = 1; ; $attempt++) {
        $asked = 0;
        $curl = curl_init(getenv('BELL_URL') . '/v1/reservations');
        curl_setopt_array($curl, [
            CURLOPT_POSTFIELDS => $form,
            CURLOPT_HTTPHEADER => [
                'Authorization: Bearer ' . getenv('INTAKE_KEY'),
                'Idempotency-Key: booking-' . $booking['id'], // the same at every attempt: it is taken in once
            ],
            CURLOPT_TIMEOUT => 5,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_HEADERFUNCTION => function ($curl, $line) use (&$asked) {
                if (stripos($line, 'Retry-After:') === 0) {
                    $asked = (int) substr($line, 12);
                }
                return strlen($line);
            },
        ]);
        $body = curl_exec($curl);
        $status = $body === false ? 0 : curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($status === 200 || $status === 201) {
            return json_decode($body, true, 16, JSON_THROW_ON_ERROR);
        }
        $fault = $status ?: curl_strerror(curl_errno($curl));
        if ($status >= 400 && $status < 500 && $status !== 408 && $status !== 429) {
            throw new RuntimeException("refused: $fault $body");
        }
        if ($attempt === ATTEMPTS) {
            throw new RuntimeException("given up: $fault");
        }
        $seconds = max($asked, 2 ** ($attempt - 2) * random_int(500, 1000) / 1000);
        fprintf(STDERR, "attempt %d: %s; again in %.1f s\n", $attempt, $fault, $seconds);
        usleep((int) ($seconds * 1_000_000));
    }
}

if (realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    try {
        echo ring(json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR))['id'], "\n";
    } catch (RuntimeException $error) {
        fwrite(STDERR, $error->getMessage() . "\n");
        exit(1);
    }
}
