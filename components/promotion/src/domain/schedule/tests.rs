use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn schedule(cron: &str, zone: &str, duration_s: u32) -> Schedule {
    Schedule {
        starts_at: utc("2020-01-01T00:00:00Z"),
        ends_at: None,
        recurrence: Some(Recurrence {
            cron: cron.into(),
            zone: zone.into(),
            duration_s,
        }),
    }
}

fn window(schedule: &Schedule, at: &str) -> (String, String) {
    let window = schedule.next_window(utc(at)).expect("a window");
    let text = |t: DateTime<Utc>| t.format("%FT%TZ").to_string();
    (
        text(window.starts_at),
        window.ends_at.map(text).unwrap_or_default(),
    )
}

fn pair(a: &str, b: &str) -> (String, String) {
    (a.into(), b.into())
}

#[test]
fn without_a_recurrence_it_is_on_from_its_start_to_its_end() {
    let schedule = Schedule {
        starts_at: utc("2025-01-01T00:00:00Z"),
        ends_at: Some(utc("2025-02-01T00:00:00Z")),
        recurrence: None,
    };
    for (at, state) in [
        ("2024-12-31T23:59:59Z", State::NotStarted),
        ("2025-01-01T00:00:00Z", State::On),
        ("2025-01-31T23:59:59.999Z", State::On),
        ("2025-02-01T00:00:00Z", State::Ended),
    ] {
        assert_eq!(schedule.state(utc(at)), state, "{at}");
    }
    assert_eq!(
        window(&schedule, "2024-06-01T00:00:00Z"),
        pair("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z")
    );
    assert_eq!(schedule.next_window(utc("2025-02-01T00:00:00Z")), None);
}

#[test]
fn a_happy_hour_is_on_by_the_clocks_of_its_zone() {
    let happy = schedule("0 18 * * FRI", "Asia/Ho_Chi_Minh", 7_200);
    // Friday the 6th of June 2025, seven hours ahead of UTC.
    for (at, state) in [
        ("2025-06-06T10:59:59Z", State::NotNow),
        ("2025-06-06T11:00:00Z", State::On),
        ("2025-06-06T12:59:59.5Z", State::On),
        ("2025-06-06T13:00:00Z", State::NotNow),
        ("2025-06-05T11:30:00Z", State::NotNow),
    ] {
        assert_eq!(happy.state(utc(at)), state, "{at}");
    }
    assert_eq!(
        window(&happy, "2025-06-06T13:00:00Z"),
        pair("2025-06-13T11:00:00Z", "2025-06-13T13:00:00Z")
    );
}

#[test]
fn a_time_that_is_left_out_begins_at_the_change() {
    // Berlin's clocks go from 02:00 to 03:00 at 01:00 UTC.
    let early = schedule("30 2 * * *", "Europe/Berlin", 3_600);
    assert_eq!(
        window(&early, "2025-03-30T00:00:00Z"),
        pair("2025-03-30T01:00:00Z", "2025-03-30T02:00:00Z")
    );
    // What repeats is not made up for: 01:30, then 03:30.
    let hourly = schedule("30 * * * *", "Europe/Berlin", 60);
    assert_eq!(
        window(&hourly, "2025-03-30T00:40:00Z"),
        pair("2025-03-30T01:30:00Z", "2025-03-30T01:31:00Z")
    );
}

#[test]
fn a_time_that_comes_twice_begins_once() {
    // Berlin's clocks go from 03:00 to 02:00 at 01:00 UTC.
    let early = schedule("30 2 * * *", "Europe/Berlin", 3_600);
    assert_eq!(
        early.state(utc("2025-10-26T00:30:00Z")),
        State::On,
        "the first 02:30"
    );
    assert_eq!(
        early.state(utc("2025-10-26T01:45:00Z")),
        State::NotNow,
        "the second 02:45"
    );
    // Also when the window is so short that the first one is long over.
    let short = schedule("30 2 * * *", "Europe/Berlin", 60);
    assert_eq!(short.state(utc("2025-10-26T00:30:10Z")), State::On);
    assert_eq!(short.state(utc("2025-10-26T01:30:10Z")), State::NotNow);
    // What repeats goes on, by hour or by minute.
    let often = schedule("*/30 2 * * *", "Europe/Berlin", 60);
    assert_eq!(often.state(utc("2025-10-26T01:30:10Z")), State::On);
    let hourly = schedule("30 * * * *", "Europe/Berlin", 60);
    assert_eq!(hourly.state(utc("2025-10-26T00:30:10Z")), State::On);
    assert_eq!(hourly.state(utc("2025-10-26T01:30:10Z")), State::On);
}

#[test]
fn a_window_over_a_change_lasts_its_duration() {
    let night = schedule("0 22 * * SAT", "America/New_York", 8 * 3_600);
    // On the 9th of March 2025 an hour is left out, on the 2nd of November one comes twice.
    assert_eq!(
        window(&night, "2025-03-09T04:00:00Z"),
        pair("2025-03-09T03:00:00Z", "2025-03-09T11:00:00Z")
    );
    assert_eq!(
        window(&night, "2025-11-02T04:00:00Z"),
        pair("2025-11-02T02:00:00Z", "2025-11-02T10:00:00Z")
    );
}

