use super::*;

#[test]
fn a_destination_is_scheme_host_and_port() {
    assert_eq!(
        destination("https://api.example.com/v1/x?y=z"),
        Ok("https://api.example.com:443".into())
    );
    assert_eq!(
        destination("http://127.0.0.1:8080/"),
        Ok("http://127.0.0.1:8080".into())
    );
    for url in ["", "/path", "ftp://example.com", "example.com", "http://"] {
        assert!(destination(url).is_err(), "{url}");
    }
}

fn answer(status: u16) -> Response {
    Response {
        status,
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{}"),
    }
}

#[test]
fn refusals_are_answers_and_faults_are_not() {
    assert!(judge(answer(200)).is_ok() && judge(answer(402)).is_ok());
    let failure = |status| judge(answer(status)).expect_err("a failure");
    for status in [500, 503] {
        assert!(matches!(failure(status).error, Error::Unknown(_)));
        assert_eq!(failure(status).sign, Sign::Down);
    }
    // Too busy is an answer; only silence and faults say that the other side is down.
    assert!(matches!(failure(429).error, Error::NotDone(_)));
    assert_eq!(failure(429).sign, Sign::Up);
}

#[test]
fn faults_of_this_side_are_nothing_against_the_other() {
    use futures::executor::block_on;

    let destination = "http://ours.test:80";
    for _ in 0..20 {
        block_on(tell(destination, Sign::None));
    }
    let admission = with_breaker(destination, |b| b.admit(unix_now_ms()));
    assert_eq!(admission, Ok(Admission::Go));
    // Nor do they bring back one that is down.
    with_breaker(destination, |b| b.told_to_try(unix_now_ms(), 5_000));
    block_on(tell(destination, Sign::None));
    assert!(with_breaker(destination, |b| b.admit(unix_now_ms())).is_err());
}

#[test]
fn an_answer_that_is_not_understood_may_have_had_an_effect() {
    assert!(matches!(
        answer(200).json::<Vec<u8>>(),
        Err(Error::Unknown(_))
    ));
}

#[test]
fn secrets_are_not_printed() {
    let request = Request::get("https://api.example.com").basic("user", "hunter2");
    assert!(!format!("{request:?}").contains("Basic"));
}
