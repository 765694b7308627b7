//! What letters say.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const SITE: &str = "https://shop.example";

fn draft<'a>(template: &'a str, channel: Channel, data: &'a Value) -> Draft<'a> {
    Draft {
        template,
        channel,
        language: Language::English,
        data,
        site: SITE,
        token: None,
        code: None,
    }
}

#[test]
fn a_letter_to_verify_has_its_link_and_says_how_long_it_is_good_and_why_it_came() {
    let data = json!({"expires_at": "2026-01-09T03:04:05.000Z"});
    let mut draft = draft("verify", Channel::Email, &data);
    draft.token = Some("abc-DEF_1");
    let english = write(&draft);
    assert_eq!(english.subject, "Confirm your address");
    assert_eq!(
        english.link.as_deref(),
        Some("https://shop.example/verify#token=abc-DEF_1")
    );
    assert_eq!(
        english.text,
        "Somebody, you we hope, gave this address to an account at Stoa. Confirm that it is yours:\n\n\
         https://shop.example/verify#token=abc-DEF_1\n\n\
         This works once, until 9 January 2026, 03:04 (UTC).\n\n--\n\n\
         You get this because this address was given to an account at Stoa. If that was not you, do \
         nothing: without your word the address is not used.\n"
    );
    let html = english.html.expect("HTML");
    assert!(html.contains("href=\"https://shop.example/verify#token=abc-DEF_1\""));
    assert!(html.contains("<html lang=\"en\">") && !html.contains("src="));

    draft.language = Language::Vietnamese;
    let vietnamese = write(&draft);
    assert_eq!(vietnamese.subject, "Xác nhận địa chỉ của bạn");
    assert!(vietnamese.text.contains("token=abc-DEF_1"));
    assert!(vietnamese.text.contains("đến 03:04 ngày 09/01/2026 (UTC)."));
}

#[test]
fn a_code_comes_in_one_short_message() {
    let data = json!({"expires_at": "2026-01-09T03:04:05.000Z"});
    let mut draft = draft("verify", Channel::Sms, &data);
    draft.code = Some("012345");
    let written = write(&draft);
    assert_eq!(
        written.text,
        "Stoa: your code is 012345. It is good until 9 January 2026, 03:04 (UTC). Tell it to nobody."
    );
    assert!(written.text.is_ascii() && written.text.len() <= 160);
    assert_eq!((written.link, written.html), (None, None));
}

#[test]
fn a_link_to_reset_leads_elsewhere_than_one_to_verify() {
    let data = json!({});
    for (channel, language) in [
        (Channel::Email, Language::English),
        (Channel::Sms, Language::Vietnamese),
    ] {
        let mut draft = draft("reset", channel, &data);
        draft.language = language;
        draft.token = Some("t");
        let link = "https://shop.example/reset-password#token=t";
        let written = write(&draft);
        assert_eq!(written.link.as_deref(), Some(link));
        assert!(written.text.contains(link), "{}", written.text);
    }
}

#[test]
fn what_happened_to_an_account_is_told_with_what_to_do_about_it() {
    let data = json!({"changed_by": "reset", "at": "2026-01-09T03:04:05.000Z"});
    let written = write(&draft("password_changed", Channel::Email, &data));
    assert!(
        written.text.starts_with(
            "The password of your account at Stoa was changed on 9 January 2026, 03:04 (UTC) by a link \
             that was sent to you.\n\nhttps://shop.example/forgot-password\n\n"
        ),
        "{}",
        written.text
    );
    let data =
        json!({"device": "Firefox <b>\nhttp://evil.example", "at": "2026-01-09T03:04:05.000Z"});
    let written = write(&draft("new_device", Channel::Email, &data));
    let said = "on 9 January 2026, 03:04 (UTC) with Firefox b http/evilexample. It";
    assert!(written.text.contains(said), "{}", written.text);
    assert!(written.html.is_some_and(|html| !html.contains("<b>")));
}

#[test]
fn each_change_of_the_ways_into_an_account_has_a_letter_that_says_what_to_do() {
    let data = json!({"name": "acme", "at": "2026-01-09T03:04:05.000Z"});
    for (template, said) in [
        (
            "identity_linked",
            "linked to acme on 9 January 2026, 03:04 (UTC): whoever",
        ),
        ("api_key_made", "A key for programs, acme…, was made"),
        ("second_factor_on", "switched on"),
        ("second_factor_off", "switched off"),
        (
            "second_factor_taken_away",
            "An administrator took the second factor",
        ),
        (
            "email_changed",
            "took the place of this one in your account at Stoa on 9 January 2026, 03:04 (UTC): nobody",
        ),
        ("phone_changed", "with the e-mail address of the account"),
    ] {
        let mut draft = draft(template, Channel::Email, &data);
        let english = write(&draft);
        assert!(english.text.contains(said), "{}", english.text);
        assert!(english.text.contains("set another password at once"));
        let link = "https://shop.example/forgot-password";
        assert_eq!(english.link.as_deref(), Some(link));
        draft.language = Language::Vietnamese;
        let vietnamese = write(&draft);
        assert!(vietnamese.text.contains("hãy đặt mật khẩu mới ngay"));
        assert_ne!(vietnamese.subject, english.subject);

        draft.language = Language::English;
        draft.channel = Channel::Sms;
        let short = write(&draft);
        assert!(
            short.text.is_ascii() && short.text.len() <= 160,
            "{}",
            short.text
        );
    }
    let nameless = write(&draft("api_key_made", Channel::Email, &json!({})));
    let said = "A key for programs was made for your account at Stoa. Whoever";
    assert!(nameless.text.starts_with(said), "{}", nameless.text);
}

#[test]
fn a_token_stays_in_its_place() {
    let data = json!({});
    let mut draft = draft("verify", Channel::Email, &data);
    draft.token = Some("a&b=\"c\" https://evil.example");
    let written = write(&draft);
    let link = "https://shop.example/verify#token=a%26b%3D%22c%22+https%3A%2F%2Fevil.example";
    assert_eq!(written.link.as_deref(), Some(link));
}

#[test]
fn nothing_of_a_letter_is_printed() {
    let data = json!({});
    let mut draft = draft("verify", Channel::Email, &data);
    draft.token = Some("secret");
    assert_eq!(format!("{:?}", write(&draft)), "Written(…)");
}

proptest! {
    #[test]
    fn whatever_the_data_a_letter_says_something_and_why(
        template in "verify|reset|password_changed|new_device|identity_linked|api_key_made|second_factor_on|[a-z]{0,8}",
        value in ".{0,40}", sms: bool, vietnamese: bool,
    ) {
        let data = json!({"expires_at": value, "at": value, "device": value, "changed_by": value, "name": value});
        let mut draft = draft(&template, if sms { Channel::Sms } else { Channel::Email }, &data);
        draft.language = if vietnamese { Language::Vietnamese } else { Language::English };
        let written = write(&draft);
        prop_assert!(!written.subject.is_empty() && !written.text.is_empty());
        prop_assert!(!written.subject.contains('\n') && !written.subject.contains('\r'));
        prop_assert_eq!(written.html.is_some(), !sms);
    }
}