#[test]
fn a_day_that_a_zone_left_out_begins_at_its_end() {
    // Samoa had no 30th of December 2011: it went west of the date line.
    let noon = Schedule {
        starts_at: utc("2011-01-01T00:00:00Z"),
        ..schedule("0 12 30 12 *", "Pacific/Apia", 3_600)
    };
    assert_eq!(
        window(&noon, "2011-12-01T00:00:00Z"),
        pair("2011-12-30T10:00:00Z", "2011-12-30T11:00:00Z")
    );
}

#[test]
fn windows_are_cut_at_start_and_end() {
    let cut = Schedule {
        starts_at: utc("2025-06-01T12:30:00Z"),
        ends_at: Some(utc("2025-06-02T12:10:00Z")),
        ..schedule("0 12 * * *", "UTC", 3_600)
    };
    assert_eq!(cut.state(utc("2025-06-01T12:45:00Z")), State::On);
    assert_eq!(
        window(&cut, "2025-01-01T00:00:00Z"),
        pair("2025-06-01T12:30:00Z", "2025-06-01T13:00:00Z")
    );
    assert_eq!(
        window(&cut, "2025-06-01T13:00:00Z"),
        pair("2025-06-02T12:00:00Z", "2025-06-02T12:10:00Z")
    );
    let over = Schedule {
        ends_at: Some(utc("2025-06-02T12:00:00Z")),
        ..cut
    };
    assert_eq!(over.next_window(utc("2025-06-01T13:00:00Z")), None);
}

#[test]
fn a_leap_day_is_found_and_a_day_that_never_comes_is_not() {
    let leap = schedule("0 0 29 2 *", "UTC", 86_400);
    assert_eq!(
        window(&leap, "2024-03-01T00:00:00Z"),
        pair("2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z")
    );
    let never = schedule("0 0 30 2 *", "UTC", 86_400);
    assert_eq!(never.next_window(utc("2024-03-01T00:00:00Z")), None);
    assert_eq!(never.state(utc("2024-03-01T00:00:00Z")), State::NotNow);
}

#[test]
fn the_end_of_calendars_is_survived() {
    for cron in ["* * * * *", "0 0 L * *", "0 0 1W * 5L"] {
        for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let schedule = Schedule {
                starts_at: DateTime::<Utc>::MIN_UTC,
                ..schedule(cron, "Europe/Berlin", 60)
            };
            assert_eq!(schedule.state(at), State::NotNow);
            assert_eq!(schedule.next_window(at), None);
        }
    }
}

#[test]
fn what_cannot_be_read_is_refused_at_its_field() {
    let pointers = |cron: &str, zone: &str, duration: u32| -> Vec<String> {
        schedule(cron, zone, duration)
            .validate()
            .into_iter()
            .map(|e| e.pointer)
            .collect()
    };
    for good in [
        "0 18 * * FRI",
        "*/15 9-17 * JAN-MAR MON-FRI",
        "0 0 L * *",
        "0 0 15W * ?",
        "0 0 * * 5#2",
        "0 0 * * 5L",
        "  5,10   4 1 1 7 ",
    ] {
        assert_eq!(pointers(good, "Europe/Berlin", 60), [""; 0], "{good}");
    }
    for bad in [
        "",
        "0 0 * *",
        "0 0 0 * * *",
        "@daily",
        "60 0 * * *",
        "0 24 * * *",
        "0 0 * 13 *",
        "*/0 * * * *",
        "*/65535 * * * *",
        "0 0 * * 9",
        "0 0 * * é",
        "0 0\0* * *",
        "0 0 30 2 *",
        ", 0 * * *",
        &"0 0 * * 1,".repeat(30),
    ] {
        assert_eq!(pointers(bad, "UTC", 60), ["/recurrence/cron"], "{bad}");
    }
    for zone in ["", "Berlin", "Europe/berlin", "+07:00"] {
        assert_eq!(
            pointers("0 0 * * *", zone, 60),
            ["/recurrence/zone"],
            "{zone}"
        );
    }
    for duration in [0, 59, 2_678_401, u32::MAX] {
        assert_eq!(
            pointers("0 0 * * *", "UTC", duration),
            ["/recurrence/duration_s"]
        );
    }
}

