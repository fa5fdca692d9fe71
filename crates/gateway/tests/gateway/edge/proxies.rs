use deskbell_protocol::http::Paired;

use super::*;

/// Guesses a pairing code as 127.0.0.`n`, and says `headers`.
async fn guess(n: u8, house: &House, headers: &[(&str, &str)]) -> u16 {
    let request = client(n).post(format!("http://{}/v1/desks", house.address));
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = request.json(&json!({ "code": "0000-0000" })).send().await;
    answer.unwrap().status().as_u16()
}

#[tokio::test]
async fn each_client_of_a_trusted_proxy_has_limits_of_its_own() {
    let house = house(Limits::default(), "127.0.0.2").await;
    for _ in 0..10 {
        assert_eq!(guess(2, &house, &[("x-forwarded-for", "203.0.113.7")]).await, 422);
    }
    let forged = "203.0.113.99, 203.0.113.7";
    assert_eq!(guess(2, &house, &[("x-forwarded-for", forged)]).await, 429);
    assert_eq!(guess(2, &house, &[("x-forwarded-for", "203.0.113.8")]).await, 422);
    house.stop().await;
}

#[tokio::test]
async fn a_stranger_who_says_to_be_a_proxy_is_not_believed() {
    let house = house(Limits::default(), "127.0.0.2").await;
    for n in 0..10 {
        let forged = format!("203.0.113.{n}");
        assert_eq!(guess(3, &house, &[("x-forwarded-for", &forged)]).await, 422);
    }
    assert_eq!(
        guess(3, &house, &[("x-forwarded-for", "203.0.113.10")]).await,
        429
    );
    let url = format!("http://{}/healthz", house.address);
    let answer = client(3)
        .get(url)
        .header("x-forwarded-proto", "https")
        .send()
        .await
        .unwrap();
    assert!(!answer.headers().contains_key("strict-transport-security"));
    house.stop().await;
}

#[tokio::test]
async fn a_proxy_that_speaks_tls_says_so() {
    let house = house(Limits::default(), "127.0.0.2").await;
    let code = house.offer().await.to_string();
    let request = client(2)
        .post(format!("http://{}/v1/desks", house.address))
        .header("host", "bell.hospital.example")
        .header("x-forwarded-proto", "https")
        .json(&json!({ "code": code }));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    let paired: Paired = answer.json().await.unwrap();
    assert_eq!(paired.servers[0].as_str(), "https://bell.hospital.example/");
    house.stop().await;
}

#[tokio::test]
async fn a_proxy_has_as_many_connections_as_it_needs() {
    let limits = Limits {
        connections_per_address: 1,
        ..Limits::default()
    };
    let house = house(limits, "127.0.0.2").await;
    let _held = [connect(2, &house.address).await, connect(2, &house.address).await];
    let url = format!("http://{}/healthz", house.address);
    assert_eq!(client(2).get(url).send().await.unwrap().status(), 200);
    house.stop().await;
}
