//! Vietnamese.

mod access;

use super::{Draft, Words};

/// Why letters about security come.
const SECURITY: &str = "Bạn nhận được thư này vì nó liên quan đến bảo mật của tài khoản có địa chỉ này. Không thể tắt những thư như vậy.";

pub(super) fn words(draft: &Draft<'_>) -> Words {
    let until = draft.moment("expires_at");
    let good = |what: &str| match &until {
        Some(until) => format!("{what} đến {until}."),
        None => format!("{what} trong thời gian ngắn."),
    };
    match draft.template {
        "verify" => verify(draft, good),
        "reset" => Words {
            subject: "Đặt mật khẩu mới".into(),
            before: "Có người, hy vọng là bạn, đã quên mật khẩu tài khoản Stoa của bạn. Hãy đặt mật khẩu mới tại đây:".into(),
            button: "Đặt mật khẩu mới",
            after: good("Liên kết dùng được một lần,"),
            why: "Bạn nhận được thư này vì có yêu cầu đặt mật khẩu mới cho tài khoản có địa chỉ này. Nếu không phải bạn, bạn không cần làm gì: mật khẩu vẫn giữ nguyên.".into(),
            short: format!("Stoa: đặt mật khẩu mới tại đây. {} Nếu không phải bạn yêu cầu, hãy bỏ qua.", good("Dùng một lần,")),
        },
        "password_changed" => {
            let how = match draft.fact("changed_by") {
                Some("reset") => " bằng liên kết đã gửi cho bạn",
                Some("owner") => " bởi người đã đăng nhập và biết mật khẩu cũ",
                _ => "",
            };
            let when = draft.moment("at").map_or_else(String::new, |at| format!(" lúc {at}"));
            Words {
                subject: "Mật khẩu của bạn đã được thay đổi".into(),
                before: format!("Mật khẩu tài khoản Stoa của bạn đã được thay đổi{when}{how}."),
                button: "Không phải tôi",
                after: "Nếu là bạn thì mọi việc đều ổn. Nếu không, hãy đặt mật khẩu mới ngay.".into(),
                why: SECURITY.into(),
                short: "Stoa: mật khẩu của bạn đã được thay đổi. Nếu không phải bạn, hãy đặt mật khẩu mới ngay:".into(),
            }
        }
        "new_device" => {
            let device = draft.device().map_or_else(String::new, |device| format!(" bằng {device}"));
            let when = draft.moment("at").map_or_else(String::new, |at| format!(" lúc {at}"));
            Words {
                subject: "Đăng nhập mới vào tài khoản của bạn".into(),
                before: format!("Có người đã đăng nhập vào tài khoản Stoa của bạn{when}{device}. Tài khoản chưa từng được dùng từ đó."),
                button: "Không phải tôi",
                after: "Nếu là bạn thì mọi việc đều ổn. Nếu không, hãy đặt mật khẩu mới ngay: mọi phiên sẽ kết thúc.".into(),
                why: SECURITY.into(),
                short: format!("Stoa: có đăng nhập mới vào tài khoản của bạn{when}. Nếu không phải bạn, hãy đặt mật khẩu mới ngay:"),
            }
        }
        _ => access::words(draft).unwrap_or_else(other),
    }
}

fn verify(draft: &Draft<'_>, good: impl Fn(&str) -> String) -> Words {
    let short = match draft.code {
        Some(code) => format!(
            "Stoa: mã của bạn là {code}. {} Đừng cho ai biết.",
            good("Mã có hiệu lực")
        ),
        None => format!(
            "Stoa: xác nhận số của bạn tại đây. {}",
            good("Dùng một lần,")
        ),
    };
    Words {
        subject: "Xác nhận địa chỉ của bạn".into(),
        before: "Có người, hy vọng là bạn, đã dùng địa chỉ này cho một tài khoản Stoa. Hãy xác nhận địa chỉ là của bạn:".into(),
        button: "Xác nhận địa chỉ",
        after: good("Liên kết dùng được một lần,"),
        why: "Bạn nhận được thư này vì địa chỉ này đã được dùng cho một tài khoản Stoa. Nếu không phải bạn, bạn không cần làm gì: địa chỉ sẽ không được dùng nếu bạn không xác nhận.".into(),
        short,
    }
}

fn other() -> Words {
    Words {
        subject: "Tin về tài khoản của bạn".into(),
        before: "Có tin mới về tài khoản Stoa của bạn.".into(),
        button: "Xem",
        after: String::new(),
        why: "Bạn nhận được thư này vì một tài khoản Stoa có địa chỉ này.".into(),
        short: "Stoa: có tin mới về tài khoản của bạn.".into(),
    }
}