/// What a person does who watches the clock: every minute, see whether it shows a time that is
/// meant, and remember which times it has shown.
fn begins_by_watching(
    cron: &str,
    zone: Tz,
    from: NaiveDateTime,
    minutes: i64,
) -> Vec<NaiveDateTime> {
    let fields: Vec<BTreeSet<u32>> = cron
        .split(' ')
        .zip([0..60, 0..24, 1..32, 1..13, 0..7])
        .map(|(field, all)| match field.split_once('/') {
            Some((_, step)) => all.step_by(step.parse().expect("a step")).collect(),
            None if field == "*" => all.collect(),
            None => field
                .split(',')
                .map(|n| n.parse().expect("a number"))
                .collect(),
        })
        .collect();
    let (any_day, any_weekday) = {
        let mut parts = cron.split(' ').skip(2);
        let day = parts.next() == Some("*");
        (day, parts.nth(1) == Some("*"))
    };
    let meant = |local: NaiveDateTime| {
        let day = fields[2].contains(&local.day());
        let weekday = fields[4].contains(&local.weekday().num_days_from_sunday());
        fields[0].contains(&local.minute())
            && fields[1].contains(&local.hour())
            && fields[3].contains(&local.month())
            && match (any_day, any_weekday) {
                (false, false) => day || weekday,
                _ => day && weekday,
            }
    };
    let fixed = !cron.split(' ').take(2).any(|f| f.starts_with('*'));
    let minute = TimeDelta::minutes(1);
    let mut shown: Option<NaiveDateTime> = None;
    let mut begins = Vec::new();
    for n in 0..minutes {
        let real = from + TimeDelta::minutes(n);
        let local = real + zone.offset_from_utc_datetime(&real).fix();
        if !fixed {
            if meant(local) {
                begins.push(real);
            }
            continue;
        }
        let mut next = shown.map_or(local, |t| t + minute);
        let mut hit = false;
        while next <= local {
            hit |= meant(next);
            next += minute;
        }
        shown = shown.max(Some(local));
        if hit {
            begins.push(real);
        }
    }
    begins
}

fn cron() -> impl Strategy<Value = String> {
    let minute = prop_oneof![
        (0..60_u32).prop_map(|m| m.to_string()),
        Just("0".to_owned()),
        Just("0,30".to_owned()),
        Just("*/20".to_owned()),
        Just("*".to_owned()),
    ];
    let hour = prop_oneof![
        (0..5_u32).prop_map(|h| h.to_string()),
        (0..24_u32).prop_map(|h| h.to_string()),
        Just("1,2,3".to_owned()),
        Just("*/2".to_owned()),
        Just("*".to_owned()),
    ];
    let day = prop_oneof![
        3 => Just("*".to_owned()),
        1 => (1..29_u32).prop_map(|d| d.to_string()),
    ];
    let weekday = prop_oneof![
        2 => Just("*".to_owned()),
        1 => Just("0".to_owned()),
        1 => (0..7_u32).prop_map(|d| d.to_string()),
    ];
    (minute, hour, day, weekday).prop_map(|(m, h, d, w)| format!("{m} {h} {d} * {w}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_is_on_when_watching_the_clock_says_so(
        cron in cron(),
        zone in prop::sample::select(vec![
            "Europe/Berlin", "America/New_York", "Asia/Ho_Chi_Minh", "Australia/Lord_Howe", "UTC",
        ]),
        // The changes of 2025 in these zones, and some day.
        day in prop::sample::select(vec![
            "2025-03-09", "2025-03-30", "2025-04-05", "2025-10-04", "2025-10-26", "2025-11-02",
            "2025-07-01",
        ]),
        duration in prop_oneof![60_u32..600, 600_u32..20_000, 80_000_u32..200_000],
        seconds in 0_i64..60,
    ) {
        let zone_: Tz = zone.parse().expect("a zone");
        let watched_from: NaiveDateTime =
            format!("{day}T00:00:00").parse::<NaiveDateTime>().expect("a time")
            - TimeDelta::days(5);
        let begins = begins_by_watching(&cron, zone_, watched_from, 8 * 1_440);
        let schedule = schedule(&cron, zone, duration);
        let length = TimeDelta::seconds(i64::from(duration));
        // From a day before the change to a day after it.
        for minute in (4 * 1_440..7 * 1_440).step_by(23) {
            let at = watched_from + TimeDelta::minutes(minute) + TimeDelta::seconds(seconds);
            let before = begins.partition_point(|b| *b <= at);
            let open = before.checked_sub(1).map(|n| begins[n]).filter(|b| at < *b + length);
            let expected = if open.is_some() { State::On } else { State::NotNow };
            prop_assert_eq!(schedule.state(at.and_utc()), expected, "{} {} {}", cron, zone, at);
            if let Some(begin) = open.or_else(|| begins.get(before).copied()) {
                let window = schedule.next_window(at.and_utc()).expect("a window");
                prop_assert_eq!(window.starts_at.naive_utc(), begin, "{} {} {}", cron, zone, at);
                prop_assert_eq!(window.ends_at.map(|e| e.naive_utc()), Some(begin + length));
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9*/,#LW?A-Z -]{0,24}") {
        let schedule = schedule(&text, "Europe/Berlin", 60);
        let _ = schedule.state(utc("2025-03-30T01:00:00Z"));
        let _ = schedule.validate();
    }
}
